/** What of a conversation is decided in another one of its case. Pure. */
import type { Message } from "#core/values/message.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import { openIn } from "./facts.ts";

type Case = Pick<ConversationSnapshot, "caseMember" | "caseOthers">;

/** Keys of messages, of this conversation or others, that a card or a reply elsewhere in the case answers. */
function keysElsewhere({ caseOthers }: Case): {
  readonly waiting: ReadonlySet<string>;
  readonly underWay: ReadonlySet<string>;
} {
  return {
    waiting: new Set(caseOthers.flatMap(({ pending }) => pending?.answers ?? [])),
    underWay: new Set(caseOthers.flatMap(({ underWay }) => underWay)),
  };
}

/**
 * The open messages that this conversation has to see to: none while all of them wait on a card elsewhere in the case,
 * and all of them once one does not, because the conversation written in last answers for the whole case. What a
 * reply under way answers is left to that reply.
 */
export function leftToHere(
  snapshot: Case,
  open: readonly Message[],
  edited: readonly Message[],
): readonly Message[] {
  const { waiting, underWay } = keysElsewhere(snapshot);
  const left = open.filter(({ key }) => !underWay.has(key));
  const isElsewhere = ({ key }: Message): boolean =>
    waiting.has(key) && edited.every((message) => message.key !== key);
  return left.every(isElsewhere) ? [] : left;
}

/** True for a message that waits on a card, or is answered, elsewhere in the case. */
export function isCoveredElsewhere(snapshot: Case, { key }: Pick<Message, "key">): boolean {
  const { waiting, underWay } = keysElsewhere(snapshot);
  return waiting.has(key) || underWay.has(key);
}

/** True while an answer for the case goes out from another conversation: what comes in now follows it. */
export function isAnsweredElsewhere({ caseOthers }: Case): boolean {
  return caseOthers.some(({ isAnswering }) => isAnswering);
}

/** True when a teammate joined this conversation with one whose card still waits: one card is to answer both. */
export function hasCaseNews(snapshot: Case & Pick<ConversationSnapshot, "pending">): boolean {
  const { pending, caseOthers } = snapshot;
  if (pending === null || pending.kind !== "proposal") return false;
  return caseOthers.some(
    (other) =>
      other.state.owner === "bot" &&
      openIn(other).some(
        ({ key }) =>
          !pending.answers.includes(key) && other.pending?.answers.includes(key) === true,
      ),
  );
}
