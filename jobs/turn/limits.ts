/** The spending caps that are checked before a turn. */

import type { PlannedAction } from "#core/values/action.ts";
import type { Cap, Policy } from "#core/contracts/policy.ts";
import { intend } from "#store/effects/intend.ts";
import { type TurnUsage, usageOfShares, VERIFIED_LEVEL } from "#store/effects/usage.ts";
import type { IdentityLevel } from "#core/values/identity.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import { alertAction } from "#jobs/plan/own-actions.ts";
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
  await context.store.run((transaction) =>
    intend(transaction, [dayAlert(all, now)], {
      conversationId: state.conversation.id,
      approvalId: null,
      turnId: null,
      bundle: `cap:${calendarDay(now)}`,
      revision: null,
      approvedBy: "policy",
      notBefore: now,
      now,
    }),
  );
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
  const shares = await store.run((transaction) =>
    usageOfShares(transaction, { writer: id, conversationId }, clock.now()),
  );
  const one = reachedCap(shares.writer, ofOne);
  if (one !== null)
    return `This writer has used ${one} within 24 hours, the most one may use of a day.`;
  if (level >= VERIFIED_LEVEL) return null;
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
export function reachedCap(
  spent: TurnUsage,
  { stepsMax, outputTokensMax, usdMax, ms }: Cap,
): string | null {
  if (spent.outputTokens >= outputTokensMax) return `${formattedNumber(outputTokensMax)} tokens`;
  if (spent.steps >= stepsMax) return `${formattedNumber(stepsMax)} steps`;
  if (spent.usd > 0 && spent.usd >= usdMax) return `${usdMax.toFixed(2)} USD`;
  return spent.ms >= ms ? `${formattedNumber(Math.round(ms / 1_000))} seconds` : null;
}

function dayAlert(used: string, now: Date): PlannedAction {
  return alertAction(
    `The cap of a day is reached: all conversations together have used ${used} within 24 hours. ` +
      "Until some of that is a day old, every new message goes to people without a draft. " +
      "If this is what you expect, raise caps.day in the policy.",
    [],
    `cap:day:${calendarDay(now)}`,
  );
}

function calendarDay(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}

function formattedNumber(number: number): string {
  return new Intl.NumberFormat("en-US").format(number);
}
