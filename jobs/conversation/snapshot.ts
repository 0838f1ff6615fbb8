/**
 * Room: reads a conversation from the database and its channel, and works out what changed.
 * In: a conversation id and the unread hints of its channel.
 * Out: `ConversationSnapshot`, then `ConversationChanges`: open messages, owner, participants, stale bundles.
 * May touch: the database, blobs, the conversation's channel for reading, one-time codes.
 */

import { keysAnswered } from "#core/values/action.ts";
import { isHelpdesk, type Owner, SETTLED_EVERYWHERE } from "#core/values/vocabulary.ts";
import { type Message, type Signal, isFromRequester, isTeamAnswer } from "#core/values/message.ts";
import { readSnapshot, type StoredSnapshot } from "#store/conversations/read-snapshot.ts";
import type { Reader } from "#store/db/database.ts";
import { claimPositions } from "#store/db/settings.ts";
import type { Effect } from "#store/effects/ledger.ts";
import { digest as digestOf } from "#core/values/canonical-json.ts";
import type { Barrier, Reach, Resolved } from "#core/contracts/channel.ts";
import type { ConversationState, StoredParticipants } from "#store/conversations/conversations.ts";
import type { StoredMessage } from "#store/conversations/messages.ts";
import { StaleTurnError } from "#jobs/context/job-context.ts";
import { PROVEN_LEVEL } from "#core/values/identity.ts";
import { folded } from "#text/normalize.ts";

/** A conversation as one statement saw it: the start of a turn. */
export interface ConversationSnapshot extends Omit<StoredSnapshot, "linkedAssignments"> {
  /** Assignments of the linked conversation since the hand-over: the two share one owner. */
  readonly linkedSignals: readonly Signal[];
  /** What the mails it reads are believed by; see `HintContext`. */
  readonly proofs: Map<string, string>;
}

/** Null for a conversation that does not exist. */
export async function loadSnapshot(
  reader: Reader,
  conversationId: string,
  now: Date,
): Promise<ConversationSnapshot | null> {
  const stored = await readSnapshot(reader, conversationId, now);
  return stored === null ? null : startingSnapshot(stored);
}

/** The start of a turn from what is stored. */
export function startingSnapshot(stored: StoredSnapshot): ConversationSnapshot {
  const { linkedAssignments, ...snapshot } = stored;
  // Ownership is decided in the linked ticket; from there no signals of the origin are read.
  const linkedSignals = isHelpdesk(stored.state.conversation.channel)
    ? []
    : linkedAssignments.map((signal) => ({ ...signal, key: `linked:${signal.key}` }));
  return { ...snapshot, linkedSignals, proofs: new Map() };
}

/** A mail the turn believed had proven its sender before: it is taken again with this snapshot, which knows that now. */
export class SentAgain extends StaleTurnError {}

/** Claims what the mails were believed by, in the first commit that rests on it; throws `SentAgain`. */
export async function claimProofs(
  reader: Reader,
  { proofs }: Pick<ConversationSnapshot, "proofs">,
): Promise<void> {
  if (!(await claimPositions(reader, proofs)))
    throw new SentAgain("a mail was sent again that had proven its sender before");
}

/** Keys of the messages that an effect answers; empty for everything but replies. */
export function answeredBy({ action }: Effect): readonly string[] {
  return keysAnswered(action);
}

/** The questions that have reached the customer since the last answer: one that waits on a card has not. */
export function questionsAsked({
  state,
  pending,
}: Pick<ConversationSnapshot, "state" | "pending">): number {
  return state.clarified && pending !== null ? state.questions - 1 : state.questions;
}

// Customer, brand and readers of a conversation, and whether they changed.

/** The participants of a conversation now, and what changed since the last look. */
export interface Participants {
  /** Author id of the customer; empty where all authors speak for themselves. */
  readonly customer: string;
  readonly brand: string;
  /** Digest of customer, brand and readers; empty where the channel does not tell. */
  readonly digest: string;
  /** Whom an answer reaches, if its source told in this turn. */
  readonly reach: Reach | null;
  /** True when customer or brand changed, or when readers joined or left. */
  readonly hasChanged: boolean;
  readonly barred: Barrier | null;
  /** Why people own it from the start; null where the bot can answer. */
  readonly unserved: string | null;
  /** True when the bot may write to it again. */
  readonly isUnbarred: boolean;
}

/** Why an earlier decision is not carried out. */
export const CONVERSATION_PASSED_ON = "it is with another customer, brand or readers now";

/** For a turn that reads nothing new, and for a channel that does not tell: everything stays as it was. */
function asBefore(state: ConversationState, brand: string): Participants {
  const { customer, digest, barred } = state.participants;
  const barrier = barred === null ? null : { reason: barred, alert: null };
  const known = { customer, brand, digest, barred: barrier };
  return { ...known, reach: null, hasChanged: false, isUnbarred: false, unserved: null };
}

/** Compares what a source says now with what was known. What it no longer shows stays as it was. */
export function participantsAfter(
  state: ConversationState,
  resolved: Pick<Resolved, "brand" | "participants"> | undefined,
): Participants {
  if (resolved?.participants === undefined)
    return asBefore(state, resolved?.brand ?? state.conversation.brand);
  const { customer, readers, reach = null, barred, unserved = null } = resolved.participants;
  const { participants: before, conversation } = state;
  const isUnbarred = before.barred !== null && barred === null;
  if (customer === null) return { ...asBefore(state, conversation.brand), barred, isUnbarred };
  const { brand } = resolved;
  const digest = digestOf([customer, brand, [...readers]]);
  const hasChanged = before.digest !== "" && before.digest !== digest;
  return { customer, brand, digest, reach, hasChanged, barred, isUnbarred, unserved };
}

/** True when the conversation is another customer's than before: what was said there was said to someone else. */
export function isPassedOn(
  before: StoredParticipants,
  { customer }: Pick<Participants, "customer">,
): boolean {
  return before.customer !== "" && customer !== before.customer;
}

/** The columns to store; empty when nothing changed. */
export function participantColumns(
  before: StoredParticipants,
  { customer, digest, hasChanged, barred }: Participants,
) {
  const reason = barred?.reason ?? null;
  return {
    ...(customer === before.customer ? {} : { customer }),
    ...(digest === before.digest ? {} : { participantsDigest: digest }),
    ...(hasChanged ? { participantChanges: before.changes + 1 } : {}),
    ...(reason === before.barred ? {} : { barred: reason }),
  };
}

/**
 * True when the customer wrote the newest message. Another author is answered only after approval: the answer would
 * reach the customer and all readers.
 */
export function isFromCustomer(customer: string, unread: readonly Message[]): boolean {
  return customer === "" || unread.at(-1)?.author.id === customer;
}

/** The messages that the operator's own texts may answer without approval: none when another author wrote. */
export function statableReason({
  changes,
  unread,
}: {
  readonly changes: { readonly participants: Participants };
  readonly unread: readonly Message[];
}): readonly Message[] {
  if (isFromCustomer(changes.participants.customer, unread)) return unread;
  return unread.map((message) => ({ ...message, answerTo: null, answerPrivatelyTo: null }));
}

/** The stored and new messages of requesters that have not ended. */
export function openMessages(
  snapshot: ConversationSnapshot,
  newMessages: readonly Message[],
  ignored: ReadonlySet<string>,
): readonly Message[] {
  const stored = snapshot.stored
    .filter(({ message, outcome }) => isFromRequester(message) && outcome === null)
    .map(({ message }) => message);
  const fresh = newMessages.filter(
    (message) => isFromRequester(message) && !ignored.has(message.key),
  );
  return [...stored, ...fresh];
}

/**
 * What a hand-back opens again: all that customers wrote since the last answer, each of them, although it ended as
 * handed to people. The bot goes on with the whole of it, not with the last line alone, each person and each
 * proof in a turn of its own. Stored as open, it stays so until it is answered, whatever becomes of the first draft.
 */
export function leftByPeople(
  snapshot: ConversationSnapshot,
  newMessages: readonly Message[],
  ignored: ReadonlySet<string>,
  asTheyReadNow: ReadonlyMap<string, Message> = new Map(),
): readonly Message[] {
  const known: readonly KnownMessage[] = [
    ...snapshot.stored
      .filter((one) => !wasPutAside(one))
      .map((one) => ({ ...one, message: asTheyReadNow.get(one.message.key) ?? one.message })),
    ...newMessages.map((message) => ({ message, outcome: null, id: null })),
  ];
  const ended = new Set(
    snapshot.stored.filter(({ outcome }) => outcome !== null).map(({ message }) => message.key),
  );
  return unansweredIn(snapshot, known, ignored).filter(({ key }) => ended.has(key));
}

type KnownMessage = Pick<StoredMessage, "message" | "outcome"> & {
  /** Null for a message that is new. */
  readonly id: number | null;
};

/** The newest message that needs an answer, if it got none, and what was left before it since the last one. */
function unansweredIn(
  snapshot: ConversationSnapshot,
  known: readonly KnownMessage[],
  ignored: ReadonlySet<string>,
): readonly Message[] {
  const at = known.findLastIndex(
    ({ message, outcome }) =>
      isToAnswer(message) && outcome !== "ignored" && !ignored.has(message.key),
  );
  const newest = known[at];
  if (newest === undefined) return [];
  // What the bot answered has that outcome: another text of its own is a hand-over, or answers another person or proof.
  const isAnswered =
    newest.outcome === "answered" ||
    known.slice(at + 1).some(({ message }) => isTeamAnswer(message)) ||
    isAnsweredThere(snapshot, newest.id);
  if (isAnswered) return [];
  const answeredAt = known
    .slice(0, at)
    .findLastIndex(({ message, outcome }) => outcome === "answered" || isTeamAnswer(message));
  const before = known
    .slice(answeredAt + 1, at)
    .filter(
      ({ message, outcome, id }) =>
        isToAnswer(message) &&
        outcome !== null &&
        SETTLED_EVERYWHERE.every((settled) => settled !== outcome) &&
        !isAnsweredThere(snapshot, id),
    );
  return [...before.map(({ message }) => message), newest.message];
}

/** An answer that a teammate gave in the linked ticket was relayed to the customer, after this message was stored. */
function isAnsweredThere({ linkedMessages }: ConversationSnapshot, after: number | null): boolean {
  return linkedMessages.some(
    ({ message, id }) => isTeamAnswer(message) && after !== null && id > after,
  );
}

// Which messages of unproven authors are put aside.

/**
 * New messages with an unproven author while a proven request is still open, whatever author they name: an attacker could
 * have written them, so they are no reason to withdraw what waits for the proven one. Among messages read together
 * their order does not matter, because the writer sets the date. A waiting unproven message keeps nothing out.
 */
export function unprovenMessages(
  { state, stored }: ConversationSnapshot,
  fresh: readonly Message[],
  owner: Owner,
): readonly Message[] {
  // People judge for themselves, and where the bot may not write nothing waits.
  if (owner === "human" || state.participants.barred !== null) return [];
  const open = stored.filter(({ outcome }) => outcome === null).map(({ message }) => message);
  const isProven = ({ identity }: Message): boolean => identity.level >= PROVEN_LEVEL;
  if (![...open, ...fresh].some((message) => isToAnswer(message) && isProven(message))) return [];
  return fresh.filter((message) => isToAnswer(message) && !isProven(message));
}

/** True for a request that its channel does not keep from being answered. */
export function isToAnswer(message: Message): boolean {
  return isFromRequester(message) && message.ignore === null;
}

/** True for a stored message that ended this way: it is never history of its conversation. */
export function wasPutAside({ passedOver }: StoredMessage): boolean {
  return passedOver === "unproven";
}

// Messages that only say thanks.

/** Longer than any thanks with greeting, name and regards. */
const CHARACTERS_MAX = 160;

/** Words of which at least one has to stand in the message, in the languages of the output check. */
const THANKS = wordSet(
  "thanks thank thx cheers ok okay great perfect super cool wonderful brilliant lovely danke dankeschon besten vielen merci parfait gracias perfecto genial",
);

/** Words that may stand beside them. */
const BESIDE = wordSet(
  `you a lot so much very many again for your the help quick answer reply that all everyone team sam bye best kind regards
  warm wishes hi hello dear and have nice good day evening weekend too it is this that helps helped was got sorted works now
  schon schone sehr dank dir ihnen fur die ihre hilfe schnelle antwort hallo liebe grusse gruss viele freundliche mit und
  noch einen tag beaucoup bien pour votre reponse aide bonjour cordialement bonne journee a vous et tout
  muchas muchisimas mil por su tu ayuda respuesta rapida hola saludos un saludo todo buen dia`,
);

/**
 * True for a short thank-you with no question, number or request in it; the writer's own name below it counts as
 * nothing. A word it does not know may be a request, so such a message is never taken for thanks alone.
 */
export function isBareThanks(text: string, writer = ""): boolean {
  if (text.length > CHARACTERS_MAX || /[?¿\d]/.test(text)) return false;
  const names = new Set(letterWords(writer));
  const words = letterWords(text);
  return (
    words.some((word) => THANKS.has(word)) &&
    words.every((word) => THANKS.has(word) || BESIDE.has(word) || names.has(word))
  );
}

function letterWords(text: string): readonly string[] {
  return folded(text).match(/\p{L}+/gu) ?? [];
}

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.trim().split(/\s+/));
}
