/** Intends effects, by one statement that a turn's own statement has in it as well, and records that one happened. */

import { z } from "zod";
import type { PlannedAction } from "#core/values/action.ts";
import { digest } from "#core/values/canonical-json.ts";
import { ask, type Transaction } from "#store/db/database.ts";
import { storable, storableJson } from "#gate/kernel/storable-text.ts";
import { DOCUMENTS } from "#store/db/versioned-documents.ts";
import { LEDGER, type Effect } from "./ledger.ts";
import type { Message } from "#core/values/message.ts";
import type { AuditEntry } from "#store/audit/pending-entries.ts";
import type { Lease } from "#store/conversations/lease.ts";
import {
  ADD_MESSAGES,
  END_MESSAGES,
  type MessageOutcome,
  MESSAGE_COLUMNS,
  messageRow,
  outcomeRows,
} from "#store/conversations/message-rows.ts";
import { MARK_RESOLUTION } from "#store/reports/resolutions.ts";

/** The decision behind an effect, and the bundle it belongs to. */
export interface Intention {
  readonly conversationId: string;
  readonly approvalId: string | null;
  readonly turnId: string | null;
  readonly bundle: string;
  /** The conversation's revision the decision was made for; null when later messages do not matter. */
  readonly revision: string | null;
  readonly approvedBy: Effect["approvedBy"];
  readonly notBefore: Date;
  readonly now: Date;
}

/** Planned actions as rows of one bundle, in order; the first one may have begun or be done with what intends it. */
export function effectRows(
  intention: Omit<Intention, "now">,
  actions: readonly PlannedAction[],
  first: "intended" | "executing" | "done" = "intended",
) {
  return actions.map(({ key, action, facts }, position) => ({
    key,
    conversation_id: intention.conversationId,
    approval_id: intention.approvalId,
    turn_id: intention.turnId,
    bundle: intention.bundle,
    position,
    target: action.target,
    operation: action.operation,
    action: DOCUMENTS.action.encode(action),
    request_digest: digest(action),
    facts: DOCUMENTS.facts.encode([...facts]),
    revision: intention.revision,
    approved_by: intention.approvedBy,
    state: position === 0 ? first : "intended",
    not_before: intention.notBefore,
  }));
}

const INTEND = {
  name: "intend",
  text: `
with ${LEDGER.intended("$1::jsonb", "0", "$2::timestamptz")}
select key from intended`,
  row: z.object({ key: z.string() }),
} as const;

/**
 * Records these actions as intended, in order; by policy, at once and for any revision where nothing else is said.
 * Returns the keys that are newly intended.
 */
export async function intend(
  transaction: Transaction,
  actions: readonly PlannedAction[],
  given: Pick<Intention, "conversationId" | "bundle" | "now"> & Partial<Intention>,
): Promise<readonly string[]> {
  const intention: Intention = {
    approvalId: null,
    turnId: null,
    revision: null,
    approvedBy: "policy",
    notBefore: given.now,
    ...given,
  };
  const rows = new Map(
    effectRows(intention, actions)
      .toReversed()
      .map((row) => [row.key, row]),
  );
  const made = await ask(transaction, INTEND, [storableJson([...rows.values()]), intention.now]);
  const keys = new Set(made.map(({ key }) => key));
  return [...new Set(actions.map(({ key }) => storable(key)))].filter((key) => keys.has(key));
}

/** An effect that happened, with what follows from it. */
export interface DoneEffect {
  readonly key: string;
  /** The target's own id of what was made. */
  readonly ref: string;
  /** Keys under which answers to it will name its conversation. */
  readonly conversationKeys: readonly string[];
  readonly message: Message | null;
  readonly outcomes: ReadonlyMap<string, MessageOutcome>;
  readonly entry: AuditEntry;
}

/** `$1` conversation, `$2` fence, `$3` when, `$4` the rest. Nothing is written without the lease, or a second time. */
const RECORD_DONE = {
  name: "record_done",
  text: `
with ours as (select id from conversation where id = $1 and fence = $2 for no key update),
done as (
  update effect e set state = 'done', ref = $4::jsonb ->> 'ref', finished_at = $3::timestamptz, away_count = 0,
    away_since = null
  from ours where e.key = $4::jsonb ->> 'key' and e.state <> 'done' returning e.key),
remembered as (
  insert into conversation_key (key, conversation_id)
  select distinct k, $1 from done, jsonb_array_elements_text($4::jsonb -> 'conversationKeys') k
  on conflict do nothing),
given as (select g.* from done, jsonb_to_recordset($4::jsonb -> 'messages') g (${MESSAGE_COLUMNS})),
${ADD_MESSAGES},
${END_MESSAGES("$4::jsonb -> 'outcomes'", "$3::timestamptz", "done")},
${MARK_RESOLUTION("$1::text", "$3::timestamptz", "done")},
recorded as (
  insert into audit_pending (at, kind, data)
  select $3::timestamptz, $4::jsonb -> 'entry' ->> 'kind', $4::jsonb -> 'entry' -> 'data' from done)
select (select count(*) from ours)::int as ours, (select count(*) from done)::int as done`,
  row: z.object({ ours: z.int(), done: z.int() }),
} as const;

/** How recording went: `fenced` without the lease, `again` when it was recorded before. */
export async function recordDoneEffect(
  transaction: Transaction,
  { conversationId, fence }: Lease,
  { message, outcomes, ...rest }: DoneEffect,
  now: Date,
): Promise<"recorded" | "again" | "fenced"> {
  const stored = { place: 0, conversationId, receivedAt: now };
  const json = storableJson({
    ...rest,
    messages: message === null ? [] : [messageRow(message, stored)],
    outcomes: outcomeRows(outcomes),
  });
  const [row] = await ask(transaction, RECORD_DONE, [conversationId, fence, now, json]);
  if (row?.ours !== 1) return "fenced";
  return row.done === 1 ? "recorded" : "again";
}
