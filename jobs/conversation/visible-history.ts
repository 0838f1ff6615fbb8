import type { BoundRequester } from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";

/**
 * What was said before, as far as whoever writes now may hear it. Where answers go to one person alone, somebody else who
 * turns up in the conversation starts with their own words: what others wrote, and what they were told, stays theirs.
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

/** What we told one person privately is no history for whoever writes next in a shared place. */
function mayBeShown(message: Message): boolean {
  return message.author.kind !== "bot" || message.visibility === "public";
}

/** A member who asks in a shared place gets account data only where nobody reads along. */
export function audienceOf(
  unread: readonly Message[],
  requester: BoundRequester,
): "private" | "shared" {
  const newest = unread.at(-1);
  if (newest?.answerTo?.audience !== "shared") return "private";
  return requester.level >= 2 && newest.answerPrivatelyTo !== null ? "private" : "shared";
}
