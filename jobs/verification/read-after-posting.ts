/**
 * Room: drafts that are read against their sources after their card was posted.
 * In: the draft of a turn that was saved, its sources, and what the turn has used.
 * Out: the card with what came of it, if it still waits unchanged; the cost, in the turn's trace and the sums of the day.
 * May touch: the database, the desk, and one model through the agent; never a draft, a seal or a customer.
 */

import type { Used } from "#core/contracts/agent.ts";
import { unverified, type Verification } from "#core/contracts/verifier.ts";
import { reasonOf } from "#core/values/errors.ts";
import { cardAfterReading } from "#jobs/approval/card-flags.ts";
import { showCardsSoon } from "#jobs/approval/sync-cards.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { usedUpCap } from "#jobs/turn/limits.ts";
import { changeApproval, pendingApproval } from "#store/approvals/approvals.ts";
import { addToTurn } from "#store/conversations/traces.ts";
import type { Transaction } from "#store/db/database.ts";
import { addUsage } from "#store/effects/usage.ts";
import type { DraftOnCard } from "#jobs/plan/planned-card.ts";

/**
 * Reads it, and says on the card what came of it. Nothing waits for this: a card that was decided, edited or replaced
 * meanwhile stays as it is, and one whose process ended first keeps no line about it. Never throws.
 */
export async function readAfterPosting(
  context: JobContext,
  draft: DraftOnCard,
  signal: AbortSignal,
): Promise<void> {
  try {
    const startedAt = context.clock.now();
    const { used, verification } = await readWithinCaps(context, draft, signal);
    await context.store.run(async (transaction) => {
      if (used !== null)
        await count(transaction, draft, { used, startedAt, now: context.clock.now() });
      await amend(transaction, draft, verification, context.clock.now());
    });
    await showCardsSoon(context);
  } catch (error) {
    if (!signal.aborted) context.log.warn("a draft was not read", { reason: reasonOf(error) });
  }
}

async function readWithinCaps(context: JobContext, draft: DraftOnCard, signal: AbortSignal) {
  const most = await usedUpCap(context, draft.conversationId);
  if (most !== null)
    return { used: null, verification: unverified(`${most} are used, the most that may be`) };
  return context.agent.verify({ text: draft.text, sources: draft.sources, signal }, draft.turn);
}

/** Counts the calls in the trace of the turn, by which the cap of a conversation goes, and in the sums of the day. */
async function count(
  transaction: Transaction,
  { turnId }: DraftOnCard,
  { used, startedAt, now }: { used: Used; startedAt: Date; now: Date },
): Promise<void> {
  const spent = { ...used, outputTokens: used.outputTokens - used.reasoningTokens };
  await addToTurn(transaction, turnId, spent);
  const ms = Math.max(0, now.getTime() - startedAt.getTime());
  await addUsage(transaction, { startedAt, ms, ...spent });
}

/** Only the card of this very turn is amended, and only while its draft is still the one that was read. */
async function amend(
  transaction: Transaction,
  { conversationId, turnId }: DraftOnCard,
  verification: Verification,
  now: Date,
): Promise<void> {
  const pending = await pendingApproval(transaction, conversationId);
  if (pending === null || pending.turnId !== turnId || pending.card.edits.length > 0) return;
  const card = cardAfterReading(pending.card, verification);
  // A click at the same moment was faster: then the line is not needed any more, or the next version's turn brings it.
  await changeApproval(transaction, pending, { card }, now);
}
