/** Stops a conversation in which two programs may be answering each other, before a turn. */

import type { Policy } from "#core/contracts/policy.ts";
import { CHANNEL_TRAITS } from "#core/values/channel-traits.ts";
import type { Message } from "#core/values/message.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import { alertTeam } from "#jobs/plan/alert-team.ts";
import { oneLine } from "#core/values/words.ts";

/** The window of `RecentWrites`. */
const WINDOW_MS = 10 * 60_000;

/**
 * Why the bot writes nothing more into a conversation, as text for the teammate who takes over; null while there is
 * room. Checked before a turn. So many writes within minutes suggest two programs answering each other, so the team is
 * alerted once per such window and people take over. What teammates approve does not count.
 */
export async function exceededWriteLimit(
  context: Pick<JobContext, "store" | "clock" | "ids" | "cardLink"> & {
    readonly policy: Pick<Policy, "writesMax">;
  },
  { state, recent: { writes } }: Pick<ConversationSnapshot, "state" | "recent">,
): Promise<string | null> {
  const { id: conversationId, channel } = state.conversation;
  const max = context.policy.writesMax(channel);
  const now = context.clock.now();
  if (writes < max) return null;
  await context.store.run((transaction) =>
    alertTeam(context, transaction, {
      conversationId,
      turnId: null,
      text:
        `This may be a loop: Deskhand wrote ${writes} times into one conversation (${channel}) within ten minutes, the most it may by itself. ` +
        `People have it now. If this is what you expect, raise writes_per_ten_minutes in the policy. ${context.cardLink(conversationId)}`,
      people: [],
      about: `writes:${conversationId}:${Math.floor(now.getTime() / WINDOW_MS)}`,
      now,
    }),
  );
  return `Deskhand wrote ${writes} times here within ten minutes: it may be answering a program.`;
}

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
  return oneLine(text).toLowerCase();
}
