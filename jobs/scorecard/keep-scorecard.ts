/** Keeps the scorecard: judges what is due, then puts the change before the leads that the figures speak for. */

import { z } from "zod";
import { changedLines, editedPolicy } from "#policy/edit-policy.ts";
import type { Transaction } from "#store/db/database.ts";
import {
  changeInForce,
  pastProposals,
  recordProposal,
  type PastProposal,
  lockPolicy,
  newestChange,
  type PolicyChange,
} from "#store/policy/policy-changes.ts";
import { close } from "#jobs/policy/change.ts";
import { proposeOwn } from "#jobs/policy/own-change.ts";
import { type JobContext, LIMITS } from "#jobs/context/job-context.ts";
import { writeSetting } from "#store/db/settings.ts";
import type { DueSteps } from "#store/schedule/due-steps.ts";
import { type Advice, adviceOn, readScorecard, type TopicScore } from "./scorecard.ts";
import { type PlannedAction, ReplyArguments } from "#core/values/action.ts";
import type { Order } from "#core/contracts/shop.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { bySentAt, isFromRequester, isTeamAnswer, type Message } from "#core/values/message.ts";
import { addedUp } from "#core/values/money.ts";
import { comparisonAgreement, type Comparison } from "#core/values/rehearsal.ts";
import { aboutAction, type DraftsSide, judge, type PersonsSide } from "#jobs/rehearsal/judge.ts";
import { actionsSince } from "#jobs/rehearsal/taken-actions.ts";
import { loadApproval } from "#store/approvals/approvals.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import {
  type AnsweredDraft,
  draftsToJudge,
  type Judged,
  judgeLater,
  recordJudged,
} from "#store/reports/draft-scores.ts";
import type { OrderOnCard } from "#core/values/card-context.ts";

/** The setting that says when the scorecard was read last. */
export const SCORECARD_READ_SETTING = "scorecard.read";

/** Decided cards and answers that went out announce nothing here, so they are looked at this often. */
const READ_EVERY_MS = 60 * 60_000;

const At = z.iso.datetime();

/** Whether a draft is due, or the figures were last read an hour ago. */
export function isScorecardDue(
  { draftsToJudge, settings }: Pick<DueSteps, "draftsToJudge" | "settings">,
  now: Date,
): boolean {
  const before = At.nullish().parse(settings[SCORECARD_READ_SETTING]) ?? null;
  return draftsToJudge || before === null || now.getTime() - Date.parse(before) >= READ_EVERY_MS;
}

/** One round. What fails now, such as a shop that is away, is done at a later one. */
export async function keepScorecard(context: JobContext): Promise<void> {
  await judgeShownDrafts(context);
  const change = await proposeAutonomy(context);
  if (change !== null) context.log.info("a change of autonomy is proposed", { change: change.id });
  const now = context.clock.now().toISOString();
  await context.store.run(writeSetting, SCORECARD_READ_SETTING, now);
}

/** So many drafts have to be judged after a rejection before the same is proposed again. */
const NEW_JUDGED_MIN = 10;

type Proposing = Pick<JobContext, "store" | "clock" | "ids" | "policy" | "log">;

/** What is proposed about a topic, with the drafts it rests on. */
interface Proposed {
  readonly advice: Advice;
  readonly score: TopicScore;
}

/**
 * Proposes at most one change: a demotion before any promotion, and a promotion only while no other change of the
 * policy waits. Returns the change that waits from now on, or null.
 */
export async function proposeAutonomy(context: Proposing): Promise<PolicyChange | null> {
  const now = context.clock.now();
  return context.store.run(async (transaction) => {
    await lockPolicy(transaction);
    const active = await changeInForce(transaction, context.policy.version);
    if (active === null) return null;
    const past = await pastProposals(transaction);
    const wanted = (await readScorecard(context.policy, transaction, now))
      .flatMap((score) => {
        const advice = adviceOn(score);
        return advice === null ? [] : [{ advice, score }];
      })
      .toSorted((one, other) => one.advice.kind.localeCompare(other.advice.kind));
    for (const proposed of wanted) {
      if (!(await isNews(transaction, proposed, { past, policy: context.policy, now }))) continue;
      if (!(await makeRoom(context, transaction, active, { proposed, past }))) return null;
      const change = await proposeOne(context, transaction, active, proposed);
      if (change !== null) return change;
    }
    return null;
  });
}

/** The first time, or after a rejection with enough drafts judged since; never while it waits. */
async function isNews(
  transaction: Transaction,
  { advice, score }: Proposed,
  {
    past,
    policy,
    now,
  }: {
    readonly past: readonly PastProposal[];
    readonly policy: JobContext["policy"];
    readonly now: Date;
  },
): Promise<boolean> {
  const last = past.find(
    ({ channel, topic, goesTo }) =>
      channel === advice.channel && topic === advice.topic && goesTo === advice.to,
  );
  if (last === undefined) return true;
  if (last.state === "proposed") return false;
  if (last.state !== "rejected" && last.state !== "expired") return true;
  const since = await readScorecard(policy, transaction, now, last.proposedAt);
  const news = since.find(
    ({ channel, topic }) => channel === score.channel && topic === score.topic,
  );
  return (news?.judged ?? 0) >= NEW_JUDGED_MIN;
}

/** Only one change of the policy waits at a time; a promotion of ours makes room for a demotion. */
async function makeRoom(
  context: Proposing,
  transaction: Transaction,
  { source }: PolicyChange,
  { proposed, past }: { readonly proposed: Proposed; readonly past: readonly PastProposal[] },
): Promise<boolean> {
  const waiting = await newestChange(transaction, { source, state: "proposed" });
  if (waiting === null) return true;
  const promotes = past.some(({ changeId, kind }) => changeId === waiting.id && kind === "promote");
  if (proposed.advice.kind !== "demote" || !promotes) return false;
  await close(context, transaction, waiting, "Closed: a demotion goes first.");
  return true;
}

async function proposeOne(
  context: Proposing,
  transaction: Transaction,
  active: PolicyChange,
  { advice, score }: Proposed,
): Promise<PolicyChange | null> {
  const { channel, topic, from, to, kind } = advice;
  const text = editedPolicy(active.text, [
    { path: ["autonomy", channel, "topics", topic], value: to },
  ]);
  if (text === null) {
    context.log.warn("a topic's autonomy cannot be written into the policy file by itself", {
      channel,
      topic,
      autonomy: to,
    });
    return null;
  }
  const what = `${kind === "promote" ? "Promote" : "Demote"} ${topic} on ${channel} from ${from} to ${to}`;
  const change = await proposeOwn(context, transaction, active, {
    text,
    lines: changedLines(active.text, text),
    why: `${what}: ${advice.why}`,
  });
  await recordProposal(transaction, {
    changeId: change.id,
    kind,
    channel,
    topic,
    cameFrom: from,
    goesTo: to,
    judged: score.judged,
    proposedAt: change.proposedAt,
  });
  return change;
}

// Drafts that were only shown, judged by a teammate's own answer.

/** One round; the next one follows a second later. */
const JUDGED_AT_ONCE = 20;

/** While the shop is away. */
const LATER_MS = 10 * 60_000;

type Judging = Pick<JobContext, "store" | "clock" | "shop" | "log">;

/** Judges what is due. A draft that cannot be judged is kept as such, with its reason, and counts for nothing. */
async function judgeShownDrafts(context: Judging): Promise<void> {
  const due = await context.store.run(draftsToJudge, context.clock.now(), JUDGED_AT_ONCE);
  for (const draft of due) await judgeOne(context, draft);
}

async function judgeOne(context: Judging, draft: AnsweredDraft): Promise<void> {
  const { store, clock, log } = context;
  try {
    const judged = await judgementOn(context, draft);
    await store.run(recordJudged, draft.approvalId, judged, clock.now());
  } catch (error) {
    if (!(error instanceof DeskhandError) || !error.retry) throw error;
    log.warn("a shown draft is judged later", { reason: reasonOf(error) });
    const at = new Date(clock.now().getTime() + LATER_MS);
    await store.run(judgeLater, draft.approvalId, at);
  }
}

async function judgementOn(context: Judging, draft: AnsweredDraft): Promise<Judged> {
  const { store } = context;
  const [approval, said] = await store.run(async (transaction) => [
    await loadApproval(transaction, draft.approvalId),
    await saidAround(transaction, draft.conversationId),
  ]);
  if (approval === null || approval.proposal === null) return { unjudged: "the draft is gone" };
  const shown: ShownDraft = {
    actions: approval.proposal.actions,
    orders: approval.card.context.orders,
    draftedAt: draft.draftedAt,
  };
  const ours = draftsSide(shown);
  const theirs = personsSide(shown, said, await ordersNow(context, shown));
  if (ours === null) return { unjudged: "the card holds no answer" };
  if (theirs === null) return { unjudged: "the teammate's answer is gone" };
  return judgedBy(judge(ours, theirs));
}

/** What was said in a conversation, with teammates' answers on the other side of a hand-over, oldest first. */
async function saidAround(
  transaction: Transaction,
  conversationId: string,
): Promise<readonly Message[]> {
  const here = await conversationMessages(transaction, conversationId);
  const { linkedId = null } = (await loadConversation(transaction, conversationId)) ?? {};
  const there = linkedId === null ? [] : await conversationMessages(transaction, linkedId);
  const relayed = there.filter(({ message }) => isTeamAnswer(message));
  return [...here, ...relayed].map(({ message }) => message).toSorted(bySentAt);
}

/** In the terms of the scorecard. Pure. */
function judgedBy(comparison: Comparison): Judged {
  const agreement = comparisonAgreement(comparison);
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
      .map((planned) => ({ ...aboutAction(planned), verdict: "ask" as const })),
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
  const operations = draft.actions.flatMap(({ action: { operation } }) =>
    operation === "reply" ? [] : [operation],
  );
  const asked = messages.filter(
    (message) => isFromRequester(message) && message.sentAt <= first.sentAt,
  );
  return {
    text,
    at: new Date(first.sentAt),
    asked: asked.map((message) => message.text).join("\n\n"),
    actions: actionsSince({ ...draft, operations }, ordersNow, text),
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
