/** What tests store and read by itself that a worker does within a larger statement. */
import { z } from "zod";
import { and, asc, eq, inArray } from "#store/db/drizzle.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import type { AuditEntry } from "#store/audit/pending-entries.ts";
import { ADD_TRACES, traceRow } from "#store/conversations/traces.ts";
import { ask, type Transaction } from "#store/db/database.ts";
import { effect, hint as hintTable } from "#store/db/schema.ts";
import { storableJson } from "#gate/kernel/storable-text.ts";
import { effectsWhere, type Effect } from "#store/effects/ledger.ts";
import { ADD_USAGE } from "#store/effects/usage.ts";
import type { UnreadHint } from "#store/conversations/read-snapshot.ts";

const RECORD = {
  name: "record_audit",
  text: `insert into audit_pending (at, kind, data)
    select $1::timestamptz, e ->> 'kind', e -> 'data' from jsonb_array_elements($2::jsonb) with ordinality l(e, n) order by n`,
  row: z.unknown(),
} as const;

/** Writes entries of one moment, in this order; `sealAudit` puts them into the chain. */
export async function recordAudit(
  transaction: Transaction,
  entries: readonly AuditEntry[],
  now: Date,
): Promise<void> {
  if (entries.length > 0) await ask(transaction, RECORD, [now, storableJson(entries)]);
}

const SAVE = {
  name: "save_trace",
  text: `with used as (${ADD_USAGE("$1::jsonb")}) ${ADD_TRACES("$1::jsonb")}`,
  row: z.unknown(),
} as const;

/** Stores a trace by itself, as `intendTurn` does with all else a turn leads to. */
export async function saveTrace(transaction: Transaction, trace: TurnTrace): Promise<void> {
  await ask(transaction, SAVE, [storableJson([traceRow(trace)])]);
}

/** The unread hints of a conversation, oldest first; at most `limit`, so that a flood is processed in slices. */
export async function unreadHints(
  transaction: Transaction,
  conversationId: string,
  limit: number,
): Promise<readonly UnreadHint[]> {
  const rows = await transaction
    .select()
    .from(hintTable)
    .where(and(eq(hintTable.conversationId, conversationId), eq(hintTable.state, "unread")))
    .orderBy(asc(hintTable.id))
    .limit(limit);
  return rows.map((row) => ({
    id: row.id,
    hint: row.payload,
    bodyRef: row.bodyRef,
    receivedAt: row.receivedAt,
    attempts: row.attempts,
  }));
}

export async function markRead(transaction: Transaction, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await transaction
    .update(hintTable)
    .set({ state: "read" })
    .where(inArray(hintTable.id, [...ids]));
}

/** The unsettled effects of a conversation, in the order they have to happen. */
export function openEffects(
  transaction: Transaction,
  conversationId: string,
): Promise<readonly Effect[]> {
  const isOpen = inArray(effect.state, ["intended", "executing"]);
  const condition = and(eq(effect.conversationId, conversationId), isOpen);
  return effectsWhere(transaction, condition, effect.createdAt, effect.bundle, effect.position);
}
