/** Replaces identifying keys of events and messages during an erasure. */
import { and, eq, isNotNull, or, type PgColumn, sql, type SQL } from "#store/db/drizzle.ts";
import { z } from "zod";
import { Json } from "#core/values/canonical-json.ts";
import { Hint } from "#core/contracts/channel.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { storableJson } from "#gate/kernel/storable-text.ts";
import { erasedName } from "#store/people/person-names.ts";
import { approval, effect, hint, message } from "#store/db/schema.ts";
import { type ClearedBatch, ROWS, withoutFiles } from "./clear-rows.ts";

/** One step of an erasure: one batch of rows, to be followed by the next while it is full. */
export type ErasureStep = (transaction: Transaction, now: Date) => Promise<ClearedBatch>;

/** Matches a text that contains one of the marks, as `personMarks` returns them. */
export function holds(text: SQL, marks: readonly string[]): SQL {
  if (marks.length === 0) return sql`false`;
  return or(...marks.map((mark) => sql`lower(${text}) ~ ${mark}`)) ?? sql`false`;
}

/** Replaces event ids and message keys that identify a person, wherever they are stored to recognise a redelivery. */
export function renamingSteps(
  conversationId: string,
  marks: readonly string[],
): readonly ErasureStep[] {
  const isCleared = and(eq(effect.conversationId, conversationId), isNotNull(effect.clearedAt));
  return [
    renameWithin(approval.id, approval.answers, eq(approval.conversationId, conversationId), marks),
    renameWithin(effect.key, effect.action, isCleared, marks),
    renameHints(conversationId, marks),
  ];
}

/** Replaces every text of a value that contains a mark with its erased name. */
function renamed(value: Json, marks: readonly string[]): Json {
  if (typeof value === "string") {
    const lower = value.toLowerCase();
    return marks.some((mark) => new RegExp(mark).test(lower)) ? erasedName(value) : value;
  }
  if (Array.isArray(value)) return value.map((item) => renamed(item, marks));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, renamed(item, marks)]),
    );
  return value;
}

/** Replaces keys within a document: cards list the messages they are about, and so do replies. */
function renameWithin(
  id: PgColumn,
  document: PgColumn,
  which: SQL | undefined,
  marks: readonly string[],
): ErasureStep {
  return async (transaction) => {
    const rows = await rowsOf(
      transaction,
      z.object({ id: z.string(), document: Json }),
      sql`select ${id} as id, ${document} as document from ${id.table}
          where ${which} and ${holds(sql`${document}::text`, marks)} limit ${ROWS}`,
    );
    const column = sql.identifier(document.name);
    for (const row of rows) {
      const value = storableJson(renamed(row.document, marks));
      await transaction.execute(
        sql`update ${id.table} set ${column} = ${value}::jsonb where ${id} = ${row.id}`,
      );
    }
    return withoutFiles(rows.length);
  };
}

function renameHints(conversationId: string, marks: readonly string[]): ErasureStep {
  return async (transaction) => {
    const rows = await transaction
      .select({ id: hint.id, eventId: hint.eventId, payload: hint.payload })
      .from(hint)
      .where(
        and(
          eq(hint.conversationId, conversationId),
          sql`${hint.clearedAt} is not null`,
          holds(sql`${hint.eventId}`, marks),
        ),
      )
      .limit(ROWS);
    for (const { id, eventId, payload } of rows)
      await transaction
        .update(hint)
        .set({
          eventId: erasedName(eventId),
          payload: Hint.parse(renamed(Json.parse(payload), marks)),
        })
        .where(eq(hint.id, id));
    return withoutFiles(rows.length);
  };
}

/** A message's key is in its content as well. */
export function renameMessages(conversationId: string, marks: readonly string[]): ErasureStep {
  return async (transaction) => {
    const rows = await transaction
      .select({ id: message.id, key: message.key })
      .from(message)
      .where(and(eq(message.conversationId, conversationId), holds(sql`${message.key}`, marks)))
      .limit(ROWS);
    for (const { id, key } of rows) {
      const name = erasedName(key);
      await transaction.update(message).set({ key: name }).where(eq(message.id, id));
      await transaction.execute(
        sql`update message_content set content = jsonb_set(content, '{key}', to_jsonb(${name}::text)) where message_id = ${id}`,
      );
    }
    return withoutFiles(rows.length);
  };
}
