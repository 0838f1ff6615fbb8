/**
 * Erases personal text from rows, in batches, and keeps their ids, keys and numbers. Each function changes the rows
 * `which` selects and reports how many; fewer than `limit` means that none are left.
 */
import { asc, eq, inArray, type SQL } from "#store/db/drizzle.ts";
import { Action } from "#core/values/action.ts";
import { JsonObject } from "#core/values/canonical-json.ts";
import { Card } from "#core/contracts/approval-desk.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { ERASED, erasedMessage, Message, Signal } from "#core/values/message.ts";
import { TurnTrace } from "#core/values/trace.ts";
import {
  clearedAction,
  clearedCard,
  clearedHint,
  clearedSignal,
  clearedTrace,
} from "./cleared-values.ts";
import { forgetFiles } from "#store/inbox/attachments.ts";
import type { Transaction } from "#store/db/database.ts";
import { approval, effect, hint, message, messageContent, signal, turn } from "#store/db/schema.ts";

/** Which rows, and how many of them in one transaction. */
export interface Batch {
  readonly which: SQL | undefined;
  readonly limit: number;
  readonly now: Date;
}

/** Hints keep their event id, which identifies a second delivery. Returns the files that belonged to them. */
export async function clearHints(
  transaction: Transaction,
  { which, limit, now }: Batch,
): Promise<{ readonly cleared: number; readonly bodies: readonly string[] }> {
  const rows = await transaction
    .select({
      id: hint.id,
      channel: hint.channel,
      eventId: hint.eventId,
      kind: hint.kind,
      bodyRef: hint.bodyRef,
    })
    .from(hint)
    .where(which)
    .orderBy(asc(hint.id))
    .limit(limit)
    .for("update", { skipLocked: true });
  for (const { id, channel, eventId, kind } of rows)
    await transaction
      .update(hint)
      .set({
        payload: clearedHint({
          channel: ChannelName.parse(channel),
          eventId,
          kind: kind === "signal" ? "signal" : "message",
        }),
        error: null,
        clearedAt: now,
      })
      .where(eq(hint.id, id));
  return {
    cleared: rows.length,
    bodies: rows.flatMap(({ bodyRef }) => (bodyRef === null ? [] : [bodyRef])),
  };
}

/** Removes all references to these files. Called after the files were deleted, so that none is missed. */
export async function forgetBodies(
  transaction: Transaction,
  bodies: readonly string[],
): Promise<void> {
  if (bodies.length === 0) return;
  await transaction
    .update(hint)
    .set({ bodyRef: null })
    .where(inArray(hint.bodyRef, [...bodies]));
  await forgetFiles(transaction, bodies);
}

/** Messages keep side, time and outcome. */
export async function clearMessages(
  transaction: Transaction,
  { which, limit, now }: Batch,
): Promise<readonly number[]> {
  const rows = await transaction
    .select({ id: message.id, content: messageContent.content })
    .from(message)
    .innerJoin(messageContent, eq(messageContent.messageId, message.id))
    .where(which)
    .orderBy(asc(message.id))
    .limit(limit)
    .for("update", { of: message, skipLocked: true });
  for (const { id, content } of rows) {
    await transaction
      .update(messageContent)
      .set({ content: erasedMessage(Message.parse(content)) })
      .where(eq(messageContent.messageId, id));
    await transaction
      .update(message)
      // A digest of a short text can be guessed, and the revision only has to differ from what it was.
      .set({ textDigest: ERASED, outcomeReason: ERASED, clearedAt: now })
      .where(eq(message.id, id));
  }
  return rows.map(({ id }) => id);
}

/** Traces keep their numbers, so that metrics do not change. */
export async function clearTurns(
  transaction: Transaction,
  { which, limit, now }: Batch,
): Promise<number> {
  const rows = await transaction
    .select({ id: turn.id, trace: turn.trace })
    .from(turn)
    .where(which)
    .orderBy(asc(turn.startedAt))
    .limit(limit)
    .for("update", { skipLocked: true });
  for (const { id, trace } of rows) {
    const cleared = clearedTrace(TurnTrace.parse(trace));
    await transaction
      .update(turn)
      .set({ trace: cleared, outcome: cleared.outcome, clearedAt: now })
      .where(eq(turn.id, id));
  }
  return rows.length;
}

/**
 * Cards keep state, seal, rules and votes. With `onDesk` a posted card is updated there to its empty form; otherwise
 * the desk's own retention applies.
 */
export async function clearApprovals(
  transaction: Transaction,
  { which, limit, now }: Batch,
  { closing, onDesk }: { readonly closing: string; readonly onDesk: boolean },
): Promise<number> {
  const rows = await transaction
    .select({ id: approval.id, card: approval.card, deskRef: approval.deskRef })
    .from(approval)
    .where(which)
    .orderBy(asc(approval.updatedAt))
    .limit(limit)
    .for("update", { skipLocked: true });
  for (const { id, card, deskRef } of rows)
    await transaction
      .update(approval)
      .set({
        proposal: null,
        redo: null,
        claim: null,
        claimUntil: null,
        opinions: [],
        card: clearedCard(Card.parse(card), closing),
        closing,
        undoUntil: null,
        cardStale: onDesk && deskRef !== null,
        postAfter: null,
        postAttempts: 0,
        clearedAt: now,
      })
      .where(eq(approval.id, id));
  return rows.length;
}

/** The ledger keeps key, target, operation, state and reference, which make a second try harmless. */
export async function clearEffects(
  transaction: Transaction,
  { which, limit, now }: Batch,
): Promise<number> {
  const rows = await transaction
    .select({ key: effect.key, action: effect.action })
    .from(effect)
    .where(which)
    .orderBy(asc(effect.createdAt))
    .limit(limit)
    .for("update", { skipLocked: true });
  for (const { key, action } of rows)
    await transaction
      .update(effect)
      .set({
        action: clearedAction(Action.parse(action)),
        requestDigest: ERASED,
        facts: [],
        error: null,
        clearedAt: now,
      })
      .where(eq(effect.key, key));
  return rows.length;
}

/** Signals keep kind and time, which show that a conversation was taken over. */
export async function clearSignals(
  transaction: Transaction,
  { which, limit, now }: Batch,
): Promise<number> {
  const rows = await transaction
    .select({ key: signal.key, payload: signal.payload })
    .from(signal)
    .where(which)
    .orderBy(asc(signal.at))
    .limit(limit)
    .for("update", { skipLocked: true });
  for (const { key, payload } of rows)
    await transaction
      .update(signal)
      .set({ payload: Signal.parse(clearedSignal(JsonObject.parse(payload))), clearedAt: now })
      .where(eq(signal.key, key));
  return rows.length;
}
