/** Which messages of customers still need an answer. */
import type { Message } from "#core/values/message.ts";
import { SETTLED_EVERYWHERE } from "#core/values/vocabulary.ts";
import type { StoredMessage } from "#store/conversations/messages.ts";
import type { ConversationSnapshot } from "./snapshot.ts";
import { wasPutAside } from "./unproven-messages.ts";

/** The stored and new messages of requesters that have not ended. */
export function openMessages(
  snapshot: ConversationSnapshot,
  newMessages: readonly Message[],
  ignored: ReadonlySet<string>,
): readonly Message[] {
  const stored = snapshot.stored
    .filter(({ message, outcome }) => isAnswerable(message) && outcome === null)
    .map(({ message }) => message);
  const fresh = newMessages.filter((message) => isAnswerable(message) && !ignored.has(message.key));
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
      isAnswerable(message) &&
      message.ignore === null &&
      outcome !== "ignored" &&
      !ignored.has(message.key),
  );
  const newest = known[at];
  if (newest === undefined) return [];
  const isAnswered =
    newest.outcome === "answered" ||
    known.slice(at + 1).some(({ message }) => isAnswer(message)) ||
    isAnsweredThere(snapshot, newest.receivedAt);
  if (isAnswered) return [];
  const answeredAt = known
    .slice(0, at)
    .findLastIndex(({ message, outcome }) => outcome === "answered" || isAnswer(message));
  const before = known
    .slice(answeredAt + 1, at)
    .filter(
      ({ message, outcome, receivedAt }) =>
        isAnswerable(message) &&
        message.ignore === null &&
        outcome !== null &&
        SETTLED_EVERYWHERE.every((settled) => settled !== outcome) &&
        !isAnsweredThere(snapshot, receivedAt),
    );
  return [...before.map(({ message }) => message), newest.message];
}

/** What the bot answered has that outcome: another text of its own is a hand-over, or answers another person or proof. */
function isAnswer({ author, visibility }: Message): boolean {
  return visibility === "public" && author.kind === "teammate";
}

/** An answer that a teammate gave in the linked ticket was relayed to the customer. */
function isAnsweredThere({ linkedMessages }: ConversationSnapshot, since: Date | null): boolean {
  return linkedMessages.some(
    ({ message, receivedAt }) =>
      message.author.kind === "teammate" &&
      message.visibility === "public" &&
      since !== null &&
      receivedAt >= since,
  );
}

export function isAnswerable(message: Message): boolean {
  return message.author.kind === "requester" && message.visibility === "public";
}
