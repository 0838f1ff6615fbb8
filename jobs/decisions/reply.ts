/** A teammate's own reply to a customer: checked like an edited draft, and sent as a card that its writer approves at once. */
import { BARE_CARD, Card, type DeskDecision } from "#core/contracts/approval-desk.ts";
import type { Finding } from "#core/contracts/guard.ts";
import { calendarDay, type Decision } from "#core/contracts/policy.ts";
import { BY_HAND, type PlannedAction, type Proposal } from "#core/values/action.ts";
import { PROVEN_LEVEL } from "#core/values/identity.ts";
import { calledBy, isFromRequester } from "#core/values/message.ts";
import { clockText } from "#core/values/moment.ts";
import { languageOr, maskOr } from "#core/values/thrown.ts";
import { detectedLanguage } from "#guard/languages/detect.ts";
import { type Approval, insertApproval } from "#store/approvals/approvals.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import {
  caseHeads,
  loadConversation,
  lockConversation,
  refreshRevision,
  updateConversation,
} from "#store/conversations/conversations.ts";
import type { Transaction } from "#store/db/database.ts";
import { intend } from "#store/effects/intend.ts";
import { isBlank } from "#text/normalize.ts";
import { pressingVoter } from "#jobs/approval/ballot.ts";
import { findingFlag, markedPassages, shortFlag } from "#jobs/approval/card-lines.ts";
import { endCard } from "#jobs/approval/end-card.ts";
import {
  acceptedAnswer,
  NO_ROLE,
  RACED,
  type RacedAnswer,
  refusedAnswer,
  wrongInput,
} from "#jobs/approval/refusals.ts";
import { sealFor } from "#jobs/approval/seal.ts";
import { type JobContext, notifyWorker } from "#jobs/context/job-context.ts";
import { replyAction } from "#jobs/plan/own-actions.ts";
import { orTakenBack, recordVote } from "./card-press.ts";
import {
  readThread,
  teammatesReceipts,
  type Thread,
  toldToWriter,
  whyNotNow,
  whyOther,
} from "./reply-basis.ts";
import { tellHandedOver } from "#jobs/webhooks/events.ts";
import { assignTicket } from "./take-over-case.ts";
import { undoTime } from "./undo.ts";

/**
 * Sends what a teammate wrote, with the greeting and signature of the place, where the customer wrote. What the checks
 * find is told first, and it is sent once that is asked for again. A card that waits ends with it; the case is the
 * writer's, unless a colleague has it by name.
 */
export async function replyToCustomer(
  context: JobContext,
  decision: DeskDecision,
): Promise<RacedAnswer> {
  const written = decision.edit?.text ?? "";
  if (isBlank(written)) return wrongInput({ text: "The reply must not be empty." });
  const thread = await context.store.run(async (transaction) => {
    const read = await readThread(context, transaction, decision.approvalId);
    if (typeof read === "string") return refusedAnswer(read);
    const now = await whyNotNow(context, transaction, read.members, decision);
    return "accepted" in now ? now : (whyOther(read, decision.goesTo) ?? read);
  });
  if ("accepted" in thread) return thread;
  const { policy, guard } = context;
  const { asked, name } = thread;
  const { channel, brand } = thread.state.conversation;
  const text = policy.sign(written, {
    channel,
    brand,
    name: asked.identity.level >= PROVEN_LEVEL ? name : null,
    automatic: false,
    // Greeting and signature in the language they stand around.
    language: detectedLanguage(written) ?? languageOr(guard, [asked]),
  });
  const findings = findingsIn(context, thread, text, decision.teammate.name);
  if (findings.length === 0 || decision.despite === true)
    return send(context, decision, thread, { text, findings });
  return {
    ...wrongInput({ text: "Read the warnings, change the text, or send it all the same." }),
    warnings: findings.map((finding) => findingFlag(finding).text),
  };
}

function findingsIn(
  { output, policy, clock }: JobContext,
  { state: { conversation }, messages, asked, name, known, isTheirs }: Thread,
  text: string,
  writer: string,
): readonly Finding[] {
  const spoken = messages.filter(({ visibility }) => visibility === "public");
  const said = spoken.filter((message) => !isFromRequester(message));
  const { level, reason } = asked.identity;
  const { findings } = output.check(text, {
    toolResults: known,
    passages: [],
    proposal: null,
    asked: spoken
      .filter((message) => isFromRequester(message) && isTheirs(message))
      .map((message) => message.text)
      .join("\n\n"),
    said: said.map(({ author, text: words, sentAt }) => ({
      by: author.kind === "teammate" ? ("teammate" as const) : ("us" as const),
      text: words,
      at: calendarDay(policy, new Date(sentAt)),
    })),
    requester: { level, customerId: null, emailOnFile: null, name, reason },
    // People have the case.
    escalates: true,
    ...teammatesReceipts(policy, conversation, writer),
    today: calendarDay(policy, clock.now()),
  });
  return toldToWriter(findings, text);
}

/** A person decided it, and nothing of the policy is asked. */
const WRITTEN_BY_HAND: Decision = {
  verdict: "ask",
  rule: "reply.by_hand",
  reason: "a teammate wrote it",
  approvers: { count: 1, leads: 0 },
  reservations: [],
};

/** Makes the card, its approval and its effect in one commit; what is too late writes nothing. */
async function send(
  context: JobContext,
  decision: DeskDecision,
  thread: Thread,
  { text, findings }: { readonly text: string; readonly findings: readonly Finding[] },
): Promise<RacedAnswer> {
  const { id, channel } = thread.state.conversation;
  const { zone } = context.policy.digest;
  const at = context.clock.now();
  const undoUntil = undoTime(context, channel, at);
  const notBefore = undoUntil ?? at;
  const { voter, name, role } = pressingVoter(context, decision.teammate);
  if (role === null) return refusedAnswer(NO_ROLE);
  const planned = plannedReply(thread, text, decision.decisionId);
  const approvalId = context.ids.next("a");
  const proposal: Proposal = { actions: [planned] };
  const rules = [WRITTEN_BY_HAND];
  const when = undoUntil === null ? "Being sent" : `Will be sent at ${clockText(undoUntil, zone)}`;
  const closing = `${when}, written by ${name}.`;
  const card = { ...replyCard(context, thread, text, findings), approvalId, closing };
  const isSent = await orTakenBack(context.store, async (transaction, takeBack) => {
    await lockConversation(transaction, id);
    const way = await makeWay(context, transaction, thread, { decision, notBefore, at });
    if (way === null) return takeBack(false);
    const revision = await refreshRevision(transaction, id);
    const seal = sealFor(proposal, revision, rules);
    const row = {
      id: approvalId,
      conversationId: id,
      // No turn has made it, and none counts it.
      turnId: approvalId,
      kind: "notice",
      version: 1,
      state: "approved",
      proposal,
      revision,
      rules,
      seal,
      card,
      closing,
      undoUntil,
      needs: WRITTEN_BY_HAND.approvers,
      votes: [{ voter, name, role, at: at.toISOString() }],
      expiresAt: at,
      answers: [],
    } satisfies Parameters<typeof insertApproval>[1];
    await insertApproval(transaction, row, at);
    const intended = await intend(transaction, [planned], {
      conversationId: id,
      approvalId,
      revision,
      bundle: context.ids.next("b"),
      approvedBy: "teammate",
      notBefore,
      now: at,
    });
    if (intended.length === 0) return takeBack(false);
    for (const ended of way)
      await recordVote(context, transaction, ended, { voter, button: "reply", at });
    await recordVote(context, transaction, row, { voter, button: "approve", at });
    const data = { approval: approvalId, key: planned.key, operation: "reply", by: "teammate" };
    await appendAudit(transaction, { kind: "intended", data }, at);
    return true;
  });
  if (!isSent) return RACED;
  const waitMs = notBefore.getTime() - at.getTime();
  await notifyWorker(context, id, waitMs);
  const undone = undoUntil === null ? {} : { card: approvalId, undoMs: waitMs };
  return { ...acceptedAnswer(undoUntil === null ? "Sent." : `${when}.`), ...undone };
}

/** It answers what the customer wrote since our last word to them, and what the cards that end with it were to answer. */
function plannedReply(
  { state: { conversation }, messages, asked, to, covered }: Thread,
  text: string,
  decisionId: string,
): PlannedAction {
  const last = messages.findLastIndex(
    (one) => one.visibility === "public" && !isFromRequester(one),
  );
  const open = messages.slice(last + 1).filter(isFromRequester);
  const answers = [...new Set([...[...open, asked].map(({ key }) => key), ...covered])];
  const place = `by-hand:${decisionId}`;
  const reply = replyAction({ conversation, to, text, answers, automatic: false, place });
  return { ...reply, key: `${reply.key}${BY_HAND}` };
}

/**
 * Each card of the case that waits ends, its draft is not sent, and its conversation is the writer's as the reply's own
 * is, unless a colleague has it by name. Returns the cards that ended; null when another press was faster, or the
 * customer.
 */
async function makeWay(
  context: JobContext,
  transaction: Transaction,
  { state, members }: Thread,
  given: Parameters<typeof takeForWriter>[3],
): Promise<readonly Approval[] | null> {
  const { decision, at } = given;
  const waiting = await whyNotNow(context, transaction, members, decision);
  if ("accepted" in waiting) return null;
  const reason = `${pressingVoter(context, decision.teammate).name} answered in their own words`;
  for (const card of waiting) {
    const closing = `${reason} · ${clockText(at, card.card.zone)}`;
    const change = { state: "rejected" as const, votes: card.votes, closing };
    const end = { change, outcome: "escalated" as const, reason, withdrawn: reason };
    if (!(await endCard(context, transaction, card, end, at))) return null;
  }
  const taken = [state.conversation.id, ...waiting.map(({ conversationId }) => conversationId)];
  await takeForWriter(context, transaction, [...new Set(taken)], given);
  return waiting;
}

async function takeForWriter(
  context: JobContext,
  transaction: Transaction,
  ids: readonly string[],
  given: { readonly decision: DeskDecision; readonly notBefore: Date; readonly at: Date },
): Promise<void> {
  const { decision, at, notBefore } = given;
  const { name, voter } = pressingVoter(context, decision.teammate);
  const line = `${name} answers`;
  for (const [id, head] of await caseHeads(transaction, ids)) {
    const state = await loadConversation(transaction, id);
    const { reason, handedOverAt } = state ?? {};
    const holder = head.holder ?? reason?.holder ?? null;
    if (holder === null && !head.isSolved) {
      const taker = { name, email: decision.teammate.email };
      const { decisionId } = decision;
      await assignTicket(context, transaction, { id, taker, line, decisionId, notBefore, at });
    }
    const change = {
      owner: "human" as const,
      ownerReason: {
        delicate: null,
        ...reason,
        words: line,
        holder: reason?.holder ?? { name, voter },
      },
      handedOverAt: handedOverAt ?? at,
      handoverRemindAt: null,
    };
    await updateConversation(transaction, id, change, at);
    await tellHandedOver(context, transaction, state, { reason: line, now: at });
  }
}

/** What the page of the case shows of the reply. */
function replyCard(
  { policy, guard }: JobContext,
  { state: { conversation }, asked, to, name }: Thread,
  text: string,
  findings: readonly Finding[],
): Card {
  const { level, reason: verification } = asked.identity;
  return Card.parse({
    ...BARE_CARD,
    approvalId: conversation.id,
    version: 1,
    kind: "notice",
    state: "closed",
    headline: ["Reply", name].filter((part) => part !== "").join(" · "),
    notification: policy.cards.namesInNotifications ? "" : "Reply",
    zone: policy.digest.zone,
    closing: "",
    requester: { name, address: to.label, verification, level },
    channel: conversation.channel,
    conversationLabel: calledBy(conversation),
    asked: maskOr(guard, asked.text, ""),
    draft: { text, to: to.label, sources: [], marks: markedPassages(text, findings) },
    flags: findings.map((finding) => shortFlag(findingFlag(finding))),
    approveLabel: "",
    model: "",
    traceId: conversation.id,
  });
}
