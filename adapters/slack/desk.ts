import type { ApprovalDesk, Card } from "#core/desk.ts";
import { digest } from "#core/canonical.ts";
import { DeskhandError } from "#core/errors.ts";
import type { Log } from "#core/ports.ts";
import type { SlackApp } from "./app.ts";
import { Done, type Call } from "./calls.ts";
import { cardMarker, renderCard } from "./card.ts";
import { clickListeners } from "./clicks.ts";
import { jsonOf, type ChannelRoles } from "./events.ts";
import { interactionOf } from "./interaction.ts";
import type { Posted, Post, Posting } from "./posting.ts";
import { AlertArguments } from "./schema.ts";
import { clip, escapeMarkup, literal, SECTION_MAX } from "./text.ts";
import type { Workspace } from "./workspace.ts";

export interface SlackDeskParts {
  readonly app: SlackApp;
  readonly call: Call;
  readonly workspace: Workspace;
  readonly posting: Posting;
  readonly roles: ChannelRoles;
  readonly log: Log;
}

/** Cards in the approvals channel, alerts in their own. The rows are the truth; what is shown here is a view of them. */
export function slackDesk(parts: SlackDeskParts): ApprovalDesk {
  const { app, call, posting, roles } = parts;

  return {
    name: "desk",
    supports: ["alert"],
    findIsReliable: false,

    async post(card, _key, signal) {
      signal.throwIfAborted();
      await refuseShared(parts.workspace, roles.approvals);
      const place = { channel: roles.approvals, thread: null };
      return refOf(await posting.once({ ...place, marker: cardMarker(card), ...renderCard(card) }));
    },

    async update(ref, card, signal) {
      signal.throwIfAborted();
      await updateCard(call, ref, card);
    },

    async notify(text, people, key, signal) {
      signal.throwIfAborted();
      await posting.once(await alertPost(parts, text, people, key));
    },

    receive(delivery) {
      const interaction = interactionOf(jsonOf(delivery.body));
      if (interaction?.kind !== "decided") return [];
      const { userId: id, name } = interaction.person;
      // Who this is has to be looked up: from the bytes alone nobody may decide.
      const teammate = { id, name, email: null, eligible: false };
      return [{ ...interaction.decided, teammate }];
    },

    async commit(action, key, signal) {
      const { text, people } = alertOf(action);
      signal.throwIfAborted();
      const ref = refOf(await posting.once(await alertPost(parts, text, people, key)));
      return { ref, conversationKeys: [] };
    },

    async find(action, key, signal) {
      alertOf(action);
      signal.throwIfAborted();
      const { posted, complete } = await posting.find({
        channel: roles.alerts,
        thread: null,
        marker: alertMarker(key),
      });
      if (posted !== null)
        return { state: "done", committed: { ref: refOf(posted), conversationKeys: [] } };
      return complete
        ? { state: "absent" }
        : { state: "unknowable", reason: "the alerts channel is too long to be read back whole" };
    },

    start: (handler) => app.openClicks(clickListeners({ ...parts, handler })),
    stop: () => app.closeClicks(),
  };
}

/** Customers' words never go where another company reads along. */
async function refuseShared(workspace: Workspace, channel: string): Promise<void> {
  const { shared, name } = await workspace.channel(channel);
  if (shared)
    throw new DeskhandError("channel.refused", `#${name} is shared with another workspace`);
}

async function updateCard(call: Call, ref: string, card: Card): Promise<void> {
  const [channel, ts] = ref.split(":");
  const { text, blocks } = renderCard(card);
  // Always both: an update with text alone removes the blocks (chat.update reference).
  await call("patient", "chat.update", { channel, ts, text, blocks }, Done);
}

function refOf({ channel, ts }: Posted): string {
  return `${channel}:${ts}`;
}

function alertOf(action: {
  readonly operation: string;
  readonly arguments: unknown;
}): AlertArguments {
  if (action.operation !== "alert")
    throw new DeskhandError("channel.unsupported", `the desk has no operation ${action.operation}`);
  const parsed = AlertArguments.safeParse(action.arguments);
  if (!parsed.success)
    throw new DeskhandError("channel.refused", "not an alert", { cause: parsed.error });
  return parsed.data;
}

function alertMarker(key: string): string {
  return `dh:${digest(key).slice(0, 40)}`;
}

/** The text literally, and above it the people it is for, each mentioned by the id that belongs to their address. */
async function alertPost(
  { workspace, roles, log }: SlackDeskParts,
  text: string,
  people: readonly string[],
  key: string,
): Promise<Post> {
  const mentions: string[] = [];
  for (const email of people) {
    const user = await workspace.userByEmail(email);
    if (user === null) log.warn("somebody to be told is not in Slack");
    else mentions.push(`<@${user.id}>`);
  }
  const marker = alertMarker(key);
  const to = mentions.length === 0 ? "" : `${mentions.join(" ")} `;
  return {
    channel: roles.alerts,
    thread: null,
    marker,
    text: `${to}${escapeMarkup(clip(text, 300))}`,
    blocks: [
      ...(to === ""
        ? []
        : [{ type: "section" as const, text: { type: "mrkdwn" as const, text: to.trim() } }]),
      { type: "section", block_id: marker, text: literal(text, SECTION_MAX) },
    ],
  };
}
