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
  type PgSelect,
  sql,
  type SQL,
} from "#store/db/drizzle.ts";
import type { Json, JsonObject } from "#core/values/canonical-json.ts";
import { ERASED, erasedMessage } from "#core/values/message.ts";
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
import { BARE_CARD, type Card } from "#core/contracts/approval-desk.ts";
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

/** The oldest of the rows that are meant, held until the transaction ends. */
function oldest<Query extends PgSelect>(
  rows: Query,
  which: SQL | undefined,
  at: PgColumn,
  locking: Parameters<ClearRows>[3],
) {
  const held = { of: at.table, ...locking } as const;
  return rows.where(which).orderBy(asc(at)).limit(ROWS).for("update", held);
}

function withFiles(rows: readonly { readonly body: string | null }[]): ClearedBatch {
  return { ...withoutFiles(rows.length), bodies: rows.flatMap(({ body }) => body ?? []) };
}

/** Hints keep their event id, which identifies a second delivery. */
export const clearHints: ClearRows = async (transaction, which, now, locking) => {
  const { id, channel, eventId, kind, receivedAt } = hint;
  const found = transaction.select({ id }).from(hint).$dynamic();
  const rows = await oldest(found, which, receivedAt, locking);
  const cleared = await transaction
    .update(hint)
    .set({
      payload: sql`jsonb_build_object('channel', ${channel}, 'eventId', ${eventId},
        'kind', case ${kind} when 'signal' then 'signal' else 'message' end,
        'conversationKeys', jsonb_build_array(${ERASED}::text), 'data', null, 'keepBody', false)`,
      error: null,
      clearedAt: now,
    })
    .where(
      inArray(
        id,
        rows.map((row) => row.id),
      ),
    )
    .returning({ body: hint.bodyRef });
  return withFiles(cleared);
};

/** Erases what a file was and where it came from. */
export const clearFiles: ClearRows = async (transaction, which, now, locking) => {
  const { id, receivedAt } = attachment;
  const rows = transaction.select({ id }).from(attachment).$dynamic();
  const cleared = await transaction
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
    .where(inArray(id, oldest(rows, which, receivedAt, locking)))
    .returning({ body: attachment.blobRef });
  return withFiles(cleared);
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
    const { id, authorKind: kind, key, visibility, sentAt, receivedAt } = message;
    const document = asFarAsReadable(messageContent.content);
    const found = transaction
      .select({ id, kind, key, visibility, sentAt, document })
      .from(message)
      .innerJoin(messageContent, eq(messageContent.messageId, id))
      .$dynamic();
    const rows = await oldest(found, which, receivedAt, locking);
    for (const row of rows) {
      const side = { ...row, author: { kind: row.kind }, sentAt: row.sentAt.toISOString() };
      await transaction
        .update(messageContent)
        .set({ content: erasedMessage(row.document ?? side) })
        .where(eq(messageContent.messageId, row.id));
      await transaction
        .update(message)
        .set({
          // A digest of a short text can be guessed, and the revision only has to differ from what it was.
          textDigest: ERASED,
          outcomeReason: ERASED,
          clearedAt: now,
          ...(forgetsAuthors && row.kind === "requester" ? { authorId: ERASED } : {}),
        })
        .where(eq(id, row.id));
    }
    return ofDocuments("message", rows);
  };
}

/** Traces keep their numbers, so that metrics do not change. */
export const clearTurns: ClearRows = async (transaction, which, now, locking) => {
  const { id, trace, outcome, startedAt } = turn;
  const document = asFarAsReadable(trace);
  const found = transaction.select({ id, outcome, document }).from(turn).$dynamic();
  const rows = await oldest(found, which, startedAt, locking);
  for (const row of rows) {
    const cleared = row.document === null ? null : clearedTrace(row.document);
    await transaction
      .update(turn)
      .set({
        trace: cleared ?? withoutTexts(trace, KEPT_OF_TRACES),
        outcome: cleared?.outcome ?? row.outcome,
        clearedAt: now,
      })
      .where(eq(id, row.id));
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
    const { id, version, kind, turnId, deskRef, updatedAt, ...columns } = approval;
    const documents = {
      card: asFarAsReadable(columns.card),
      rules: asFarAsReadable(columns.rules),
      needs: asFarAsReadable(columns.needs),
      votes: asFarAsReadable(columns.votes),
      answers: asFarAsReadable(columns.answers),
    };
    const fields = { id, version, kind, traceId: turnId, deskRef, ...documents };
    const found = transaction.select(fields).from(approval).$dynamic();
    const rows = await oldest(found, which, updatedAt, locking);
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
          card: clearedCard(row.card ?? { ...row, approvalId: row.id }, closing),
          closing,
          undoUntil: null,
          cardStale: onDesk && row.deskRef !== null,
          postAfter: null,
          postAttempts: 0,
          clearedAt: now,
        })
        .where(eq(approval.id, row.id));
    const isRead = ({ deskRef: _post, ...row }: (typeof rows)[number]) =>
      !Object.values(row).includes(null);
    return ofDocuments(
      "card",
      rows.map((row) => ({ ...row, document: isRead(row) || null })),
    );
  };
}

/** The ledger keeps key, target, operation, state and reference, which make a second try harmless. */
export const clearEffects: ClearRows = async (transaction, which, now, locking) => {
  const { key, target, operation, action, createdAt } = effect;
  const fields = { id: key, target, operation, document: asFarAsReadable(action) };
  const found = transaction.select(fields).from(effect).$dynamic();
  const rows = await oldest(found, which, createdAt, locking);
  for (const { id, document, ...of } of rows)
    await transaction
      .update(effect)
      .set({
        action: { ...of, arguments: clearedObject(document?.arguments ?? {}) },
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
  const { key, payload, at } = signal;
  const found = transaction.select({ key }).from(signal).$dynamic();
  const rows = await oldest(found, which, at, locking);
  await transaction
    .update(signal)
    .set({ payload: withoutTexts(payload, KEPT_OF_SIGNALS), clearedAt: now })
    .where(
      inArray(
        key,
        rows.map((row) => row.key),
      ),
    );
  return withoutFiles(rows.length);
};

/** A document of one level, read or not, without its texts but those of these fields. */
function withoutTexts(document: PgColumn, kept: readonly string[]): SQL {
  return sql`(select coalesce(jsonb_object_agg(key, case
      when jsonb_typeof(value) in ('number', 'boolean', 'null') then value
      when jsonb_typeof(value) = 'string' and key in ${kept} then value else '""' end), '{}')
    from jsonb_each(case jsonb_typeof(${document}) when 'object' then ${document} else '{}' end))`;
}

/** What stays of a trace that cannot be read, besides its numbers. */
const KEPT_OF_TRACES = ["channel", "model", "outcome", "started_at"];

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

/** A closed card that only says why it is empty: of the whole card, or of what its row has beside one that cannot be read. */
export function clearedCard(
  card: Pick<Card, "approvalId" | "version" | "kind" | "traceId"> & Partial<Card>,
  closing: string,
): Card {
  const { approvalId, version, kind, traceId, requester } = card;
  const { level = 0, actingLevel } = requester ?? {};
  return {
    ...BARE_CARD,
    approvalId,
    version,
    kind,
    traceId,
    deskChannel: card.deskChannel ?? null,
    zone: card.zone ?? "UTC",
    channel: card.channel ?? "",
    approveLabel: card.approveLabel ?? "",
    model: card.model ?? "",
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
const KEPT_OF_SIGNALS = ["at", "automatic", "key", "kind", "score", "source", "to"];
