/**
 * Erases personal text from rows, in batches, and keeps their ids, keys and numbers: what remains of each value is ids,
 * operation names, amounts, counts and costs, in its usual shape, so that readers need no special case. Each function
 * changes the rows `which` selects and reports how many; fewer than `limit` means that none are left.
 */
import { asc, eq, inArray, type SQL } from "#store/db/drizzle.ts";
import { Action } from "#core/values/action.ts";
import { JsonObject, type Json } from "#core/values/canonical-json.ts";
import { Card } from "#core/contracts/approval-desk.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { ERASED, erasedMessage, Message, Signal } from "#core/values/message.ts";
import { TurnTrace } from "#core/values/trace.ts";
import { forgetFiles } from "#store/inbox/attachments.ts";
import type { Transaction } from "#store/db/database.ts";
import { approval, effect, hint, message, messageContent, signal, turn } from "#store/db/schema.ts";
import type { z } from "zod";
import { NO_CARD_CONTEXT } from "#core/values/card-context.ts";
import type { Hint } from "#core/values/delivery.ts";

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

/** Replaces text where an empty string would not be allowed. */
const GONE = `[${ERASED}]`;

/** Arguments of actions that hold an id, an amount or a fixed value of ours; all others may hold people's text. */
const KEPT_ARGUMENTS: ReadonlySet<string> = new Set([
  "answers",
  "audience",
  "challengeId",
  "conversationId",
  "currency",
  "customerId",
  "group",
  "orderId",
]);

/** An action without its text. The text of every argument not listed above is erased, including those of new tools. */
function clearedAction(action: z.infer<typeof Action>): z.infer<typeof Action> {
  return { ...action, arguments: clearedObject(action.arguments) };
}

function clearedObject(given: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      KEPT_ARGUMENTS.has(name) ? value : clearedValue(value),
    ]),
  );
}

function clearedValue(value: Json): Json {
  if (typeof value === "string") return value === "" ? "" : GONE;
  if (Array.isArray(value)) return value.map(clearedValue);
  if (typeof value === "object" && value !== null) return clearedObject(value);
  return value;
}

/** Attributes of spans that are our names or a provider's; numbers and booleans always stay. */
const KEPT_ATTRIBUTES: ReadonlySet<string> = new Set([
  "error.type",
  "gen_ai.operation.name",
  "gen_ai.request.model",
  "gen_ai.tool.name",
]);

/** A trace with its numbers, verdicts and rules, but without any text people wrote. */
function clearedTrace(trace: TurnTrace): TurnTrace {
  return {
    ...trace,
    // A pending turn ends here, because its card is erased with the text.
    outcome: trace.outcome === "pending" ? "ignored" : trace.outcome,
    outcome_reason: ERASED,
    identity_reason: ERASED,
    guard: { verdict: trace.guard.verdict, reasons: [] },
    decisions: trace.decisions.map((decision) => ({ ...decision, reason: ERASED })),
    spans: trace.spans.map((span) => ({
      ...span,
      attributes: Object.fromEntries(
        Object.entries(span.attributes).filter(
          ([name, value]) =>
            typeof value === "number" || typeof value === "boolean" || KEPT_ATTRIBUTES.has(name),
        ),
      ),
    })),
  };
}

/** A closed card that only says why it is empty. */
export function clearedCard(card: Card, closing: string): Card {
  return {
    ...card,
    state: "closed",
    headline: closing,
    closing,
    requester: { name: ERASED, address: "", verification: "", level: card.requester.level },
    conversationLabel: "",
    context: NO_CARD_CONTEXT,
    asked: "",
    changes: [],
    edits: [],
    actions: [],
    draft: null,
    translation: null,
    flags: [],
    progress: "",
    expiresAt: null,
    buttons: [],
    confirm: "",
  };
}

/** A hint without content; its event is still recognised. */
function clearedHint(row: {
  readonly channel: Hint["channel"];
  readonly eventId: string;
  readonly kind: Hint["kind"];
}): Hint {
  return { ...row, conversationKeys: [ERASED], data: null, keepBody: false };
}

/** What is still queried of old signals: the kind, and whether a rule or a person was behind it. */
const KEPT_OF_SIGNALS: ReadonlySet<string> = new Set([
  "at",
  "automatic",
  "key",
  "kind",
  "score",
  "source",
  "to",
]);

/** A signal without its actor and their text. */
function clearedSignal(payload: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(payload).map(([name, value]) => [
      name,
      KEPT_OF_SIGNALS.has(name) || typeof value !== "string" ? value : "",
    ]),
  );
}
