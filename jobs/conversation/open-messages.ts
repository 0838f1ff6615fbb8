/** Which messages of customers still need an answer. */
import type { Message } from "#core/values/message.ts";
import type { ConversationSnapshot } from "./snapshot.ts";
import { wasPutAside } from "./unproven-messages.ts";

/**
 * After a hand-back, the newest unanswered customer message is open again although it ended as handed to people; older
 * ones stay ended.
 */
export function openMessages(
  snapshot: ConversationSnapshot,
  newMessages: readonly Message[],
  ignored: ReadonlySet<string>,
  handedBack: boolean,
): readonly Message[] {
  const stored = snapshot.stored
    .filter(({ message, outcome }) => isAnswerable(message) && outcome === null)
    .map(({ message }) => message);
  const fresh = newMessages.filter((message) => isAnswerable(message) && !ignored.has(message.key));
  const open = [...stored, ...fresh];
  if (!handedBack || open.length > 0) return open;
  const known = [
    ...snapshot.stored.filter((stored) => !wasPutAside(stored)),
    ...newMessages.map((message) => ({ message, outcome: null, receivedAt: null })),
  ];
  const at = known.findLastIndex(({ message }) => isAnswerable(message) && message.ignore === null);
  const newest = known[at];
  if (newest === undefined || ignored.has(newest.message.key)) return [];
  const isAnswered =
    newest.outcome === "answered" ||
    known.slice(at + 1).some(({ message }) => isAnswer(message, newest.outcome)) ||
    isAnsweredThere(snapshot, newest.receivedAt);
  return isAnswered ? [] : [newest.message];
}

/** The hand-over text is our own message and answers nothing: what ended with it is still open. */
function isAnswer({ author, visibility }: Message, outcome: string | null): boolean {
  if (visibility !== "public") return false;
  return author.kind === "teammate" || (author.kind === "bot" && outcome !== "escalated");
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
