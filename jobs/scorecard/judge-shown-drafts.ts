/** Judges drafts that were only shown, once a teammate has answered the customer instead. */
import type { Order } from "#core/contracts/shop.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { agreementOf, type Comparison } from "#core/values/rehearsal.ts";
import { addedUp } from "#core/values/money.ts";
import { loadApproval } from "#store/approvals/approvals.ts";
import { messagesOf } from "#store/conversations/messages.ts";
import {
  type AnsweredDraft,
  draftsToJudge,
  type Judged,
  judgeLater,
  recordJudged,
} from "#store/reports/draft-scores.ts";
import { LIMITS, type JobContext } from "#jobs/context/job-context.ts";
import { judge } from "#jobs/rehearsal/judge.ts";
import { draftsSide, personsSide, type ShownDraft } from "./two-sides.ts";

/** One round; the next one follows a second later. */
const JUDGED_AT_ONCE = 20;

/** While the shop is away. */
const LATER_MS = 10 * 60_000;

type Judging = Pick<JobContext, "store" | "clock" | "shop" | "log">;

/** Judges what is due. A draft that cannot be judged is kept as such, with its reason, and counts for nothing. */
export async function judgeShownDrafts(context: Judging): Promise<void> {
  const due = await context.store.run((transaction) =>
    draftsToJudge(transaction, context.clock.now(), JUDGED_AT_ONCE),
  );
  for (const draft of due) await judgeOne(context, draft);
}

async function judgeOne(context: Judging, draft: AnsweredDraft): Promise<void> {
  const { store, clock, log } = context;
  try {
    const judged = await judgementOn(context, draft);
    await store.run((transaction) =>
      recordJudged(transaction, draft.approvalId, judged, clock.now()),
    );
  } catch (error) {
    if (!(error instanceof DeskhandError) || !error.retry) throw error;
    log.warn("a shown draft is judged later", { reason: reasonOf(error) });
    const at = new Date(clock.now().getTime() + LATER_MS);
    await store.run((transaction) => judgeLater(transaction, draft.approvalId, at));
  }
}

async function judgementOn(context: Judging, draft: AnsweredDraft): Promise<Judged> {
  const { store } = context;
  const [approval, stored] = await store.run(async (transaction) => [
    await loadApproval(transaction, draft.approvalId),
    await messagesOf(transaction, draft.conversationId),
  ]);
  if (approval === null || approval.proposal === null) return { unjudged: "the draft is gone" };
  const shown: ShownDraft = {
    actions: approval.proposal.actions,
    orders: approval.card.context.orders,
    draftedAt: draft.draftedAt,
  };
  const ours = draftsSide(shown);
  const theirs = personsSide(
    shown,
    stored.map(({ message }) => message),
    await ordersNow(context, shown),
  );
  if (ours === null) return { unjudged: "the card holds no answer" };
  if (theirs === null) return { unjudged: "the teammate's answer is gone" };
  return judgedBy(judge(ours, theirs));
}

/** In the terms of the scorecard. Pure. */
function judgedBy(comparison: Comparison): Judged {
  const agreement = agreementOf(comparison);
  if (agreement === "unknown") return { unjudged: "what people did is not known" };
  const { wrongActions, lacks, contradicts } = comparison;
  return {
    agreed: agreement === "same",
    wrongActions: wrongActions.length,
    missingFacts: lacks.length + contradicts.length,
    // A policy has one currency, so there is one sum at most.
    atRisk: addedUp(wrongActions.map(({ risk }) => risk))[0] ?? null,
  };
}

async function ordersNow(
  { shop }: Judging,
  { orders }: ShownDraft,
): Promise<ReadonlyMap<string, Order>> {
  const found = new Map<string, Order>();
  for (const { orderId } of orders) {
    const order = await shop.order(orderId, AbortSignal.timeout(LIMITS.lookupMs));
    if (order !== null) found.set(orderId, order);
  }
  return found;
}
