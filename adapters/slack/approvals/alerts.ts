/** Posts alerts for the team to Slack. */

import { familiesOf } from "#core/values/alert.ts";
import { digest } from "#core/values/canonical-json.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";
import type { Pacing } from "#slack/api/rate-limit.ts";
import type { Posted, Posting, Post } from "#slack/api/post-once.ts";
import type { AlertArguments, PostedMessage } from "#slack/api/schema.ts";
import { renderAlert } from "./alert-blocks.ts";
import { nameOf, postOrProblem } from "#slack/api/channel-problems.ts";
import type { Workspace } from "#slack/api/workspace.ts";

/**
 * Posts alerts in their channel. An alert related to another, by its conversation or its kind, goes into the thread of
 * the first within a quarter of an hour, so that forty dead letters are one message with forty in its thread. The first
 * alert mentions people; the thread mentions only those not yet mentioned.
 *
 * The block id of every alert holds its own marker and its families, so a process that starts after a crash reads them
 * in the channel. An alert that was never sent needs no search, and joins what was read or posted in the last seconds:
 * two processes that begin a family within them create it twice.
 */

const TOGETHER_MS = 15 * 60_000;
const WAIT_MS_MAX = 10_000;
/** What the channel showed this long ago is current enough to join an alert to its family. */
const CURRENT_MS = 10_000;

interface AlertParts {
  readonly pacing: Pacing;
  readonly posting: Posting;
  readonly workspace: Workspace;
  /** The channel's id. */
  readonly channel: string;
  /** The person told directly when the channel takes nothing, by address or id. */
  readonly fallbackLead: () => string;
  readonly clock: Clock;
  readonly log: Log;
}

/** What an alert says: text, whom to mention by the policy's names for them, and the case or list shown with it. */
type Alert = AlertArguments & { readonly key: string };

export interface Alerts {
  /** Posts the alert unless it is already there, which one that was surely never sent (`isFirst`) cannot be. */
  post(alert: Alert, isFirst?: () => boolean): Promise<Posted>;
  find(key: string): Promise<{ readonly posted: Posted | null; readonly complete: boolean }>;
}

export function slackAlerts(parts: AlertParts): Alerts {
  const last: { posted: Promise<unknown> } = { posted: Promise.resolve() };
  const shown: Shown = { messages: [], readAt: Number.NEGATIVE_INFINITY };
  return {
    find: async (key) => (await lookUp(parts, key)).found,
    async post(alert, isFirst) {
      const tried = await postOrProblem(parts.workspace, parts.channel, () =>
        // An alert whose turn is far away is retried later instead of queueing here.
        parts.pacing.message({ channel: parts.channel, marker: alert.key }, WAIT_MS_MAX, () => {
          // One after another: the second alert of a family has to see the first.
          const posted = last.posted.then(() => postAlert(parts, alert, { shown, isFirst }));
          last.posted = posted.catch(() => undefined);
          return posted;
        }),
      );
      return "posted" in tried ? tried.posted : sendDirectly(parts, alert, tried.why);
    },
  };
}

/**
 * An alert the channel does not take, or that another company could read, goes to its recipients and to the fallback
 * lead, each by direct message. Throws `channel.refused` when none of them is in Slack.
 */
async function sendDirectly(parts: AlertParts, alert: Alert, why: string): Promise<Posted> {
  const { workspace, posting } = parts;
  const ids = await idsOf(parts, [...alert.people, parts.fallbackLead()]);
  const text = `${await nameOf(workspace, parts.channel)} takes no alerts: ${why}. ${alert.text}`;
  const told: Posted[] = [];
  for (const id of ids) {
    const channel = await workspace.directChannel(id);
    told.push(
      await posting.once({
        ...renderAlert({ ...alert, text }, "", markerOf(alert.key)),
        channel,
        thread: null,
      }),
    );
  }
  const [first] = told;
  if (first === undefined) throw new DeskhandError("channel.refused", `alerts: ${why}`);
  return first;
}

/** What the channel showed when it was last read, with what was posted since. */
interface Shown {
  messages: readonly PostedMessage[];
  readAt: number;
}

async function postAlert(
  parts: AlertParts,
  alert: Alert,
  { shown, isFirst }: { readonly shown: Shown; readonly isFirst: (() => boolean) | undefined },
): Promise<Posted> {
  if (isFirst?.() !== true || performance.now() - shown.readAt > CURRENT_MS) {
    const { found, messages } = await lookUp(parts, alert.key);
    Object.assign(shown, { messages, readAt: performance.now() });
    if (found.posted !== null) return found.posted;
  }
  const since = parts.clock.now().getTime() - TOGETHER_MS;
  const heads = headsIn(shown.messages, alert.key);
  const post = await postOf(
    parts,
    alert,
    heads.find(({ ts }) => Number(ts) * 1_000 >= since) ?? null,
  );
  const posted = await parts.posting.unseen(post);
  const { text, marker, thread } = post;
  if (thread === null)
    shown.messages = [...shown.messages, { ts: posted.ts, text, blocks: [{ block_id: marker }] }];
  return posted;
}

/** The first alerts of the families of this one, nearest first. */
function headsIn(messages: readonly PostedMessage[], key: string): readonly PostedMessage[] {
  return familiesOf(key).flatMap((family) =>
    messages.filter((message) => familiesIn(message).includes(family)).toReversed(),
  );
}

/** Finds an alert in the channel or in a thread of its families, and gives what the channel shows. */
async function lookUp({ posting, channel }: AlertParts, key: string) {
  const marker = markerOf(key);
  const { messages, complete } = await posting.read({ channel, thread: null });
  const heads = headsIn(messages, key);
  const at = (places: readonly PostedMessage[]): Posted | null => {
    const found = places.find((message) => blockIds(message).includes(marker));
    return found === undefined ? null : { channel, ts: found.ts };
  };
  const posted = at(messages);
  if (posted !== null) return { found: { posted, complete }, messages };
  let allRead = complete;
  for (const thread of new Set(heads.map(({ ts }) => ts))) {
    const beneath = await posting.read({ channel, thread });
    const found = at(beneath.messages);
    if (found !== null) return { found: { posted: found, complete: true }, messages };
    allRead &&= beneath.complete;
  }
  return { found: { posted: null, complete: allRead }, messages };
}

/** The text literally, and above it mentions of its recipients. */
async function postOf(parts: AlertParts, alert: Alert, head: PostedMessage | null): Promise<Post> {
  const wanted = await mentionsOf(parts, alert.people);
  const mentions = wanted.filter((mention) => head?.text?.includes(mention) !== true);
  const to = mentions.length === 0 ? "" : `${mentions.join(" ")} `;
  return {
    ...renderAlert(alert, to, markerOf(alert.key)),
    channel: parts.channel,
    thread: head?.ts ?? null,
  };
}

async function mentionsOf(
  parts: AlertParts,
  people: readonly string[],
): Promise<readonly string[]> {
  return (await idsOf(parts, people)).map((id) => `<@${id}>`);
}

/** Slack ids of the people, without duplicates. */
async function idsOf(
  { workspace, log }: AlertParts,
  people: readonly string[],
): Promise<readonly string[]> {
  const ids = new Set<string>();
  for (const name of people) {
    // A policy names people by address or by their Slack id.
    const user = name.includes("@")
      ? await workspace.userByEmail(name)
      : await workspace.user(name, "patient");
    if (user === null) log.warn("a person to be told is not in Slack");
    else ids.add(user.id);
  }
  return [...ids];
}

const MARKER = /^dh:[0-9a-f]{40}(?::[0-9a-f]+)*$/;

/** The alert's own marker, followed by its families. */
function markerOf(key: string): string {
  return ["dh", digest(key).slice(0, 40), ...familiesOf(key)].join(":");
}

function blockIds({ blocks }: PostedMessage): readonly string[] {
  return (blocks ?? []).flatMap(({ block_id }) => block_id ?? []);
}

function familiesIn(message: PostedMessage): readonly string[] {
  return blockIds(message).flatMap((id) => (MARKER.test(id) ? id.split(":").slice(2) : []));
}
