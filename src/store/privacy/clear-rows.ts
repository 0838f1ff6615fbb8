/**
 * Erases personal text from rows, in batches. Ids, keys, operation names, amounts, counts and costs stay in their
 * usual shape, so that readers need no special case.
 */
import {
  asc,
  asFarAsReadable,
  eq,
  inArray,
  type PgColumn,
  sql,
  type SQL,
} from "#store/db/drizzle.ts";
import { JsonObject, type Json } from "#core/values/canonical-json.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { ERASED, erasedMessage, MessageSide, Signal } from "#core/values/message.ts";
import type { Transaction } from "#store/db/database.ts";
import {
  approval,
  attachment,
  effect,
  hint,
  message,
  messageContent,
  signal,
  turn,
} from "#store/db/schema.ts";
import { BARE_CARD, Card } from "#core/contracts/approval-desk.ts";
import type { Decision } from "#core/contracts/policy.ts";
import type { TurnTrace } from "#core/values/trace.ts";

/** Rows in one transaction: done in well under a second, which bounds how long others wait for a row. */
export const ROWS = 100;

/**
 * What one batch did. `bodies` are files to delete once it is committed; `unread` names the rows that could not be read
 * and lost everything but what columns of their own hold.
 */
export interface ClearedBatch {
  readonly rows: number;
  readonly bodies: readonly string[];
  readonly unread: readonly string[];
}

/** True for a full batch: there may be more. */
export function isFull({ rows }: ClearedBatch): boolean {
  return rows >= ROWS;
}

/** A batch of rows that name no files. */
export function withoutFiles(rows: number, unread: readonly string[] = []): ClearedBatch {
  return { rows, bodies: [], unread };
}

/** A batch of rows that name no files, each with its document where that could be read. */
function ofDocuments(
  kind: string,
  rows: readonly { readonly id: string | number; readonly document: unknown }[],
): ClearedBatch {
  const unread = rows.filter(({ document }) => document === null);
  return withoutFiles(
    rows.length,
    unread.map(({ id }) => `${kind} ${id}`),
  );
}

/**
 * Clears at most `ROWS` of the rows `which` selects. It waits for rows that others hold, as long as the database waits for
 * anything; with `skipLocked` it leaves them to a later run.
 */
export type ClearRows = (
  transaction: Transaction,
  which: SQL | undefined,
  now: Date,
  locking?: { readonly skipLocked: true },
) => Promise<ClearedBatch>;

/** Hints keep their event id, which identifies a second delivery. */
export const clearHints: ClearRows = async (transaction, which, now, locking) => {
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
    .orderBy(asc(hint.receivedAt))
    .limit(ROWS)
    .for("update", locking);
  for (const { id, channel, eventId, kind } of rows)
    await transaction
      .update(hint)
      .set({
        payload: {
          channel: ChannelName.parse(channel),
          eventId,
          kind: kind === "signal" ? "signal" : "message",
          conversationKeys: [ERASED],
          data: null,
          keepBody: false,
        },
        error: null,
        clearedAt: now,
      })
      .where(eq(hint.id, id));
  return {
    rows: rows.length,
    bodies: rows.flatMap(({ bodyRef }) => (bodyRef === null ? [] : [bodyRef])),
    unread: [],
  };
};

/** Erases what a file was and where it came from. */
export const clearFiles: ClearRows = async (transaction, which, now, locking) => {
  const { id, receivedAt, blobRef } = attachment;
  const old = transaction
    .select({ id })
    .from(attachment)
    .where(which)
    .orderBy(asc(receivedAt))
    .limit(ROWS)
    .for("update", locking);
  const rows = await transaction
    .update(attachment)
    .set({
      // A mail's key reveals its author, and the pair of key and place has to stay unique.
      messageKey: sql`${`${ERASED}:`}::text || ${id}`,
      ref: ERASED,
      name: "",
      mediaType: "",
      state: "refused",
      reason: ERASED,
      nextAt: null,
      description: "",
      clearedAt: now,
    })
    .where(inArray(id, old))
    .returning({ blobRef });
  return {
    rows: rows.length,
    bodies: rows.flatMap((row) => (row.blobRef === null ? [] : [row.blobRef])),
    unread: [],
  };
};

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
  await transaction
    .update(attachment)
    .set({ blobRef: null })
    .where(inArray(attachment.blobRef, [...bodies]));
}

/** Messages keep side, time and outcome; a customer's also its author, unless they are forgotten too. */
export function clearMessages({ forgetsAuthors }: { readonly forgetsAuthors: boolean }): ClearRows {
  return async (transaction, which, now, locking) => {
    const rows = await transaction
      .select({
        id: message.id,
        key: message.key,
        kind: message.authorKind,
        visibility: message.visibility,
        sentAt: message.sentAt,
        document: asFarAsReadable(messageContent.content),
      })
      .from(message)
      .innerJoin(messageContent, eq(messageContent.messageId, message.id))
      .where(which)
      .orderBy(asc(message.receivedAt))
      .limit(ROWS)
      .for("update", { of: message, ...locking });
    for (const { id, kind, sentAt, document, ...row } of rows) {
      const side = { ...row, author: { kind }, sentAt: sentAt.toISOString() };
      await transaction
        .update(messageContent)
        .set({ content: erasedMessage(document ?? MessageSide.parse(side)) })
        .where(eq(messageContent.messageId, id));
      await transaction
        .update(message)
        .set({
          // A digest of a short text can be guessed, and the revision only has to differ from what it was.
          textDigest: ERASED,
          outcomeReason: ERASED,
          clearedAt: now,
          ...(forgetsAuthors && kind === "requester" ? { authorId: ERASED } : {}),
        })
        .where(eq(message.id, id));
    }
    return ofDocuments("message", rows);
  };
}

/** Traces keep their numbers, so that metrics do not change. */
export const clearTurns: ClearRows = async (transaction, which, now, locking) => {
  const rows = await transaction
    .select({ id: turn.id, outcome: turn.outcome, document: asFarAsReadable(turn.trace) })
    .from(turn)
    .where(which)
    .orderBy(asc(turn.startedAt))
    .limit(ROWS)
    .for("update", locking);
  for (const { id, outcome, document } of rows) {
    const cleared = document === null ? null : clearedTrace(document);
    await transaction
      .update(turn)
      .set({
        trace: cleared ?? emptied(turn.trace, KEPT_OF_TRACES),
        outcome: cleared?.outcome ?? outcome,
        clearedAt: now,
      })
      .where(eq(turn.id, id));
  }
  return ofDocuments("trace", rows);
};

/**
 * Cards keep state, seal, rules and votes. With `onDesk` a posted card is updated there to its empty form; otherwise
 * the desk's own retention applies.
 */
export function clearApprovals({
  closing,
  onDesk,
}: {
  readonly closing: string;
  readonly onDesk: boolean;
}): ClearRows {
  return async (transaction, which, now, locking) => {
    const rows = await transaction
      .select({
        id: approval.id,
        version: approval.version,
        kind: approval.kind,
        turnId: approval.turnId,
        deskRef: approval.deskRef,
        card: asFarAsReadable(approval.card),
        rules: asFarAsReadable(approval.rules),
        needs: asFarAsReadable(approval.needs),
        votes: asFarAsReadable(approval.votes),
        answers: asFarAsReadable(approval.answers),
      })
      .from(approval)
      .where(which)
      .orderBy(asc(approval.updatedAt))
      .limit(ROWS)
      .for("update", locking);
    for (const row of rows)
      await transaction
        .update(approval)
        .set({
          proposal: null,
          rules: row.rules?.map(withoutBookings) ?? [],
          // A card that can be read is shown, and so leaves the desk as well.
          needs: row.needs ?? { count: 1, leads: 0 },
          votes: row.votes ?? [],
          answers: row.answers ?? [],
          redraft: null,
          claim: null,
          claimUntil: null,
          opinions: [],
          card: clearedCard(row.card ?? bareCard(row), closing),
          closing,
          undoUntil: null,
          cardStale: onDesk && row.deskRef !== null,
          postAfter: null,
          postAttempts: 0,
          clearedAt: now,
        })
        .where(eq(approval.id, row.id));
    return ofDocuments(
      "card",
      rows.map(({ id, deskRef: _post, ...row }) => ({
        id,
        document: Object.values(row).includes(null) ? null : row,
      })),
    );
  };
}

/** The ledger keeps key, target, operation, state and reference, which make a second try harmless. */
export const clearEffects: ClearRows = async (transaction, which, now, locking) => {
  const rows = await transaction
    .select({
      id: effect.key,
      target: effect.target,
      operation: effect.operation,
      document: asFarAsReadable(effect.action),
    })
    .from(effect)
    .where(which)
    .orderBy(asc(effect.createdAt))
    .limit(ROWS)
    .for("update", locking);
  for (const { id, target, operation, document } of rows)
    await transaction
      .update(effect)
      .set({
        action: { target, operation, arguments: clearedObject(document?.arguments ?? {}) },
        requestDigest: ERASED,
        facts: [],
        error: null,
        clearedAt: now,
      })
      .where(eq(effect.key, id));
  return ofDocuments("effect", rows);
};

/** Signals keep kind and time, which show that a conversation was taken over. */
export const clearSignals: ClearRows = async (transaction, which, now, locking) => {
  const rows = await transaction
    .select({ id: signal.key, document: asFarAsReadable(signal.payload) })
    .from(signal)
    .where(which)
    .orderBy(asc(signal.at))
    .limit(ROWS)
    .for("update", locking);
  for (const { id, document } of rows)
    await transaction
      .update(signal)
      .set({
        payload:
          document === null
            ? emptied(signal.payload, KEPT_OF_SIGNALS)
            : Signal.parse(clearedSignal(JsonObject.parse(document))),
        clearedAt: now,
      })
      .where(eq(signal.key, id));
  return ofDocuments("signal", rows);
};

/** A document that cannot be read, with nothing but its numbers and what these fields hold. */
function emptied(document: PgColumn, kept: ReadonlySet<string>): SQL {
  return sql`(select coalesce(jsonb_object_agg(key, value), '{}')
    from jsonb_each(case jsonb_typeof(${document}) when 'object' then ${document} else '{}' end)
    where jsonb_typeof(value) in ('number', 'boolean')
      or (jsonb_typeof(value) = 'string' and key in ${[...kept]}))`;
}

/** What stays of a trace that cannot be read, besides its numbers. */
const KEPT_OF_TRACES: ReadonlySet<string> = new Set(["channel", "model", "outcome", "started_at"]);

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

/** Without the text of every argument not listed above, including those of new tools. */
function clearedObject(given: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      KEPT_ARGUMENTS.has(name) && !isKnownByAddress(value) ? value : clearedValue(value),
    ]),
  );
}

/** True for the id of a customer who is known by address; older ones are the address alone. */
function isKnownByAddress(value: Json): boolean {
  return typeof value === "string" && value.includes("@");
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

/** Bookings name whom they count for, which may be an address; those that still count are kept in rows of their own. */
function withoutBookings(decision: Decision): Decision {
  return { ...decision, reservations: [] };
}

/** A trace with its numbers, verdicts and rules, but without any text people wrote. */
function clearedTrace({ delicate: _topic, ...trace }: TurnTrace): TurnTrace {
  return {
    ...trace,
    // A pending turn ends here, because its card is erased with the text.
    outcome: trace.outcome === "pending" ? "ignored" : trace.outcome,
    outcome_reason: ERASED,
    identity_reason: ERASED,
    guard: { verdict: trace.guard.verdict, reasons: [] },
    decisions: trace.decisions.map((one) => ({ ...withoutBookings(one), reason: ERASED })),
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

/** A card that cannot be read, by its row. */
function bareCard({
  id,
  version,
  kind,
  turnId,
}: Pick<typeof approval.$inferSelect, "id" | "version" | "kind" | "turnId">): Card {
  return Card.parse({
    ...BARE_CARD,
    approvalId: id,
    version,
    kind,
    state: "closed",
    headline: ERASED,
    closing: ERASED,
    requester: { name: "", address: "", verification: "", level: 0 },
    channel: "",
    approveLabel: "",
    model: "",
    traceId: turnId,
  });
}

/** A closed card that only says why it is empty. */
export function clearedCard(card: Card, closing: string): Card {
  const { passesOn: _summary, seenElsewhere: _keys, ...kept } = card;
  const { level, actingLevel } = card.requester;
  return {
    ...kept,
    ...BARE_CARD,
    state: "closed",
    headline: closing,
    closing,
    requester: {
      name: ERASED,
      address: "",
      verification: "",
      level,
      ...(actingLevel === undefined ? {} : { actingLevel }),
    },
  };
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
