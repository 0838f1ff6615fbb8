import { sealOf, type Proposal } from "#core/action.ts";
import { canonical } from "#core/canonical.ts";
import { DeskhandError } from "#core/errors.ts";
import type { Signal } from "#core/message.ts";
import { appendAudit } from "#store/audit.ts";
import { changeApproval, insertApproval, type Approval } from "#store/approvals.ts";
import {
  addMessages,
  addSignals,
  refreshRevision,
  setOutcome,
  updateConversation,
} from "#store/conversations.ts";
import type { Transaction } from "#store/driver.ts";
import { requireLease, type Lease } from "#store/lease.ts";
import { intend, withdraw } from "#store/ledger.ts";
import { releaseReservations, reserve } from "#store/limits.ts";
import { markRead } from "#store/mailbox.ts";
import { amendTurn, saveTurn } from "#store/traces.ts";
import { noteAction } from "./actions.ts";
import { composeCard } from "./card.ts";
import type { Parts } from "./parts.ts";
import { unconditional, type Plan, type PlannedBundle, type PlannedCard } from "./plan.ts";
import type { Situation } from "./situation.ts";
import type { View } from "./view.ts";

/** A limit had no room any more, or the same effect is under way elsewhere: the turn has to be thought again. */
export class Overtaken extends Error {
  override readonly name = "Overtaken";
}

/**
 * The second commit of a turn: everything it read, decided and intends, at once or not at all. Refused when another
 * worker holds the lease by now.
 */
export async function writeTurn(
  parts: Parts,
  transaction: Transaction,
  turn: {
    readonly lease: Lease;
    readonly view: View;
    readonly read: readonly number[];
    readonly situation: Situation;
    readonly plan: Plan;
  },
): Promise<void> {
  const { lease, view, situation, plan } = turn;
  const { conversationId } = lease;
  const now = parts.clock.now();
  await requireLease(transaction, lease);
  await markRead(transaction, turn.read);
  await addMessages(transaction, conversationId, situation.newMessages, now);
  const signals = await addSignals(transaction, conversationId, situation.newSignals);
  await updateConversation(
    transaction,
    conversationId,
    changesOf(view, situation, signals, plan),
    now,
  );
  for (const { message, reason } of situation.ignored)
    await setOutcome(transaction, [message.key], { outcome: "ignored", reason, turnId: null }, now);
  const revision = await refreshRevision(transaction, conversationId);
  for (const bundle of situation.overtaken) await takeBack(transaction, bundle, now);
  for (const { keys, outcome, reason } of plan.outcomes)
    await setOutcome(
      transaction,
      keys,
      { outcome, reason, turnId: plan.trace?.request_id ?? null },
      now,
    );
  if (plan.trace !== null) await saveTurn(transaction, plan.trace);
  await writeCard(parts, transaction, {
    view,
    plan,
    revision,
    now,
    overtaken: situation.overtaken.length > 0,
  });
  for (const bundle of plan.bundles)
    await intendBundle(parts, transaction, conversationId, bundle, {
      revision,
      turnId: plan.trace?.request_id ?? null,
      now,
    });
  for (const { conversationId: other, bundle } of plan.elsewhere)
    await intendBundle(parts, transaction, other, bundle, { revision, turnId: null, now });
  if (plan.trace !== null) await appendAudit(transaction, auditOf(conversationId, plan.trace), now);
}

function auditOf(conversationId: string, trace: NonNullable<Plan["trace"]>) {
  return {
    kind: "turn",
    data: {
      conversation: conversationId,
      turn: trace.request_id,
      outcome: trace.outcome,
      guard: trace.guard.verdict,
      level: trace.identity_level,
      policy: trace.policy_version,
      rules: trace.decisions.map((decision) => decision.rule),
    },
  };
}

/** Fields nobody else may have moved meanwhile are written only when this turn moves them: a click needs no lease. */
function changesOf(view: View, situation: Situation, signals: readonly Signal[], plan: Plan) {
  const solved = signals.findLast((signal) => signal.kind === "solved");
  const rated = signals.findLast((signal) => signal.kind === "rated");
  const owner = plan.owner ?? situation.ownership;
  const moved = owner.owner !== view.state.owner || owner.reason !== view.state.reason;
  return {
    subject: situation.subject,
    brand: situation.brand,
    ...(situation.externalId === null ? {} : { externalId: situation.externalId }),
    ...(moved ? { owner: owner.owner, ownerReason: owner.reason } : {}),
    ...(plan.clarified ? { clarified: true } : {}),
    ...(solved === undefined ? {} : { solvedAt: new Date(solved.at) }),
    ...(rated === undefined ? {} : { rating: rated.score }),
    wakeAt: plan.retry?.at ?? null,
    retrySince: plan.retry?.since ?? null,
  };
}

/** What was approved but had not begun is withdrawn, and its limits are free again. */
async function takeBack(transaction: Transaction, bundle: string, now: Date): Promise<void> {
  const keys = await withdraw(transaction, { bundle }, "the customer wrote again", now);
  await releaseReservations(transaction, keys);
}

/** Intends a bundle. Its keys must be new: one that exists belongs to a request that got there first. */
async function intendBundle(
  parts: Parts,
  transaction: Transaction,
  conversationId: string,
  bundle: PlannedBundle,
  standing: { readonly revision: string; readonly turnId: string | null; readonly now: Date },
): Promise<void> {
  for (const { key, reservations } of bundle.reservations)
    if (!(await reserve(transaction, key, reservations, standing.now)))
      throw new Overtaken("a limit is used up");
  const intended = await intend(transaction, bundle.actions, {
    conversationId,
    approvalId: null,
    turnId: standing.turnId,
    bundle: parts.ids.next("b"),
    revision: bundle.forThisRevision ? standing.revision : null,
    approvedBy: bundle.approvedBy,
    notBefore: standing.now,
    now: standing.now,
  });
  if (bundle.forThisRevision && intended.length !== bundle.actions.length)
    throw new Overtaken("the same action is under way already");
  for (const { key, action } of bundle.actions)
    await appendAudit(
      transaction,
      {
        kind: "intended",
        data: {
          conversation: conversationId,
          key,
          operation: action.operation,
          by: bundle.approvedBy,
        },
      },
      standing.now,
    );
}

/** Posts a new card, or brings the one that waits up to date in its place; an out-of-date one without successor is void. */
async function writeCard(
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
  await noteDraft(parts, transaction, view, { id, version, card, now });
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
export function sealedCard(
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
  view: View,
  posted: {
    readonly id: string;
    readonly version: number;
    readonly card: Approval["card"];
    readonly now: Date;
  },
): Promise<void> {
  const { conversation } = view.state;
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
  await intend(transaction, unconditional([note]).actions, {
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

/** Raised by name so that a programmer's mistake is not taken for bad luck. */
export function isOvertaken(error: unknown): boolean {
  return (
    error instanceof Overtaken || (error instanceof DeskhandError && error.code === "store.fenced")
  );
}
