/** Detects a loop of automatic answers by e-mail, before a turn. */

import { CHANNEL_TRAITS } from "#core/values/channel-traits.ts";
import type { Message } from "#core/values/message.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";

/**
 * The last stop for two programs that mail each other. A sender can set up a mailbox that answers everything without
 * marking its mails as automatic; an e-mail conversation is one thread of one sender, so its answers are counted.
 */
const ANSWERS_MAX = { hour: 3, day: 10 } as const;
/** People repeat short texts too. In characters. */
const SAME_LENGTH_MIN = 20;

/**
 * Why nothing more is answered automatically here, as text for the teammate who takes over; null while there is no sign
 * of a loop.
 */
export function exceededAnswerLimit(
  snapshot: ConversationSnapshot,
  unread: readonly Message[],
): string | null {
  if (!CHANNEL_TRAITS[snapshot.state.conversation.channel].answersItself) return null;
  const { answersOfHour, answersOfDay } = snapshot.recent;
  // People also repeat a question when they did not like a teammate's answer.
  if (answersOfDay > 0 && saidBefore(snapshot, unread))
    return "the same words came again after they were answered, as a program would send them";
  if (answersOfHour >= ANSWERS_MAX.hour)
    return `${answersOfHour} answers went out by themselves within an hour, the most one sender gets in a thread`;
  return answersOfDay >= ANSWERS_MAX.day
    ? `${answersOfDay} answers went out by themselves within a day, the most one sender gets in a thread`
    : null;
}

/** A mail sent twice by mistake has no answer in between. */
function saidBefore(snapshot: ConversationSnapshot, unread: readonly Message[]): boolean {
  const keys = new Set(unread.map(({ key }) => key));
  const texts = new Set(
    unread.map(comparableText).filter((text) => text.length >= SAME_LENGTH_MIN),
  );
  const earlier = snapshot.stored.map(({ message }) => message).filter(({ key }) => !keys.has(key));
  const lastAnswer = earlier.findLastIndex(
    ({ author, visibility }) => author.kind === "bot" && visibility === "public",
  );
  return earlier
    .slice(0, Math.max(0, lastAnswer))
    .some((message) => message.author.kind === "requester" && texts.has(comparableText(message)));
}

function comparableText({ text }: Message): string {
  return text.replaceAll(/\s+/g, " ").trim().toLowerCase();
}
