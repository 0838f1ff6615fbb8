/** Which messages of customers still need an answer, and which unproven ones are put aside while a proven one does. */

import { isFromRequester, isTeamAnswer, type Message } from "#core/values/message.ts";
import { type Owner, SETTLED_EVERYWHERE } from "#core/values/vocabulary.ts";
import type { StoredMessage } from "#store/conversations/messages.ts";
import { PROVEN_LEVEL } from "#core/values/identity.ts";
import { folded } from "#text/normalize.ts";
import type { ConversationSnapshot } from "./snapshot.ts";

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
 * What a hand-back opens again: all that customers wrote since the last answer, whoever of them, although it ended as
 * handed to people. The bot goes on with the whole of it, not with the last line alone, each person and each
 * proof in a turn of its own. Stored as open, it stays so until it is answered, whatever becomes of the first draft.
 */
export function leftByPeople(
  snapshot: ConversationSnapshot,
  newMessages: readonly Message[],
  ignored: ReadonlySet<string>,
): readonly Message[] {
  const known: readonly KnownMessage[] = [
    ...snapshot.stored.filter((one) => !wasPutAside(one)),
    ...newMessages.map((message) => ({ message, outcome: null, receivedAt: null })),
  ];
  const ended = new Set(
    snapshot.stored.filter(({ outcome }) => outcome !== null).map(({ message }) => message.key),
  );
  return unansweredIn(snapshot, known, ignored).filter(({ key }) => ended.has(key));
}

type KnownMessage = Pick<StoredMessage, "message" | "outcome"> & {
  /** Null for a message that is new. */
  readonly receivedAt: Date | null;
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
    isAnsweredThere(snapshot, newest.receivedAt);
  if (isAnswered) return [];
  const answeredAt = known
    .slice(0, at)
    .findLastIndex(({ message, outcome }) => outcome === "answered" || isTeamAnswer(message));
  const before = known
    .slice(answeredAt + 1, at)
    .filter(
      ({ message, outcome, receivedAt }) =>
        isToAnswer(message) &&
        outcome !== null &&
        SETTLED_EVERYWHERE.every((settled) => settled !== outcome) &&
        !isAnsweredThere(snapshot, receivedAt),
    );
  return [...before.map(({ message }) => message), newest.message];
}

/** An answer that a teammate gave in the linked ticket was relayed to the customer. */
function isAnsweredThere({ linkedMessages }: ConversationSnapshot, since: Date | null): boolean {
  return linkedMessages.some(
    ({ message, receivedAt }) => isTeamAnswer(message) && since !== null && receivedAt >= since,
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
