import { sealOf, type Proposal } from "#core/action.ts";
import type { Conversation } from "#core/message.ts";
import { canonical } from "#core/canonical.ts";
import { appendAudit } from "#store/audit.ts";
import { changeApproval, insertApproval, type Approval } from "#store/approvals.ts";
import type { Transaction } from "#store/driver.ts";
import { intend } from "#store/ledger.ts";
import { amendTurn } from "#store/traces.ts";
import { noteAction } from "./actions.ts";
import { composeCard } from "./card.ts";
import { Overtaken } from "./overtaken.ts";
import type { Parts } from "./parts.ts";
import type { Plan, PlannedCard } from "./plan.ts";
import type { View } from "./view.ts";

/** Posts a new card, or brings the one that waits up to date in its place; an out-of-date one without successor is void. */
export async function writeCard(
  parts: Parts,
  transaction: Transaction,
  written: {
    readonly view: View;
    readonly plan: Plan;
    readonly revision: string;
    readonly now: Date;
    readonly overtaken: boolean;
  },
): Promise<void> {
  const { view, plan, revision, now } = written;
  const pending = standingCard(view, written.overtaken);
  if (plan.card === null) {
    if (pending !== null && plan.voids !== null)
      await voidApproval(transaction, pending, plan.voids, now);
    return;
  }
  const id = pending?.id ?? parts.ids.next("a");
  const version = (pending?.version ?? 0) + 1;
  const { card, seal } = sealedCard(plan.card, {
    id,
    version,
    revision,
    changes: changesSince(written),
  });
  const row = {
    turnId: plan.card.content.turnId,
    kind: plan.card.content.kind,
    version,
    state: plan.card.content.kind === "notice" ? ("void" as const) : ("pending" as const),
    proposal: plan.card.proposal,
    seal,
    revision,
    rules: [...plan.card.rules],
    needs: plan.card.needs,
    votes: [],
    expiresAt: plan.card.expiresAt,
    card,
    answers: [...plan.card.answers],
  };
  if (pending === null)
    await insertApproval(
      transaction,
      { id, conversationId: view.state.conversation.id, ...row },
      now,
    );
  else if (!(await changeApproval(transaction, pending, row, now)))
    throw new Overtaken("the card was decided meanwhile");
  await noteDraft(parts, transaction, plan.card.content.conversation, { id, version, card, now });
  await appendAudit(
    transaction,
    { kind: "asked", data: { approval: id, version, seal, kind: row.kind } },
    now,
  );
}

/** The card that waits, or the one whose approval just lapsed: either is brought up to date in its place. */
function standingCard(view: View, overtaken: boolean): Approval | null {
  return view.pending ?? (overtaken ? view.approved : null);
}

/** The card with its seal: over the proposal, the revision and the rules that matched. */
function sealedCard(
  planned: PlannedCard,
  standing: {
    readonly id: string;
    readonly version: number;
    readonly revision: string;
    readonly changes: readonly string[];
  },
): { readonly card: Approval["card"]; readonly seal: string } {
  return {
    card: composeCard({
      ...planned.content,
      approvalId: standing.id,
      version: standing.version,
      changes: standing.changes,
    }),
    seal: sealFor(planned.proposal, standing.revision, planned.rules),
  };
}

/** A card without a proposal (a blocked message) is sealed for its revision alone. */
export function sealFor(
  proposal: Proposal | null,
  revision: string,
  rules: readonly unknown[],
): string {
  return sealOf({ proposal: proposal ?? { actions: [] }, revision, rules });
}

function changesSince(written: {
  readonly view: View;
  readonly plan: Plan;
  readonly overtaken: boolean;
}): readonly string[] {
  const pending = standingCard(written.view, written.overtaken);
  if (pending === null) return [];
  const lapsed = pending.votes.map((vote) => `${vote.name}'s approval lapsed.`);
  const proposal = written.plan.card?.proposal ?? null;
  const same = canonical(actionsOf(pending.proposal)) === canonical(actionsOf(proposal));
  const why =
    written.plan.card?.answers.length === pending.answers.length
      ? "What this card relies on changed."
      : "The customer wrote again.";
  return [why, ...(same ? [] : ["The proposed action changed."]), ...lapsed];
}

function actionsOf(proposal: Proposal | null): unknown {
  return (proposal?.actions ?? [])
    .filter(({ action }) => action.operation !== "reply")
    .map(({ action }) => action);
}

/** Ends a card that waits without a decision. */
export async function voidApproval(
  transaction: Transaction,
  approval: Approval,
  reason: string,
  now: Date,
): Promise<boolean> {
  const ended = await changeApproval(
    transaction,
    approval,
    { state: "void", closing: reason },
    now,
  );
  if (!ended) return false;
  await amendTurn(transaction, approval.turnId, {
    approval_granted: false,
    outcome_reason: reason,
  });
  await appendAudit(
    transaction,
    { kind: "void", data: { approval: approval.id, version: approval.version } },
    now,
  );
  return true;
}

/** Where teammates work in the channel itself, they find the draft there too, with the way to the card. */
async function noteDraft(
  parts: Parts,
  transaction: Transaction,
  conversation: Conversation,
  posted: {
    readonly id: string;
    readonly version: number;
    readonly card: Approval["card"];
    readonly now: Date;
  },
): Promise<void> {
  const channel = parts.channels.get(conversation.channel);
  if (channel === undefined || !channel.supports.includes("note")) return;
  const { draft } = posted.card;
  if (draft === null) return;
  const actions = posted.card.actions.map(({ label }) => `Proposed: ${label}`);
  const text = [
    "Draft by Deskhand, not sent. It goes out when somebody approves it.",
    `Card: ${parts.cardLink(posted.id)}`,
    ...actions,
    "",
    draft.text,
  ].join("\n");
  const note = noteAction(conversation, text, `${posted.id}:${posted.version}`);
  await intend(transaction, [note], {
    conversationId: conversation.id,
    approvalId: null,
    turnId: posted.card.traceId,
    bundle: parts.ids.next("b"),
    revision: null,
    approvedBy: "policy",
    notBefore: posted.now,
    now: posted.now,
  });
}
