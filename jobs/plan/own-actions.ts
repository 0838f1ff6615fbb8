/** The actions Deskhand plans itself, besides those that tools propose. Pure: data until the ledger runs it. */

import {
  type Conversation,
  type Destination,
  inKinds,
  type Message,
} from "#core/values/message.ts";
import { CHANNEL_TRAITS, HELPDESK, isHelpdesk } from "#core/values/vocabulary.ts";
import {
  type Action,
  type AssignArguments,
  type Assignee,
  type CreateTicketArguments,
  type NoteArguments,
  type NoticeArguments,
  type PlannedAction,
  ReplyArguments,
  replyKey,
  type Triage,
} from "#core/values/action.ts";
import { type AlertFamily, alertKey } from "#core/values/alert.ts";
import { digest } from "#core/values/canonical-json.ts";
import { excerpt, shortened } from "#core/values/words.ts";
import { seenText } from "#text/normalize.ts";
import type { Transaction } from "#store/db/database.ts";
import { intend } from "#store/effects/intend.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** A reply as it will be sent, and nothing in it that its readers do not see. `place` tells apart the answer, the hand-over text and so on. */
export function replyAction(options: {
  readonly conversation: Conversation;
  readonly to: Destination;
  readonly text: string;
  readonly answers: readonly string[];
  readonly automatic: boolean;
  readonly place?: string;
}): PlannedAction {
  const { conversation, to, text, answers, automatic, place } = options;
  const replyArguments: ReplyArguments = {
    conversationId: conversation.id,
    to,
    subject: conversation.subject,
    text: seenText(text),
    answers: [...answers],
    automatic,
  };
  return planned(replyKey(conversation.id, answers, place), `Reply to ${to.label}`, {
    target: conversation.channel,
    operation: "reply",
    arguments: replyArguments,
  });
}

/** The same reply in other words. */
export function rewordedReply(reply: PlannedAction, text: string): PlannedAction {
  const before = ReplyArguments.parse(reply.action.arguments);
  const after: ReplyArguments = { ...before, text: seenText(text) };
  return { ...reply, action: { ...reply.action, arguments: after } };
}

/** An internal note for the team, once per `about`. */
export function noteAction(conversation: Conversation, text: string, about: string): PlannedAction {
  const note: NoteArguments = {
    conversationId: conversation.id,
    externalId: conversation.externalId,
    text,
  };
  return planned(`note:${conversation.id}:${shortDigest(about)}`, "Internal note", {
    target: conversation.channel,
    operation: "note",
    arguments: note,
  });
}

/** An alert on the desk, outside any card; `people` are e-mail addresses to page. */
export function alertAction(
  text: string,
  people: readonly string[],
  about: string,
  family: AlertFamily | null = null,
): PlannedAction {
  return planned(alertKey(about, family), "Alert to the team", {
    target: "desk",
    operation: "alert",
    arguments: { text, people: people.slice(0, PEOPLE_MAX) },
  });
}

/** The same by mail, for what must reach a person also while the desk is away. It holds no word of a customer. */
export function urgentMailAction(to: string, text: string, about: string): PlannedAction {
  const notice: NoticeArguments = { to, subject: "Deskhand: a person has to answer now", text };
  return planned(`urgent:${shortDigest(about)}`, `Mail to ${to}`, {
    target: "email",
    operation: "notice",
    arguments: notice,
  });
}

/** What people need to take over: the reason, a summary, what was tried, and the customer's own text. */
export interface HandOver {
  readonly conversation: Conversation;
  readonly group: "tier2" | "sensitive";
  readonly reason: string;
  readonly summary: string;
  readonly tried: readonly string[];
  readonly unread: readonly Message[];
  readonly requester: { readonly name: string; readonly email: string | null };
  /** How far the requester is identified, as text; empty when no lookup was made. */
  readonly identity: string;
  readonly triage: Triage;
  readonly link: string;
  /** The external id of the ticket where people worked on this conversation before; null the first time. */
  readonly linked: string | null;
  /** The teammate who takes it; null when it is for the group. */
  readonly taker: Assignee | null;
}

/** Hands a conversation to people: assigns it when it is a ticket, else opens one for them. */
export function handOverAction(handOver: HandOver): PlannedAction {
  const { conversation, group, triage, taker, linked, unread } = handOver;
  const { id: conversationId } = conversation;
  const answers = unread.map((message) => message.key);
  const summary = teamSummary(handOver);
  // A conversation that was handed back may be handed over again about the same messages, by a later turn.
  const mayComeBack = linked !== null || isHelpdesk(conversation.channel);
  const about = mayComeBack ? [...answers, handOver.link] : answers;
  const key = `handover:${conversationId}:${shortDigest(about)}`;
  const people = group === "tier2" ? "Tier 2" : "Sensitive";
  const label = `Hand over to ${taker?.name ?? people}`;
  if (isHelpdesk(conversation.channel)) {
    const note = `${summary}${lastWords(handOver)}`;
    return assignAction(conversation, taker, { key, label, group, note, triage });
  }
  const create: CreateTicketArguments = {
    conversationId,
    group,
    subject: requestSubject(conversation, unread),
    summary,
    requester: handOver.requester,
    firstMessage: unread.map((message) => message.text).join("\n\n"),
    earlier: linked === null ? null : { externalId: linked, reassign: true },
    triage,
    ...(taker && { taker }),
  };
  return planned(key, label, {
    target: HELPDESK,
    operation: "create_ticket",
    arguments: create,
  });
}

const NO_TRIAGE: Triage = { intent: null, language: null, priority: null, reason: null };

/** Gives a ticket to people: to one of them by name, or with null to the group. */
export function assignAction(
  { id, externalId, channel }: Conversation,
  taker: Assignee | null,
  given: { readonly key: string; readonly label: string; readonly triage?: Triage } & Pick<
    AssignArguments,
    "group" | "note"
  >,
): PlannedAction {
  const { key, label, group, note, triage = NO_TRIAGE } = given;
  const assign: AssignArguments = {
    conversationId: id,
    externalId,
    group,
    note,
    triage,
    ...(taker && { taker }),
  };
  return planned(key, label, { target: channel, operation: "assign", arguments: assign });
}

/** A new customer message goes to the existing ticket, or to a new one when that is closed for good. */
export function repeatHandOver(again: {
  readonly origin: Conversation;
  readonly linked: Conversation;
  /** Masked as the team may read it. */
  readonly message: Message;
  readonly link: string;
}): PlannedAction {
  const { origin, linked, message, link } = again;
  const { handle } = message.identity;
  // Where they write in a window, the channel knows them by an id, and the ticket by their name.
  const isOneWindow = CHANNEL_TRAITS[origin.channel].isOneWindow;
  const who = isOneWindow ? "The customer" : excerpt(message.author.name, NAME_MAX);
  const create: CreateTicketArguments = {
    conversationId: origin.id,
    group: "tier2",
    subject: requestSubject(origin, [message]),
    summary: [
      `${who} wrote again by ${origin.channel}.`,
      ...sentWith(message.attachments),
      `${EVERYTHING} ${link}`,
    ].join("\n"),
    requester: { name: message.author.name, email: handle.kind === "email" ? handle.email : null },
    firstMessage: message.text,
    earlier: { externalId: linked.externalId, reassign: false },
    triage: NO_TRIAGE,
  };
  return planned(
    `note:${linked.id}:${shortDigest(message.key)}`,
    "Note for the people who have it",
    { target: HELPDESK, operation: "create_ticket", arguments: create },
  );
}

/** An action of ours rests on no facts. */
function planned(key: string, label: string, action: Action): PlannedAction {
  return { key, action, label, facts: [] };
}

function shortDigest(about: string | readonly string[]): string {
  return digest(about).slice(0, 32);
}

function requestSubject({ subject }: Conversation, unread: readonly Message[]): string {
  const words = subject || firstLine(unread.at(-1)?.text ?? "");
  return words.slice(0, 180) || "Customer request";
}

/** In reading order: why, who, what it is about, what was found out already, and where there is more. */
function teamSummary(handOver: HandOver): string {
  const { reason, summary, tried, link, identity, requester, unread } = handOver;
  const who = [requester.name, requester.email ?? ""].filter((part) => part !== "").join(", ");
  const found = [
    `Needs a person: ${reason}`,
    ...(identity === "" ? [] : ["", `Customer: ${who} (${identity})`]),
    "",
    `Summary: ${summary}`,
    ...sentWith(unread.flatMap(({ attachments }) => attachments)),
    "",
    ...(tried.length === 0
      ? ["Tried: nothing yet"]
      : ["Tried, and what came of it:", ...tried.map((line) => `- ${line}`)]),
  ].join("\n");
  return `${shortened(found, FOUND_MAX)}\n\n${EVERYTHING} ${link}`;
}

const EVERYTHING = "Everything Deskhand saw and did:";
/** With the link and the customer's last words it fits a note, also when the whole of an unsent draft is in it. */
const FOUND_MAX = 16_000;
const NAME_MAX = 200;

const FILES_NAMED_MAX = 5;
const FILE_NAME_MAX = 80;

/** "Sent with it: 2 photos: lamp.jpg, cord.jpg"; no line for no files. */
function sentWith(files: Message["attachments"]): readonly string[] {
  if (files.length === 0) return [];
  const names = files.slice(0, FILES_NAMED_MAX).map(({ name }) => excerpt(name, FILE_NAME_MAX));
  const more = files.length - names.length;
  const others = more > 0 ? ` and ${more} more` : "";
  return [`Sent with it: ${inKinds(files)}: ${names.join(", ")}${others}`];
}

const LAST_WORDS_MAX = 600;

/** Quoted for people, who would otherwise search for it in a long conversation. */
function lastWords({ unread }: HandOver): string {
  const text = unread.at(-1)?.text.trim() ?? "";
  if (text === "") return "";
  const shown = text.length <= LAST_WORDS_MAX ? text : `${text.slice(0, LAST_WORDS_MAX)} …`;
  return `\n\nThe customer's last words:\n\n${shown.toWellFormed().replaceAll(/^/gm, "> ")}`;
}

function firstLine(text: string): string {
  return text.split("\n").find((line) => line.trim() !== "") ?? "";
}

// Alerts outside a card.

/** The most people a desk mentions in one alert; with more, none of them feels addressed. */
const PEOPLE_MAX = 20;

interface TeamAlert {
  readonly conversationId: string;
  /** The turn it is about; left out for none. */
  readonly turnId?: string | null;
  readonly text: string;
  /** Whom to mention, by their names in the policy; left out for an alert to all. */
  readonly people?: readonly string[];
  /** What it is about: the same alert is sent once, also after a crash. */
  readonly about: string;
  /**
   * The kind of an alert that many conversations may raise together, such as one target that is down: within some
   * minutes such alerts are grouped. Left out for what should be seen by itself; alerts of one conversation are always
   * grouped.
   */
  readonly kind?: string;
  readonly now: Date;
}

/** Alerts the team through the ledger, so an alert is neither lost while the desk is down nor posted twice. */
export async function alertTeam(
  context: Pick<JobContext, "ids">,
  transaction: Transaction,
  { conversationId, turnId = null, text, people = [], about, kind, now }: TeamAlert,
): Promise<void> {
  const family = { conversationId, kind: kind ?? null };
  await intend(transaction, [alertAction(text, people, about, family)], {
    conversationId,
    turnId,
    bundle: context.ids.next("b"),
    now,
  });
}
