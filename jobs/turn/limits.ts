/** What is checked before a turn: the spending caps, and whether two programs may be answering each other. */

import { utcDay } from "#core/values/moment.ts";
import { CHANNEL_TRAITS } from "#core/values/vocabulary.ts";
import type { Message } from "#core/values/message.ts";
import { oneLine } from "#core/values/words.ts";
import type { PlannedAction } from "#core/values/action.ts";
import type { Cap, Policy } from "#core/contracts/policy.ts";
import { intend } from "#store/effects/intend.ts";
import { type TurnUsage, usageOfShares, usageAt } from "#store/effects/usage.ts";
import { PROVEN_LEVEL, type IdentityLevel } from "#core/values/identity.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import { alertAction, alertTeam } from "#jobs/plan/own-actions.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** Who wrote what a turn would answer. */
interface Writer {
  readonly id: string;
  readonly level: IdentityLevel;
}

/**
 * The parts of a day's cap that one writer may use, all unsigned visitors of one network, and all together who are not
 * proven to be anybody.
 */
const ONE_WRITER = 1 / 10;
const ONE_NETWORK = 1 / 5;
const UNPROVEN = 1 / 2;

/**
 * Why no more may be spent on a conversation, as text for the teammate who takes over; null while there is room.
 * Checked before a turn, so a cap never cuts an answer in half: each turn is bounded by its own caps.
 *
 * The daily cap counts the last 24 hours over all conversations. Its first hit on a date (UTC) alerts the team once,
 * through the ledger like every alert.
 */
export async function exceededCap(
  context: Pick<JobContext, "store" | "clock"> & { readonly policy: Pick<Policy, "caps"> },
  { state, used }: Pick<ConversationSnapshot, "state" | "used">,
  writer: Writer,
): Promise<string | null> {
  const now = context.clock.now();
  const { conversation, day } = context.policy.caps;
  const own = reachedCap(used.here, conversation);
  if (own !== null) return `This conversation has used ${own}, the most one may use.`;
  const all = reachedCap(used.ofDay, day);
  if (all === null)
    return exceededShare(context, used.ofDay, { ...writer, conversationId: state.conversation.id });
  await context.store.run(intend, [dayAlert(all, now)], {
    conversationId: state.conversation.id,
    bundle: `cap:${utcDay(now)}`,
    now,
  });
  return `All conversations together have used ${all} within 24 hours, the most a day may use.`;
}

/**
 * Why this writer may use no more of the day although the day has room: nobody alone uses it up for all others, nor with
 * any number of names from one network, and all who are not proven leave half of it to those who are.
 */
async function exceededShare(
  { store, clock, policy }: Parameters<typeof exceededCap>[0],
  ofDay: TurnUsage,
  { id, level, conversationId }: Writer & { readonly conversationId: string },
): Promise<string | null> {
  const ofOne = partialCap(policy.caps.day, ONE_WRITER);
  // No share is larger than what all have used.
  if (reachedCap(ofDay, ofOne) === null) return null;
  const shares = await usageOfShares(store, { writer: id, conversationId }, clock.now());
  const one = reachedCap(shares.writer, ofOne);
  if (one !== null)
    return `This writer has used ${one} within 24 hours, the most one may use of a day.`;
  if (level >= PROVEN_LEVEL) return null;
  const network = reachedCap(shares.network, partialCap(policy.caps.day, ONE_NETWORK));
  if (network !== null)
    return `Visitors from this network have used ${network} within 24 hours, the most one network may use of a day.`;
  const unproven = reachedCap(shares.unproven, partialCap(policy.caps.day, UNPROVEN));
  return unproven === null
    ? null
    : `All whose identity is not proven have used ${unproven} together within 24 hours, their part of a day.`;
}

function partialCap({ stepsMax, outputTokensMax, usdMax, ms }: Cap, part: number): Cap {
  return {
    stepsMax: Math.ceil(stepsMax * part),
    outputTokensMax: Math.ceil(outputTokensMax * part),
    usdMax: usdMax * part,
    ms: ms * part,
  };
}

/**
 * What of a cap is used up, such as "60,000 tokens", or null; the amount is the cap's own, for comparing with the
 * policy.
 */
function reachedCap(
  spent: TurnUsage,
  { stepsMax, outputTokensMax, usdMax, ms }: Cap,
): string | null {
  if (spent.outputTokens >= outputTokensMax) return `${formattedNumber(outputTokensMax)} tokens`;
  if (spent.steps >= stepsMax) return `${formattedNumber(stepsMax)} steps`;
  if (spent.usd > 0 && spent.usd >= usdMax) return `${usdMax.toFixed(2)} USD`;
  return spent.ms >= ms ? `${formattedNumber(Math.round(ms / 1_000))} seconds` : null;
}

/**
 * What is used up of the caps of a conversation or of a day, for work beside a turn; null while there is room. Work that
 * no customer waits for may use only a part of the day.
 */
export async function usedUpCap(
  { store, clock, policy: { caps } }: Parameters<typeof exceededCap>[0],
  conversationId: string,
  part = 1,
): Promise<string | null> {
  const { here, ofDay } = await usageAt(store, conversationId, clock.now());
  return reachedCap(here, caps.conversation) ?? reachedCap(ofDay, partialCap(caps.day, part));
}

function dayAlert(used: string, now: Date): PlannedAction {
  return alertAction(
    `The cap of a day is reached: all conversations together have used ${used} within 24 hours. ` +
      "Until some of that is a day old, every new message goes to people without a draft. " +
      "If this is what you expect, raise caps.day in the policy.",
    [],
    `cap:day:${utcDay(now)}`,
  );
}

function formattedNumber(number: number): string {
  return new Intl.NumberFormat("en-US").format(number);
}

// Stops a conversation in which two programs may be answering each other.

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
      text:
        `This may be a loop: Deskhand wrote ${writes} times into one conversation (${channel}) within ten minutes, the most it may by itself. ` +
        `People have it now. If this is what you expect, raise writes_per_ten_minutes in the policy. ${context.cardLink(conversationId)}`,
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
