/** Turns Slack's events into hints, without calling Slack. */

import { type Delivery, type Hint, bodyJson } from "#core/contracts/channel.ts";
import { readAs } from "#core/values/errors.ts";
import { digest } from "#core/values/canonical-json.ts";
import {
  ChangedEvent,
  EventCallback,
  MessageEvent,
  type HintData,
  type PostedMessage,
} from "#slack/api/schema.ts";
import { mentionedUsers } from "#slack/api/text.ts";

/** Which channels are the team's, and in which customers ask. */
export interface ChannelRoles {
  readonly approvals: string;
  readonly alerts: string;
  /** Channels where every message is a question; elsewhere only a mention of us is one. */
  readonly help: readonly string[];
  /** Ids of apps, bots or workflows whose messages are forms that a person filled in. */
  readonly workflows?: readonly string[];
}

/** Subtypes of messages people write. Everything else (edits, joins, bots, topics) is no new message. */
export const PERSON_SUBTYPES = new Set(["file_share", "thread_broadcast", "me_message"]);
/** Workflow Builder posts a form that was filled in with the last of these. */
const SAID_SUBTYPES = new Set([...PERSON_SUBTYPES, "bot_message"]);
const SLACKBOT = "USLACKBOT";
/** An edit of a message older than this is ignored, since it is no longer a question. Seconds. */
const EDIT_WINDOW_S = 86_400;

/**
 * Turns one event into hints. The event id consists of team, channel and timestamp, since Slack announces a message
 * that mentions us twice, as `message` and as `app_mention`, with different ids.
 */
export function slackHints(delivery: Delivery, roles: ChannelRoles): readonly Hint[] {
  const body = bodyJson(delivery.body);
  const callback = readAs(EventCallback, body, "input.invalid", "not an event of Slack");
  const { team_id: team, event, authorizations } = callback;
  const ours = (authorizations ?? []).flatMap(({ user_id }) => user_id ?? []);
  if (event.type !== "message" && event.type !== "app_mention") return [];
  if (event["subtype"] === "message_changed") return editHints(team, event, ours, roles);
  // Deletions and the like carry other fields; a person's message without these fields is damaged.
  if (typeof event["subtype"] === "string" && !SAID_SUBTYPES.has(event["subtype"])) return [];
  const said = readAs(MessageEvent, event, "input.invalid", "a message event without its parts");
  return isQuestion(said, roles, ours) ? [hintFor(team, said)] : [];
}

/** Only changed text is looked at again; a preview, a pin or a reaction changes no text. */
function editHints(
  team: string,
  event: unknown,
  ours: readonly string[],
  roles: ChannelRoles,
): readonly Hint[] {
  const { success, data } = ChangedEvent.safeParse(event);
  if (!success) return [];
  const { message, previous_message, channel, channel_type } = data;
  const { text, subtype, edited, ts } = message;
  const isSaid = subtype == null || PERSON_SUBTYPES.has(subtype);
  if (!isSaid || edited == null || previous_message?.text === text) return [];
  if (Number(edited.ts) - Number(ts) > EDIT_WINDOW_S) return [];
  const said: MessageEvent = { ...message, type: "message", channel, channel_type };
  if (!isQuestion(said, roles, ours)) return [];
  const hint = hintFor(team, said);
  return [{ ...hint, eventId: `${hint.eventId}:${digest([edited.ts, text ?? ""]).slice(0, 16)}` }];
}

function isQuestion(said: MessageEvent, roles: ChannelRoles, ours: readonly string[]): boolean {
  const byPerson =
    typeof said.user === "string" && said.user !== SLACKBOT && !said.bot_id && !said.app_id;
  const isAsked = byPerson || formPerson(said, roles, ours) !== null;
  if (!isAsked || ours.includes(said.user ?? "")) return false;
  if (said.channel === roles.approvals || said.channel === roles.alerts) return false;
  return said.type === "app_mention" || isDirect(said) || roles.help.includes(said.channel);
}

/**
 * The person whom a listed form names by the one mention of another than us in it; null for every other message. Only what
 * begins a thread counts: a workflow that writes into threads would otherwise be answered for ever.
 */
export function formPerson(
  { ts, thread_ts, text, bot_id, app_id, workflow_id }: PostedMessage,
  { workflows = [] }: ChannelRoles,
  ours: readonly string[],
): string | null {
  const isListed = [bot_id, app_id, workflow_id].some((id) => id != null && workflows.includes(id));
  if (!isListed || (thread_ts ?? ts) !== ts) return null;
  const named = mentionedUsers(text ?? "").filter((id) => !ours.includes(id));
  const [person, ...others] = new Set(named);
  return person === undefined || others.length > 0 ? null : person;
}

function isDirect({ channel, channel_type }: MessageEvent): boolean {
  return channel_type === "im" || (channel_type == null && channel.startsWith("D"));
}

function hintFor(team: string, said: MessageEvent): Hint {
  const direct = isDirect(said);
  const data: HintData = {
    team,
    channel: said.channel,
    ts: said.ts,
    thread: said.thread_ts ?? (direct ? null : said.ts),
    direct,
  };
  return {
    channel: "slack",
    eventId: `slack:${team}:${said.channel}:${said.ts}`,
    conversationKeys: [`slack:${threadExternalId(data)}`],
    kind: "message",
    data,
    // The message is read back from Slack with its thread, which also shows whether it still exists.
    keepBody: false,
  };
}

/** A direct message channel is one conversation; elsewhere each thread is one. */
export function threadExternalId({
  team,
  channel,
  thread,
  direct,
}: Pick<HintData, "team" | "channel" | "thread" | "direct">): string {
  return direct ? `${team}:${channel}` : `${team}:${channel}:${thread}`;
}
