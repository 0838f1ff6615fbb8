/**
 * Posts alerts for the team to Slack: what happened, to whom, in their words, what they were told, and where to go
 * on; and the buttons about a case that has no card, on alerts and lists.
 */
import type { types } from "@slack/bolt";
import { type AlertedCase, type AlertedJunk, alertFamilies } from "#core/values/alert.ts";
import { digest } from "#core/values/canonical-json.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { DAY_MS } from "#core/values/moment.ts";
import { oneLine } from "#core/values/words.ts";
import {
  type Posted,
  type Post,
  channelName,
  postOrProblem,
  type SlackRoom,
} from "#slack/api/post-once.ts";
import type { AlertArguments, PostedMessage, MessageBlock } from "#slack/api/schema.ts";
import {
  clip,
  escapeMarkup,
  literal,
  SECTION_MAX,
  visible,
  bold,
  linkButton,
  note,
  section,
  webLink,
  button,
} from "#slack/api/text.ts";
import type { DeskAnswer } from "#core/contracts/approval-desk.ts";
import { Done } from "#slack/api/web-api.ts";
import { ACTION_PREFIX, buttonValue, type Decided } from "./parse-interaction.ts";

type Block = types.KnownBlock;

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

/** An alert is given up after a day, so that it is no older: a busy channel could not be read back whole. */
const LOOKED_AT_MS = 2 * DAY_MS;

/** What an alert says: text, whom to mention by the policy's names for them, and the case or list shown with it. */
type Alert = AlertArguments & { readonly key: string };

export type Alerts = ReturnType<typeof slackAlerts>;

export function slackAlerts(parts: SlackRoom) {
  const last: { posted: Promise<unknown> } = { posted: Promise.resolve() };
  const shown: Shown = { messages: [], readAt: Number.NEGATIVE_INFINITY };
  return {
    find: async (key: string) => (await lookUp(parts, key)).found,
    /** Posts the alert unless it is already there, which one that was surely never sent (`isFirst`) cannot be. */
    async post(alert: Alert, isFirst?: () => boolean): Promise<Posted> {
      const tried = await postOrProblem(parts.workspace, parts.roles.alerts, () =>
        // An alert whose turn is far away is retried later instead of queueing here.
        parts.posting.message(
          { channel: parts.roles.alerts, marker: alert.key },
          WAIT_MS_MAX,
          () => {
            // One after another: the second alert of a family has to see the first.
            const posted = last.posted.then(() => postAlert(parts, alert, { shown, isFirst }));
            last.posted = posted.catch(() => undefined);
            return posted;
          },
        ),
      );
      return "posted" in tried ? tried.posted : sendDirectly(parts, alert, tried.why);
    },
  };
}

/**
 * An alert the channel does not take, or that another company could read, goes to its recipients and to the fallback
 * lead, each by direct message. Throws `channel.refused` when none of them is in Slack.
 */
async function sendDirectly(parts: SlackRoom, alert: Alert, why: string): Promise<Posted> {
  const { workspace, posting } = parts;
  const ids = await mentionedUserIds(parts, [...alert.people, parts.fallbackLead()]);
  const text = `${await channelName(workspace, parts.roles.alerts)} takes no alerts: ${why}. ${alert.text}`;
  const told: Posted[] = [];
  for (const id of ids) {
    const channel = await workspace.directChannel(id);
    told.push(
      await posting.once({
        ...renderAlert({ ...alert, text }, "", alertMarker(alert.key)),
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
  parts: SlackRoom,
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
  const post = await alertPost(
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
  return alertFamilies(key).flatMap((family) =>
    messages.filter((message) => familiesIn(message).includes(family)).toReversed(),
  );
}

/** Finds an alert in the channel or in a thread of its families, and gives what the channel shows. */
async function lookUp({ posting, roles: { alerts: channel }, clock }: SlackRoom, key: string) {
  const marker = alertMarker(key);
  const oldest = String((clock.now().getTime() - LOOKED_AT_MS) / 1_000);
  const { messages, complete } = await posting.read({ channel, thread: null, oldest });
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
async function alertPost(
  parts: SlackRoom,
  alert: Alert,
  head: PostedMessage | null,
): Promise<Post> {
  const wanted = (await mentionedUserIds(parts, alert.people)).map((id) => `<@${id}>`);
  const mentions = wanted.filter((mention) => head?.text?.includes(mention) !== true);
  const to = mentions.length === 0 ? "" : `${mentions.join(" ")} `;
  return {
    ...renderAlert(alert, to, alertMarker(alert.key)),
    channel: parts.roles.alerts,
    thread: head?.ts ?? null,
  };
}

/** Slack ids of the people, without duplicates. */
async function mentionedUserIds(
  { workspace, log }: SlackRoom,
  people: readonly string[],
): Promise<readonly string[]> {
  const ids = new Set<string>();
  for (const name of people) {
    const user = await workspace.named(name);
    if (user === null) log.warn("a person to be told is not in Slack");
    else ids.add(user.id);
  }
  return [...ids];
}

const MARKER = /^dh:[0-9a-f]{40}(?::[0-9a-f]+)*$/;

/** The alert's own marker, followed by its families. */
function alertMarker(key: string): string {
  return ["dh", digest(key).slice(0, 40), ...alertFamilies(key)].join(":");
}

function blockIds({ blocks }: PostedMessage): readonly string[] {
  return (blocks ?? []).flatMap(({ block_id }) => block_id ?? []);
}

function familiesIn(message: PostedMessage): readonly string[] {
  return blockIds(message).flatMap((id) => (MARKER.test(id) ? id.split(":").slice(2) : []));
}

const NOTIFICATION_MAX = 300;
const LINE_MAX = 600;

/** A link at the end of our own text, which a button shows instead. */
const LAST_LINK = /(?:^|(?<!\s)\s+)(?<url>https?:\/\/\S+)$/;

/**
 * The alert as a message. The notification holds our own text alone, so a locked phone shows no customer's name; every
 * word of the customer is shown literally. `to` is the mentions, as markup of our own.
 */
function renderAlert(
  alert: AlertArguments,
  to: string,
  marker: string,
): Pick<Post, "marker" | "text" | "blocks"> {
  const { text, case: about, junk } = alert;
  const mentions: readonly Block[] =
    to === "" ? [] : [{ type: "section", text: { type: "mrkdwn", text: to.trim() } }];
  return {
    marker,
    text: `${to}${escapeMarkup(clip(text, NOTIFICATION_MAX))}`,
    blocks: [
      ...mentions,
      ...(about === undefined
        ? [{ type: "section" as const, block_id: marker, text: literal(text, SECTION_MAX) }]
        : caseBlocks(about, text, marker)),
      ...(junk === undefined ? [] : junkBlocks(junk)),
    ],
  };
}

/** Who and about what first, then why the team is told, the customer's words, and what they know. */
function caseBlocks(about: AlertedCase, text: string, marker: string): readonly Block[] {
  const words = text.replace(LAST_LINK, "");
  const who = caseTitle(about.name, about.subject);
  return [
    { type: "section", block_id: marker, text: bold(clip(visible(who), LINE_MAX)) },
    section(words),
    ...(about.words === "" ? [] : [section(`“${about.words}”`)]),
    note(`${about.channel} · ${about.since}`, LINE_MAX),
    note(`${about.told} ${about.expects}`, LINE_MAX),
    { type: "actions", elements: alertButtons(about, text) },
  ];
}

function alertButtons(about: AlertedCase, text: string): types.Button[] {
  const { canBeTaken, conversationId, link } = about;
  const address = webLink(link.url);
  const trace = webLink(LAST_LINK.exec(text)?.groups?.["url"] ?? "");
  return [
    ...(canBeTaken ? [caseButton("take_over", conversationId)] : []),
    ...(address === null ? [] : [linkButton(link.label, address, "case")]),
    ...(trace === null || trace === link.url ? [] : [linkButton("Why?", trace, "why")]),
  ];
}

/** A message holds 50 blocks and some 13,000 characters; the alert itself needs a few of both. */
const ROWS_MAX = 40;
const ROWS_CHARACTERS_MAX = 12_000;
const JUNK_LINE_MAX = 400;
/** What a press adds to its row. */
const ROW_SAID_MAX = 80;

/** One line each, with a button that puts it back to work; nothing here can be answered or sent. */
function junkBlocks(junk: readonly AlertedJunk[]): readonly Block[] {
  const rows = junk.slice(0, ROWS_MAX).map(junkLine);
  let characters = 0;
  const shown = rows.filter(({ text }) => {
    characters += (text?.text.length ?? 0) + ROW_SAID_MAX;
    return characters <= ROWS_CHARACTERS_MAX;
  });
  const more = junk.length - shown.length;
  return [...shown, ...(more === 0 ? [] : [junkSection(`… and ${more} more in the console`)])];
}

function junkLine({
  conversationId,
  from,
  subject,
  why,
  isAside,
}: AlertedJunk): types.SectionBlock {
  const words = `${caseTitle(from, subject)} · ${why}`;
  return isAside
    ? { ...junkSection(words), accessory: caseButton("not_junk", conversationId) }
    : junkSection(`${words} · put back to work`);
}

function junkSection(words: string): types.SectionBlock {
  return section(oneLine(visible(words)), JUNK_LINE_MAX);
}

/** Such a button is about a case and not about a version of a card. */
const NO_VERSION = 1;
const LABELS = { take_over: "Take over", undo: "Undo", not_junk: "Not junk" } as const;
type CaseButton = keyof typeof LABELS;

/** The block that says what became of the case. */
const SAID = "case:said";
const SAID_MAX = 300;

/** The button; its value names the conversation and nothing else. */
function caseButton(kind: CaseButton, conversationId: string): types.Button {
  const value = buttonValue(conversationId, NO_VERSION);
  return button(actionId(kind), LABELS[kind], { value });
}

/** Who and about what, as far as it is known. */
function caseTitle(name: string, subject: string): string {
  return [name, subject === "" ? "" : `“${subject}”`].filter((part) => part !== "").join(" · ");
}

/** What a click did, as far as the message it was on has to show it. */
interface CaseClick {
  readonly conversationId: string;
  readonly button: string;
  readonly said: string;
  readonly isUndoable: boolean;
}

/**
 * The message after a click: the button that was pressed gives way to what can be done now, and a line says what was
 * done. Everything else stays as it was posted.
 */
function blocksAfter(blocks: readonly MessageBlock[], click: CaseClick): readonly MessageBlock[] {
  const { conversationId, button, said, isUndoable } = click;
  const pressed = isPressed(conversationId, button);
  const next = button === "undo" ? "take_over" : isUndoable ? "undo" : null;
  const instead = next === null ? null : caseButton(next, conversationId);
  const changed = blocks.flatMap((block): readonly MessageBlock[] => {
    if (block.block_id === SAID) return [];
    if (block.accessory !== undefined && pressed(block.accessory))
      return [{ ...block, accessory: undefined, fields: [{ ...literal(said, ROW_SAID_MAX) }] }];
    return withInstead(block, pressed, instead);
  });
  return button === "not_junk" ? changed : [...changed, { ...line(said), block_id: SAID }];
}

/** The block with another button, or none, in the place of one; nothing where no button is left. */
function withInstead(
  block: MessageBlock,
  isReplaced: ReturnType<typeof isPressed>,
  instead: types.Button | null,
): readonly MessageBlock[] {
  if (block.elements?.some(isReplaced) !== true) return [block];
  const elements = block.elements.flatMap((element) =>
    isReplaced(element) ? (instead === null ? [] : [{ ...instead }]) : [element],
  );
  return elements.length === 0 ? [] : [{ ...block, elements }];
}

function isPressed(conversationId: string, button: string) {
  const value = buttonValue(conversationId, NO_VERSION);
  return (element: {
    readonly action_id?: string | undefined;
    readonly value?: string | undefined;
  }): boolean => element.action_id === actionId(button) && element.value === value;
}

function actionId(button: string): string {
  return `${ACTION_PREFIX}${button}`;
}

function line(said: string): MessageBlock {
  return { type: "context", elements: [{ ...literal(said, SAID_MAX) }] };
}

const CASE_BUTTONS: ReadonlySet<string> = new Set(Object.keys(LABELS));

/**
 * Replaces the pressed button with what can be done now and says what was done, for everybody. False when this was no
 * message of a case, or Slack would not change it: then the person is told in another way. The decision stands either
 * way, and an Undo that stays after its time is refused by the state of the case.
 */
export async function showOnMessage(
  parts: Pick<SlackRoom, "call" | "log">,
  { channel, decided, message }: Pick<Decided, "channel" | "decided" | "message">,
  answer: DeskAnswer,
): Promise<boolean> {
  const { approvalId, button } = decided;
  if (message === null || channel === "" || answer.message === "" || !CASE_BUTTONS.has(button))
    return false;
  const blocks = blocksAfter(message.blocks, {
    conversationId: approvalId,
    button,
    said: answer.message,
    isUndoable: (answer.undoMs ?? 0) > 0,
  });
  try {
    await parts.call("patient", "chat.update", { channel, ...message, blocks }, Done);
    return true;
  } catch (error) {
    parts.log.warn("an alert could not be shown anew", { reason: reasonOf(error) });
    return false;
  }
}
