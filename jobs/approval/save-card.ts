/**
 * Room: approval cards: their content, seal, votes, status and display on the desk.
 * In: a planned card of a turn, and clicks by way of the decisions room.
 * Out: rows in the approvals table with their seal and audit entries; cards posted and updated on the desk.
 * May touch: the database and the desk; for the four-eyes rule also the shop's customer lookup.
 */

import { canonical } from "#core/values/canonical-json.ts";
import type { Proposal } from "#core/values/action.ts";
import { changeApproval, insertApproval, type Approval } from "#store/approvals/approvals.ts";
import type { Transaction } from "#store/db/database.ts";
import { sealFor } from "./seal.ts";
import { amendTurn } from "#store/conversations/traces.ts";
import { composeCard } from "./card-content.ts";
import { noteDraft } from "./draft-notes.ts";
import { loadCardRecords } from "./card-context.ts";
import { StaleTurnError, type JobContext } from "#jobs/context/job-context.ts";
import { notRedraftedLines, redraftedLines } from "./card-lines.ts";
import type { AuditEntry } from "#store/audit/pending-entries.ts";
import { sentLine } from "./manual-reply.ts";
import type { Plan, SentByHand } from "#jobs/plan/plan.ts";
import { alertWhenShortOfApprovers } from "./undecided-cards.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import type { PlannedCard } from "#jobs/plan/planned-card.ts";
import { noteShownDraft } from "#jobs/notes/shown-drafts.ts";
import { endAsVoid } from "./end-card.ts";

/** What the second commit of a turn knows when it saves the card. */
interface SaveCardInput {
  readonly snapshot: ConversationSnapshot;
  readonly plan: Plan;
  readonly revision: string;
  readonly now: Date;
  readonly overtaken: boolean;
  /** True when people have the conversation now. */
  readonly toPeople: boolean;
}

/**
 * Posts a new card, or updates the pending one in place; an outdated card without a successor becomes void. Returns the
 * audit entries.
 */
export async function saveCard(
  context: JobContext,
  transaction: Transaction,
  written: SaveCardInput,
): Promise<readonly AuditEntry[]> {
  const { snapshot, plan, overtaken, toPeople, now } = written;
  const standing = currentCard(snapshot, overtaken);
  if (plan.card === null) {
    if (plan.notRedone !== null) return keepDraft(transaction, snapshot, plan.notRedone, now);
    if (standing === null || plan.voids === null) return [];
    if (plan.sentByHand !== null) return endAsSent(transaction, standing, plan.sentByHand, now);
    const outcome = toPeople ? "escalated" : "ignored";
    const { voids: reason } = plan;
    return endAsVoid(transaction, standing, { reason, outcome, withdrawn: reason }, now);
  }
  if (standing === null || standing.card.deskChannel === plan.card.content.deskChannel)
    return [await post(context, transaction, written, { planned: plan.card, pending: standing })];
  const ended = await endAsVoid(transaction, standing, MOVED, now);
  if (ended.length === 0) throw decidedMeanwhile();
  return [
    ...ended,
    await post(context, transaction, written, { planned: plan.card, pending: null }),
  ];
}

/** A redraft that led to no new draft: the card says so and can be decided as before. */
async function keepDraft(
  transaction: Transaction,
  { pending }: ConversationSnapshot,
  why: string,
  now: Date,
): Promise<readonly AuditEntry[]> {
  const redo = pending?.redraft.request ?? null;
  if (pending === null || redo === null) return [];
  const card = { ...pending.card, changes: [...notRedraftedLines(redo, why)] };
  if (!(await changeApproval(transaction, pending, { redraft: null, card }, now)))
    throw decidedMeanwhile();
  return [{ kind: "not_redone", data: { approval: pending.id, version: pending.version } }];
}

/** A desk message stays where it was posted, so a card that now belongs in another channel is posted there again. */
const MOVED = {
  reason: "Out of date: a newer card is in another place.",
  outcome: "ignored",
} as const;

/** Writes the card, with its note in the customer's channel and its alert to the fallback lead. */
async function post(
  context: JobContext,
  transaction: Transaction,
  written: SaveCardInput,
  given: { readonly planned: PlannedCard; readonly pending: Approval | null },
): Promise<AuditEntry> {
  const { planned, pending } = given;
  const { snapshot, revision, now } = written;
  const { conversation, turnId, kind } = planned.content;
  const id = pending?.id ?? context.ids.next("a");
  const version = (pending?.version ?? 0) + 1;
  const changes = changesSince(written, context.agent);
  const around = await loadCardRecords(transaction, planned.content, now);
  const card = composeCard({ ...planned.content, ...around, approvalId: id, version, changes });
  const seal = sealFor(planned.proposal, revision, planned.rules);
  const row = {
    turnId,
    kind,
    version,
    state: kind === "notice" ? ("void" as const) : ("pending" as const),
    proposal: planned.proposal,
    seal,
    revision,
    rules: [...planned.rules],
    needs: planned.needs,
    votes: [],
    expiresAt: planned.expiresAt,
    card,
    answers: [...planned.answers],
    redraft: null,
  };
  const conversationId = snapshot.state.conversation.id;
  if (pending === null) await insertApproval(transaction, { id, conversationId, ...row }, now);
  else await replace(transaction, pending, row, now);
  await noteShownDraft(transaction, id, planned, now);
  await noteDraft(context, transaction, conversation, { id, version, card, now });
  const told = { id, conversationId, turnId, headline: card.headline, short: planned.short };
  await alertWhenShortOfApprovers(context, transaction, told, now);
  return { kind: "asked", data: { approval: id, version, seal, kind } };
}

function decidedMeanwhile(): StaleTurnError {
  return new StaleTurnError("the card was decided meanwhile");
}

/** The pending card becomes this one. Its turn is over: another turn considered the same messages. */
async function replace(
  transaction: Transaction,
  pending: Approval,
  row: Parameters<typeof changeApproval>[2] & { readonly turnId: string },
  now: Date,
): Promise<void> {
  if (!(await changeApproval(transaction, pending, row, now))) throw decidedMeanwhile();
  if (pending.turnId === row.turnId) return;
  await amendTurn(transaction, pending.turnId, {
    outcome: "ignored",
    outcome_reason: `overtaken by ${row.turnId}`,
    approval_granted: false,
  });
}

/** The pending card, or the one whose approval just lapsed: either is updated in place. */
function currentCard(snapshot: ConversationSnapshot, overtaken: boolean): Approval | null {
  return snapshot.pending ?? (overtaken ? snapshot.approved : null);
}

function changesSince(
  written: Pick<SaveCardInput, "snapshot" | "plan" | "overtaken">,
  agent: JobContext["agent"],
): readonly string[] {
  const pending = currentCard(written.snapshot, written.overtaken);
  if (pending === null) return [];
  const lapsed = pending.votes.map((vote) => `${vote.name}'s approval lapsed.`);
  const proposal = written.plan.card?.proposal ?? null;
  const same =
    canonical(actionsApartFromReply(pending.proposal)) ===
    canonical(actionsApartFromReply(proposal));
  const asked = written.plan.card?.answers.length === pending.answers.length;
  const why = asked ? "What this card relies on changed." : "The customer wrote again.";
  const redo = pending.redraft.request;
  const redone = redo === null ? [] : redraftedLines(redo, agent);
  return [
    ...(redo !== null && asked ? [] : [why]),
    ...redone,
    ...(same ? [] : ["The proposed action changed."]),
    ...lapsed,
  ];
}

function actionsApartFromReply(proposal: Proposal | null): unknown {
  return (proposal?.actions ?? [])
    .filter(({ action }) => action.operation !== "reply")
    .map(({ action }) => action);
}

/** A teammate published the draft, which approves its text like a click, but no other action on the card. */
async function endAsSent(
  transaction: Transaction,
  approval: Approval,
  sent: SentByHand,
  now: Date,
): Promise<readonly AuditEntry[]> {
  const closing = sentLine(sent);
  const edits = [...approval.card.edits, { by: sent.by, lines: [...sent.lines] }];
  const card = { ...approval.card, edits };
  const change = { state: "approved" as const, closing, card, undoUntil: null };
  if (!(await changeApproval(transaction, approval, change, now))) throw decidedMeanwhile();
  await amendTurn(transaction, approval.turnId, {
    approval_granted: sent.undone.length === 0,
    outcome: "answered",
    outcome_reason: closing,
  });
  const { id, version } = approval;
  const changed = sent.lines.length > 0;
  return [{ kind: "sent_by_hand", data: { approval: id, version, changed } }];
}
