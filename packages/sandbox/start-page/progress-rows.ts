/** What became of a question, read from cards, effects and messages. */
import { and, desc, eq, gte, inArray, ne } from "#store/db/drizzle.ts";
import { Outcome } from "#core/values/vocabulary.ts";
import { Approval } from "#store/approvals/approvals.ts";
import type { Transaction } from "#store/db/database.ts";
import { type Effect, effectsWhere } from "#store/effects/ledger.ts";
import { approval, conversationKey, effect, message } from "#store/db/schema.ts";

/** What became of the newest question in a conversation so far. */
export interface CardProgress {
  /** The card about it; null when none was needed, or not yet. */
  readonly approval: Approval | null;
  /** All effects since, done or intended, in order. */
  readonly effects: readonly Effect[];
  /** How it ended; null until then. */
  readonly outcome: Outcome | null;
  /** Why it ended so; empty until then. */
  readonly reason: string;
}

/** The progress of the conversation known under one of these keys; null when none is known. */
export async function progressOfCard(
  transaction: Transaction,
  keys: readonly string[],
): Promise<CardProgress | null> {
  const [known] = await transaction
    .select({ id: conversationKey.conversationId })
    .from(conversationKey)
    .where(inArray(conversationKey.key, [...keys]));
  if (known === undefined) return null;
  const question = await newestQuestion(transaction, known.id);
  if (question === null) return { approval: null, effects: [], outcome: null, reason: "" };
  const { receivedAt, outcome, reason } = question;
  const [card] = await transaction
    .select()
    .from(approval)
    .where(and(eq(approval.conversationId, known.id), gte(approval.updatedAt, receivedAt)))
    .orderBy(desc(approval.createdAt))
    .limit(1);
  const effects = await effectsWhere(
    transaction,
    and(
      eq(effect.conversationId, known.id),
      ne(effect.state, "withdrawn"),
      gte(effect.createdAt, receivedAt),
    ),
    effect.createdAt,
    effect.position,
  );
  return {
    approval: card === undefined ? null : Approval.parse(card),
    effects,
    outcome: outcome === null ? null : Outcome.parse(outcome),
    reason: reason ?? "",
  };
}

/** A thank-you that needs no answer is no question, but is shown when there is nothing else. */
async function newestQuestion(transaction: Transaction, conversationId: string) {
  const rows = await transaction
    .select({
      receivedAt: message.receivedAt,
      outcome: message.outcome,
      reason: message.outcomeReason,
    })
    .from(message)
    .where(and(eq(message.conversationId, conversationId), eq(message.authorKind, "requester")))
    .orderBy(desc(message.id))
    .limit(20);
  return rows.find(({ outcome }) => outcome !== "ignored") ?? rows[0] ?? null;
}
