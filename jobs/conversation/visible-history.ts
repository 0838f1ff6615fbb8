/** Which earlier messages the current author may hear about. */

import type { BoundRequester } from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";

/**
 * The earlier messages that the current author may see. Where answers go to one person, a new author starts with their
 * own messages only: what others wrote and were told stays private.
 */
export function visibleHistory(
  history: readonly Message[],
  unread: readonly Message[],
): readonly Message[] {
  const newest = unread.at(-1);
  const own = history.filter(({ author }) => author.id === newest?.author.id);
  const joined = history.some(
    ({ author }) => author.kind === "requester" && author.id !== newest?.author.id,
  );
  if (joined && newest?.answerTo?.audience !== "shared") return own;
  return history.filter(mayBeShown);
}

/** What we told one person privately is not shown to the next author in a shared channel. */
function mayBeShown(message: Message): boolean {
  return message.author.kind !== "bot" || message.visibility === "public";
}

/** A member who asks in a shared channel gets account data only in private. */
export function audienceOf(
  unread: readonly Message[],
  requester: BoundRequester,
): "private" | "shared" {
  const newest = unread.at(-1);
  if (newest?.answerTo?.audience !== "shared") return "private";
  return requester.level >= 2 && newest.answerPrivatelyTo !== null ? "private" : "shared";
}
