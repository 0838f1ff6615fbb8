/** Ends the cards that no teammate decided in time. */

import { appendAudit } from "#store/audit/audit-log.ts";
import { changeApproval, expiredApprovals, type Approval } from "#store/approvals/approvals.ts";
import { setOutcome } from "#store/conversations/messages.ts";
import { amendTurn } from "#store/conversations/traces.ts";
import type { Transaction } from "#store/db/database.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { noteWithdrawnDraft } from "./draft-notes.ts";
import { escalate } from "#jobs/handoff/escalate.ts";
import { alertTeam } from "#jobs/plan/alert-team.ts";

/** An expired approval never approves: its conversation goes to people, and the fallback lead is told. */
export async function expireCards(context: JobContext): Promise<void> {
  const now = context.clock.now();
  const expired = await context.store.run((transaction) => expiredApprovals(transaction, now));
  for (const approval of expired) {
    await context.store.run((transaction) => expireCard(context, transaction, approval, now));
    await context.wake(approval.conversationId).catch(() => undefined);
  }
}

async function expireCard(
  context: JobContext,
  transaction: Transaction,
  approval: Approval,
  now: Date,
): Promise<void> {
  const line = "Expired: no teammate decided in time. People answer this conversation now.";
  const changed = await changeApproval(
    transaction,
    approval,
    { state: "expired", closing: line },
    now,
  );
  if (!changed) return;
  await noteWithdrawnDraft(transaction, approval, { why: line, now });
  await setOutcome(
    transaction,
    approval.answers,
    {
      outcome: "expired",
      reason: "no teammate decided in time",
      turnId: approval.turnId,
      decidedIn: approval.conversationId,
    },
    now,
  );
  await amendTurn(transaction, approval.turnId, {
    outcome: "expired",
    outcome_reason: "no teammate decided in time",
    approval_granted: false,
    escalated_to_human: true,
  });
  await escalate(context, transaction, approval, {
    line: "no teammate decided in time",
    tell: "when-closed",
    at: now,
  });
  await alertTeam(context, transaction, {
    conversationId: approval.conversationId,
    turnId: approval.turnId,
    text: `Expired, no teammate decided in time: ${approval.card.headline}. Nothing was done; people have the conversation now. ${context.cardLink(approval.id)}`,
    people: [context.policy.fallbackLead],
    about: `expired:${approval.id}:${approval.version}`,
    kind: "expired",
    now,
  });
  await appendAudit(transaction, { kind: "expired", data: { approval: approval.id } }, now);
}
