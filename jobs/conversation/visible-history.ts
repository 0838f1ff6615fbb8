/** Which earlier messages the current author may hear about. */

import { type BoundRequester, PROVEN_LEVEL } from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";

/**
 * The earlier messages that the current author may see. Where answers go to one person, a new author starts with their
 * own messages only: what others wrote and were told stays private. The same holds for a message in a customer's name
 * that does not prove to be theirs: it starts with what was said before that customer was proven.
 */
export function visibleHistory(
  history: readonly Message[],
  unread: readonly Message[],
  requester: Pick<BoundRequester, "level">,
): readonly Message[] {
  const newest = unread.at(-1);
  if (newest?.answerTo?.audience === "shared") return history.filter(mayBeShown);
  const known = requester.level < PROVEN_LEVEL ? beforeProof(history) : history;
  const joined = known.some(
    ({ author }) => author.kind === "requester" && author.id !== newest?.author.id,
  );
  return joined
    ? known.filter(({ author }) => author.id === newest?.author.id)
    : known.filter(mayBeShown);
}

/** Without what a proven customer wrote, and without what they and we have said since. */
function beforeProof(history: readonly Message[]): readonly Message[] {
  const proven = ({ author, identity }: Message): boolean =>
    author.kind === "requester" && identity.level >= PROVEN_LEVEL;
  const first = history.findIndex(proven);
  if (first === -1) return history;
  return history.filter(
    (message, index) => index < first || (message.author.kind === "requester" && !proven(message)),
  );
}

/** What we told one person privately is not shown to the next author in a shared channel. */
function mayBeShown(message: Message): boolean {
  return message.author.kind !== "bot" || message.visibility === "public";
}

/** A member who asks in a shared channel gets account data only in private. */
export function answerAudience(
  unread: readonly Message[],
  requester: BoundRequester,
): "private" | "shared" {
  const newest = unread.at(-1);
  if (newest?.answerTo?.audience !== "shared") return "private";
  return requester.level >= PROVEN_LEVEL && newest.answerPrivatelyTo !== null
    ? "private"
    : "shared";
}
