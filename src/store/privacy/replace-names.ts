import { and, eq, or, sql, type SQL } from "#store/db/drizzle.ts";
import { z } from "zod";
import { Action } from "#core/values/action.ts";
import { Json } from "#core/values/canonical-json.ts";
import { Hint } from "#core/values/delivery.ts";
import type { Transaction } from "#store/db/database.ts";
import { erasedName } from "#store/people/erased-name.ts";
import { approval, effect, hint, message } from "#store/db/schema.ts";

/** Rows in one transaction: done in well under a second, and nobody waits longer for a row. */
export const ROWS = 100;

/** One step of an erasure: does at most `ROWS` rows and says whether there may be more. */
export type ErasureStep = (transaction: Transaction, now: Date) => Promise<ErasureStepResult>;

/** Bodies are files to be removed once the step is committed. */
export interface ErasureStepResult {
  readonly more: boolean;
  readonly bodies?: readonly string[];
}

/** As many as were asked for means that there may be more. */
export function more(done: number): ErasureStepResult {
  return { more: done === ROWS };
}

/** A text in which one of the marks stands, as `marksOf` gives them. */
export function holds(text: SQL, marks: readonly string[]): SQL {
  if (marks.length === 0) return sql`false`;
  return or(...marks.map((mark) => sql`lower(${text}) ~ ${mark}`)) ?? sql`false`;
}

/** Names of events and messages that tell who somebody is, wherever they are kept to know a second delivery. */
export function renamingSteps(
  conversationId: string,
  marks: readonly string[],
): readonly ErasureStep[] {
  return [
    renameInApprovals(conversationId, marks),
    renameInEffects(conversationId, marks),
    renameHints(conversationId, marks),
  ];
}

/** Every text of a value in which a mark stands becomes the name it has after an erasure. */
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

/** Cards say which messages they are about by the names of those. */
function renameInApprovals(conversationId: string, marks: readonly string[]): ErasureStep {
  return async (transaction) => {
    const rows = await transaction
      .select({ id: approval.id, answers: approval.answers })
      .from(approval)
      .where(
        and(
          eq(approval.conversationId, conversationId),
          holds(sql`${approval.answers}::text`, marks),
        ),
      )
      .limit(ROWS);
    for (const { id, answers } of rows)
      await transaction
        .update(approval)
        .set({ answers: z.array(z.string()).parse(renamed(Json.parse(answers), marks)) })
        .where(eq(approval.id, id));
    return more(rows.length);
  };
}

/** So do replies. */
function renameInEffects(conversationId: string, marks: readonly string[]): ErasureStep {
  return async (transaction) => {
    const rows = await transaction
      .select({ key: effect.key, action: effect.action })
      .from(effect)
      .where(
        and(
          eq(effect.conversationId, conversationId),
          sql`${effect.clearedAt} is not null`,
          holds(sql`${effect.action}::text`, marks),
        ),
      )
      .limit(ROWS);
    for (const { key, action } of rows)
      await transaction
        .update(effect)
        .set({ action: Action.nullable().parse(renamed(Json.parse(action), marks)) })
        .where(eq(effect.key, key));
    return more(rows.length);
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
    return more(rows.length);
  };
}

/** A message's name stands in its content as well. */
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
    return more(rows.length);
  };
}
