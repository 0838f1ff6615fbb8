import { and, asc, eq } from "drizzle-orm";
import { DeskhandError } from "#core/errors.ts";
import type { Message } from "#core/message.ts";
import { ChannelName } from "#core/names.ts";
import type { TurnTrace } from "#core/trace.ts";
import { Approval } from "./approvals.ts";
import { messagesOf, signalsOf } from "./conversations.ts";
import type { Transaction } from "./driver.ts";
import { Effect } from "./ledger.ts";
import { approval, candidateCase, conversation, effect } from "./schema.ts";
import { findTurns } from "./traces.ts";

/** A conversation that ended, with all an eval case can be made of. It holds personal text, unlike the case. */
export interface Candidate {
  readonly conversationId: string;
  readonly channel: ChannelName;
  /** `solved`, or how the customer rated it. */
  readonly reason: string;
  /** Oldest first. */
  readonly messages: readonly Message[];
  readonly lastTurn: TurnTrace | null;
  /** What the last turn did at the shop, in order. */
  readonly effects: readonly Effect[];
  /** Cards of the conversation, for the names and addresses they hold. */
  readonly cards: readonly Approval[];
}

/** Records the conversation as a candidate and reads it. Throws `input.invalid` for one that is neither solved nor rated. */
export async function recordCandidate(
  transaction: Transaction,
  conversationId: string,
  now: Date,
): Promise<Candidate> {
  const [row] = await transaction
    .select()
    .from(conversation)
    .where(eq(conversation.id, conversationId));
  if (row === undefined)
    throw new DeskhandError("input.invalid", `no conversation is known under ${conversationId}`);
  if (row.solvedAt === null && row.rating === null)
    throw new DeskhandError("input.invalid", "only a solved or rated conversation becomes a case");
  if (row.barred !== null)
    throw new DeskhandError("input.invalid", `it becomes no case: ${row.barred}`);
  const signals = await signalsOf(transaction, conversationId);
  if (signals.some(({ kind }) => kind === "merged"))
    throw new DeskhandError(
      "input.invalid",
      "it was merged into another one, which counts for both",
    );
  const reason = row.rating ?? "solved";
  await transaction
    .insert(candidateCase)
    .values({ conversationId, reason, at: now })
    .onConflictDoNothing();
  const [lastTurn = null] = await findTurns(transaction, conversationId);
  const messages = await messagesOf(transaction, conversationId);
  return {
    conversationId,
    channel: ChannelName.parse(row.channel),
    reason,
    messages: messages.map(({ message }) => message),
    lastTurn,
    effects: await shopEffects(transaction, lastTurn?.request_id ?? ""),
    cards: await cardsOf(transaction, conversationId),
  };
}

async function shopEffects(transaction: Transaction, turnId: string): Promise<readonly Effect[]> {
  const rows = await transaction
    .select()
    .from(effect)
    .where(and(eq(effect.turnId, turnId), eq(effect.target, "shop"), eq(effect.state, "done")))
    .orderBy(asc(effect.position));
  return rows.map((row) => Effect.parse(row));
}

async function cardsOf(
  transaction: Transaction,
  conversationId: string,
): Promise<readonly Approval[]> {
  const rows = await transaction
    .select()
    .from(approval)
    .where(eq(approval.conversationId, conversationId));
  return rows.map((row) => Approval.parse(row));
}

/** Takes a conversation off the list of candidates, because it was deleted, was spam, or is not ours. */
export async function dropCandidate(
  transaction: Transaction,
  conversationId: string,
): Promise<void> {
  await transaction.delete(candidateCase).where(eq(candidateCase.conversationId, conversationId));
}
