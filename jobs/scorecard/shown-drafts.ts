/** Judges the drafts that were only shown, once a teammate has answered the customer instead. */
import { type PlannedAction, ReplyArguments } from "#core/values/action.ts";
import type { OrderOnCard } from "#core/values/card-context.ts";
import type { Order } from "#core/contracts/shop.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Message } from "#core/values/message.ts";
import { addedUp } from "#core/values/money.ts";
import { agreementOf, type Comparison } from "#core/values/rehearsal.ts";
import { LIMITS, type JobContext } from "#jobs/context/job-context.ts";
import { aboutAction, type DraftsSide, judge, type PersonsSide } from "#jobs/rehearsal/judge.ts";
import { actionsSince } from "#jobs/rehearsal/taken-actions.ts";
import { loadApproval } from "#store/approvals/approvals.ts";
import { messagesOf } from "#store/conversations/messages.ts";
import {
  type AnsweredDraft,
  draftsToJudge,
  type Judged,
  judgeLater,
  recordJudged,
} from "#store/reports/draft-scores.ts";

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

/** A draft as its card keeps it. */
interface ShownDraft {
  readonly actions: readonly PlannedAction[];
  /** The orders of its card, as they were when it was drafted. */
  readonly orders: readonly OrderOnCard[];
  readonly draftedAt: Date;
}

/** The draft's side; null for a card that holds no answer. */
function draftsSide({ actions, draftedAt }: ShownDraft): DraftsSide | null {
  const reply = actions.findLast(({ action }) => action.operation === "reply");
  if (reply === undefined) return null;
  return {
    text: ReplyArguments.parse(reply.action.arguments).text,
    at: draftedAt,
    actions: actions
      .filter(({ action }) => action.operation !== "reply")
      .map(({ action }) => ({ ...aboutAction(action), verdict: "ask" as const })),
    outcome: "answered",
  };
}

/**
 * The side of the people: what they wrote until the customer wrote again, and what the shop shows that they did. Null
 * when their answer is not there any more.
 */
function personsSide(
  draft: ShownDraft,
  messages: readonly Message[],
  ordersNow: ReadonlyMap<string, Order>,
): PersonsSide | null {
  const answers = firstAnswers(messages, draft.draftedAt);
  const [first] = answers;
  if (first === undefined) return null;
  const text = answers.map((answer) => answer.text).join("\n\n");
  const asked = messages.filter(
    ({ author, visibility, sentAt }) =>
      author.kind === "requester" && visibility === "public" && sentAt <= first.sentAt,
  );
  return {
    text,
    at: new Date(first.sentAt),
    asked: asked.map((message) => message.text).join("\n\n"),
    actions: actionsSince(draft.orders, ordersNow, text),
    // A teammate who has written to the customer and goes on later is not told from one who is done.
    outcome: null,
  };
}

function firstAnswers(messages: readonly Message[], since: Date): readonly Message[] {
  const later = messages.filter(
    ({ sentAt, visibility }) => visibility === "public" && new Date(sentAt) >= since,
  );
  const first = later.findIndex(({ author }) => author.kind === "teammate");
  if (first < 0) return [];
  const after = later.slice(first);
  const next = after.findIndex(({ author }) => author.kind === "requester");
  return (next < 0 ? after : after.slice(0, next)).filter(
    ({ author }) => author.kind === "teammate",
  );
}
