/** Dead letters: work that was given up and waits for a person. */
import { and, asc, desc, eq, inArray, isNull, sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { NOT_ENDED } from "#store/conversations/messages.ts";
import { firstRow, onlyRow, type Transaction, rowsOf } from "#store/db/database.ts";
import { conversation, deadLetter, effect, hint, message } from "#store/db/schema.ts";

/** One of them, as it is stored. */
export type DeadLetter = typeof deadLetter.$inferSelect;

export async function addDeadLetter(
  transaction: Transaction,
  letter: Omit<DeadLetter, "redrivenAt">,
): Promise<void> {
  await transaction.insert(deadLetter).values({ ...letter, redrivenAt: null });
}

/** Dead letters not put back yet, newest first; at most `limit`. */
export async function waitingDeadLetters(
  transaction: Transaction,
  limit: number,
): Promise<readonly DeadLetter[]> {
  return transaction
    .select()
    .from(deadLetter)
    .where(isNull(deadLetter.redrivenAt))
    .orderBy(desc(deadLetter.at), asc(deadLetter.id))
    .limit(limit);
}

export function deadLetterById(transaction: Transaction, id: string): Promise<DeadLetter | null> {
  return firstRow(transaction.select().from(deadLetter).where(eq(deadLetter.id, id)));
}

/** What was in progress when a wake failed, by ids alone: the content may be what makes every reader crash. */
const PendingWork = z.object({
  executing: z.array(z.string()),
  intended: z.array(z.string()),
  hints: z.array(z.int()),
  /** Open messages that were read before. */
  messages: z.array(z.string()),
});
export type PendingWork = z.infer<typeof PendingWork>;

/** What the next wake would begin with; at most `hintsMax` hints, as many as a turn takes. */
export async function pendingWork(
  transaction: Transaction,
  conversationId: string,
  { now, hintsMax }: { readonly now: Date; readonly hintsMax: number },
): Promise<PendingWork> {
  const due = (state: string) =>
    sql`(select coalesce(json_agg(key order by created_at, bundle, position), '[]') from effect
      where conversation_id = ${conversationId} and state = ${state} and not_before <= ${now})`;
  const pending = await rowsOf(
    transaction,
    PendingWork,
    sql`select ${due("executing")} as executing, ${due("intended")} as intended,
          (select coalesce(json_agg(id order by id), '[]') from (
            select id from hint where conversation_id = ${conversationId} and state = 'unread'
            order by id limit ${hintsMax}) h) as hints,
          (select coalesce(json_agg(key order by id), '[]') from message
            where conversation_id = ${conversationId} and outcome is null and author_kind = 'requester'
              and visibility = 'public') as messages`,
  );
  return onlyRow(pending);
}

/** Sets hints aside as failed, their bodies kept. */
export async function failHints(
  transaction: Transaction,
  ids: readonly number[],
  reason: string,
): Promise<void> {
  if (ids.length === 0) return;
  await transaction
    .update(hint)
    .set({ state: "failed", error: reason })
    .where(and(inArray(hint.id, [...ids]), eq(hint.state, "unread")));
}

/** A given-up delivery, for a teammate who wants to see the original. */
export type GivenUpHint = Pick<
  typeof hint.$inferSelect,
  "id" | "channel" | "eventId" | "receivedAt" | "bodyRef" | "error"
>;

export async function givenUpHints(
  transaction: Transaction,
  ids: readonly number[],
): Promise<readonly GivenUpHint[]> {
  if (ids.length === 0) return [];
  const { id, channel, eventId, receivedAt, bodyRef, error } = hint;
  return transaction
    .select({ id, channel, eventId, receivedAt, bodyRef, error })
    .from(hint)
    .where(inArray(hint.id, [...ids]))
    .orderBy(asc(hint.id));
}

/**
 * Puts everything of a dead letter back to its state before it was given up: hints unread, messages open, counts at
 * zero. An effect returns as begun, so that its target is first asked whether it happened. False when it was put back
 * already.
 */
export async function reviveDeadLetter(
  transaction: Transaction,
  letter: DeadLetter,
  now: Date,
): Promise<boolean> {
  const [taken] = await transaction
    .update(deadLetter)
    .set({ redrivenAt: now })
    .where(and(eq(deadLetter.id, letter.id), isNull(deadLetter.redrivenAt)))
    .returning({ id: deadLetter.id });
  if (taken === undefined) return false;
  if (letter.hints.length > 0)
    await transaction
      .update(hint)
      .set({ state: "unread", attempts: 0, error: null })
      .where(and(inArray(hint.id, [...letter.hints]), eq(hint.state, "failed")));
  if (letter.messages.length > 0)
    await transaction
      .update(message)
      .set(NOT_ENDED)
      .where(and(inArray(message.key, [...letter.messages]), eq(message.outcome, "failed")));
  if (letter.effects.length > 0)
    await transaction
      .update(effect)
      .set({
        state: "executing",
        attempts: 0,
        error: null,
        finishedAt: null,
        notBefore: now,
        awayCount: 0,
        awaySince: null,
      })
      .where(
        and(inArray(effect.key, [...letter.effects]), inArray(effect.state, ["failed", "unknown"])),
      );
  await transaction
    .update(conversation)
    .set({
      unfinishedWakes: 0,
      failedWakes: 0,
      holdUntil: null,
      rungAt: null,
      // Messages that were read before cause no wake by themselves.
      ...(letter.messages.length > 0 ? { wakeAt: now } : {}),
    })
    .where(eq(conversation.id, letter.conversationId));
  return true;
}

const LastError = z.object({ operation: z.string(), error: z.string(), at: z.coerce.date() });

/** The newest failed or unclear effect of each operation; none for one that is only waiting for its turn. */
export async function lastErrors(
  transaction: Transaction,
): Promise<readonly z.infer<typeof LastError>[]> {
  return rowsOf(
    transaction,
    LastError,
    sql`select distinct on (operation) operation, error, created_at as at from effect
        where error is not null and state in ('failed', 'unknown')
        order by operation, created_at desc`,
  );
}
