/**
 * What webhooks are told of cards, cases and effects. Each function is called in the transaction that makes what it
 * tells, and writes nothing unless a webhook asks for the event. What is told has ids, states, operations and amounts;
 * customers' words, names and addresses stand under `text`, for webhooks that ask for them.
 */
import { type Action, amountMoved, type Proposal } from "#core/values/action.ts";
import type { JsonObject } from "#core/values/canonical-json.ts";
import { formatAmount } from "#core/values/money.ts";
import type { Owner } from "#core/values/vocabulary.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import type { Store, Transaction } from "#store/db/database.ts";
import { FOR_THE_TEAM, type Effect } from "#store/effects/ledger.ts";
import type { ResolutionRow } from "#store/reports/resolutions.ts";
import { addDeliveries, type WebhookEvent, webhooksFor } from "#store/webhooks/webhooks.ts";

/** Whose webhooks are told. */
export interface Telling {
  readonly store: Store;
}

interface ToldEvent {
  readonly data: () => JsonObject & { readonly case: string };
  readonly text?: () => JsonObject;
  readonly now: Date;
}

async function tell(
  { store }: Telling,
  transaction: Transaction,
  event: WebhookEvent,
  { data, text, now }: ToldEvent,
): Promise<void> {
  const webhooks = await webhooksFor(store, transaction, event);
  if (webhooks.length === 0) return;
  const told = data();
  const deliveries = webhooks.map(({ id, withText }) => ({
    webhookId: id,
    event,
    conversationId: told.case,
    data: withText && text !== undefined ? { ...told, text: text() } : told,
  }));
  await addDeliveries(transaction, deliveries, now);
}

function cardIds({ id, version, conversationId }: CardIds) {
  return { card: id, version, case: conversationId };
}

type CardIds = Pick<Approval, "id" | "version" | "conversationId">;

/** A card waits for a decision: a new one, a new version of it, or one whose decision was taken back. */
export async function tellCardMade(
  telling: Telling,
  transaction: Transaction,
  made: CardIds & Pick<Approval, "kind" | "card" | "proposal" | "needs" | "expiresAt">,
  now: Date,
): Promise<void> {
  const { kind, card, proposal, needs, expiresAt } = made;
  if (kind === "notice") return;
  const { requester, asked, draft, channel } = card;
  await tell(telling, transaction, "card.made", {
    data: () => ({
      ...cardIds(made),
      channel,
      state: "pending",
      approvers: needs.count,
      expiresAt: expiresAt.toISOString(),
      actions: actionsIn(proposal),
    }),
    text: () => ({
      name: requester.name,
      address: requester.address,
      asked,
      draft: draft?.text ?? null,
    }),
    now,
  });
}

function actionsIn(proposal: Proposal | null): JsonObject[] {
  return (proposal?.actions ?? []).map(({ action }) => actionFacts(action));
}

function actionFacts(action: Action): JsonObject {
  const money = amountMoved(action);
  return {
    operation: action.operation,
    target: action.target,
    ...(money !== null && { amount: formatAmount(money), currency: money.currency }),
  };
}

/**
 * A card waits no more. One that people approved or rejected is decided; one that ran out of time, or became void since
 * something changed, is expired.
 */
export async function tellCardEnded(
  telling: Telling,
  transaction: Transaction,
  ended: CardIds & Pick<Approval, "kind">,
  { state, now }: { readonly state: Approval["state"]; readonly now: Date },
): Promise<void> {
  if (ended.kind === "notice" || state === "pending") return;
  const isDecided = state === "approved" || state === "rejected";
  await tell(telling, transaction, isDecided ? "card.decided" : "card.expired", {
    data: () => ({ ...cardIds(ended), state }),
    now,
  });
}

/** People have a case now. `before` is how it was: where they had it already, or the bot keeps it, nothing is told. */
export async function tellHandedOver(
  telling: Telling,
  transaction: Transaction,
  before: {
    readonly owner: Owner;
    readonly conversation: { readonly id: string; readonly channel: string };
  } | null,
  {
    owner = "human",
    reason,
    now,
  }: { readonly owner?: Owner; readonly reason: string; readonly now: Date },
): Promise<void> {
  if (before?.owner !== "bot" || owner === "bot") return;
  const { id, channel } = before.conversation;
  await tell(telling, transaction, "case.handed_over", {
    data: () => ({ case: id, channel, state: "human" }),
    text: () => ({ reason }),
    now,
  });
}

/** A matter of a case counts as resolved, as in the figures; again where it counts for a stronger reason later. */
export async function tellResolved(
  telling: Telling,
  transaction: Transaction,
  resolved: Pick<ResolutionRow, "conversationId" | "kind" | "startedAt" | "endedAt">,
  now: Date,
): Promise<void> {
  const { conversationId, kind, startedAt, endedAt } = resolved;
  await tell(telling, transaction, "case.resolved", {
    data: () => ({
      case: conversationId,
      state: kind,
      startedAt: startedAt?.toISOString() ?? null,
      endedAt: endedAt?.toISOString() ?? null,
    }),
    now,
  });
}

/**
 * Something was done for a customer or in another system, or was not: `failed`, or `unknown` where nothing tells whether
 * it was. What is for the team alone, such as an alert, is not told.
 */
export async function tellEffect(
  telling: Telling,
  transaction: Transaction,
  effect: Pick<
    Effect,
    "key" | "conversationId" | "approvalId" | "operation" | "action" | "approvedBy"
  >,
  { state, now }: { readonly state: "done" | "failed" | "unknown"; readonly now: Date },
): Promise<void> {
  const { key, conversationId, approvalId, operation, action, approvedBy } = effect;
  if (FOR_THE_TEAM.includes(operation) || action.target === "desk") return;
  await tell(telling, transaction, state === "done" ? "effect.done" : "effect.failed", {
    data: () => ({
      effect: key,
      case: conversationId,
      card: approvalId,
      state,
      approvedBy,
      ...actionFacts(action),
    }),
    text: () => ({ arguments: action.arguments }),
    now,
  });
}
