/** Ends cards of which nothing is carried out: void, rejected, expired, or covered by an answer elsewhere in the case. */
import type { Outcome } from "#core/values/vocabulary.ts";
import { calledBy } from "#core/values/message.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { changeApproval, type Approval } from "#store/approvals/approvals.ts";
import type { Transaction } from "#store/db/database.ts";
import { amendTurn } from "#store/conversations/traces.ts";
import { noteWithdrawnDraft } from "./draft-notes.ts";
import { StaleTurnError } from "#jobs/context/job-context.ts";
import type { AuditEntry } from "#store/audit/pending-entries.ts";
import { keysAnsweredBy } from "#jobs/cases/plan-case.ts";
import { setOutcome } from "#store/conversations/messages.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import type { Plan } from "#jobs/plan/plan.ts";

/**
 * Ends a pending card without a decision, and with it its turn: another one follows. Where its draft was noted for the
 * team, a note says that it is withdrawn.
 */
export async function voidApproval(
  transaction: Transaction,
  approval: Approval,
  reason: string,
  now: Date,
): Promise<boolean> {
  const isVoid = await voidErased(transaction, approval, reason, now);
  if (isVoid) await noteWithdrawnDraft(transaction, approval, { why: reason, now });
  return isVoid;
}

/** The same for a conversation that is being erased, where nothing more is written. */
export async function voidErased(
  transaction: Transaction,
  approval: Approval,
  reason: string,
  now: Date,
): Promise<boolean> {
  const entries = await endAsVoid(transaction, approval, { reason, outcome: "ignored" }, now);
  for (const entry of entries) await appendAudit(transaction, entry, now);
  return entries.length > 0;
}

/**
 * Ends the cards whose messages this turn answers too. Throws `StaleTurnError` when one of them was decided or changed
 * since: then its own answer comes first.
 */
export async function endCoveredCards(
  transaction: Transaction,
  {
    snapshot,
    plan,
    now,
  }: { readonly snapshot: ConversationSnapshot; readonly plan: Plan; readonly now: Date },
): Promise<readonly AuditEntry[]> {
  const { conversation } = snapshot.state;
  const here = `${conversation.channel} ${calledBy(conversation)}`;
  const entries: AuditEntry[] = [];
  const answered = keysAnsweredBy(plan);
  for (const { pending, keys } of plan.case.covers) {
    if (pending === null) continue;
    const reason = keys.every((key) => answered.has(key))
      ? `Also covered in ${here}: one answer for both goes there.`
      : `People have this case now, in ${here}: this conversation goes to them as well.`;
    const ended = await endAsVoid(transaction, pending, { reason, outcome: "ignored" }, now);
    if (ended.length === 0)
      throw new StaleTurnError("a card of the same case was decided meanwhile");
    entries.push(...ended);
  }
  return entries;
}

/** Ends it as void. Returns the audit entries; none when another change was faster. */
export async function endAsVoid(
  transaction: Transaction,
  approval: Approval,
  how: Pick<CardEnd, "reason" | "outcome" | "withdrawn">,
  now: Date,
): Promise<readonly AuditEntry[]> {
  const change = { state: "void", closing: how.reason } as const;
  if (!(await endCard(transaction, approval, { ...how, change }, now))) return [];
  return [{ kind: "void", data: { approval: approval.id, version: approval.version } }];
}

/** How a card ends of which nothing is carried out, and what becomes of its turn. */
interface CardEnd {
  readonly change: Pick<
    Parameters<typeof changeApproval>[2],
    "state" | "closing" | "votes" | "undoUntil"
  >;
  readonly outcome: Outcome;
  readonly reason: string;
  /** Why its draft is withdrawn, for those who read it beside the conversation; left out where they are not told. */
  readonly withdrawn?: string;
  /** True where the messages it was to answer end with it, and are not planned again. */
  readonly endsMessages?: true;
}

/** Ends a card, with its turn; false when another change was faster. */
export async function endCard(
  transaction: Transaction,
  approval: Approval,
  { change, outcome, reason, withdrawn, endsMessages }: CardEnd,
  now: Date,
): Promise<boolean> {
  if (!(await changeApproval(transaction, approval, change, now))) return false;
  const { answers, turnId, conversationId: decidedIn } = approval;
  if (withdrawn !== undefined)
    await noteWithdrawnDraft(transaction, approval, { why: withdrawn, now });
  if (endsMessages === true)
    await setOutcome(transaction, answers, { outcome, reason, turnId, decidedIn }, now);
  await amendTurn(transaction, turnId, {
    approval_granted: false,
    outcome,
    outcome_reason: reason,
    ...(outcome === "escalated" || outcome === "expired" ? { escalated_to_human: true } : {}),
  });
  return true;
}
