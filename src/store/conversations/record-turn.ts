/** Writes a turn with two statements: what it read and decided, then what it intends. */
import { z } from "zod";
import type { PlannedAction } from "#core/values/action.ts";
import type { Message } from "#core/values/message.ts";
import type { TurnRecording, TurnTrace } from "#core/values/trace.ts";
import type { Owner } from "#core/values/vocabulary.ts";
import type { AuditEntry } from "#store/audit/pending-entries.ts";
import { type CaseEntry, entryRow, REMEMBER_CASE } from "#store/cases/changes.ts";
import { ADVISORY_LOCKS } from "#store/db/advisory-locks.ts";
import { ask, type Transaction } from "#store/db/database.ts";
import { columnsToJson } from "#store/db/statement.ts";
import { conversation } from "#store/db/schema.ts";
import { storable, storableJson } from "#gate/kernel/storable-text.ts";
import { effectRows, type Intention } from "#store/effects/intend.ts";
import { type Effect, LEDGER, StoredEffect } from "#store/effects/ledger.ts";
import { ADD_USAGE } from "#store/effects/usage.ts";
import { MARK_RESOLUTION } from "#store/reports/resolutions.ts";
import { type ConversationChange, changedColumns } from "./conversations.ts";
import { requireLease, type Lease } from "./lease.ts";
import {
  ADD_MESSAGES,
  END_MESSAGES,
  MESSAGE_COLUMNS,
  type MessageOutcome,
  messageRow,
  outcomeRows,
} from "./message-rows.ts";
import { ADD_TRACES, traceRow, ADD_RECORDINGS, recordingRows } from "./traces.ts";

/** What a turn read, and how it ended for the messages it considered. */
export interface TurnRecord {
  /** Who owned the conversation when the turn began. */
  readonly owner: Owner;
  /** The hints it read, by id. */
  readonly hints: readonly number[];
  /** Messages that are not stored yet, each key once. */
  readonly messages: readonly Message[];
  readonly change: ConversationChange;
  /** How messages ended, by key; a message that has an outcome keeps it. */
  readonly outcomes: ReadonlyMap<string, MessageOutcome>;
  /** True when an effect may begin with this turn: no teammate can pause anything until its commit. */
  readonly holdsPause: boolean;
  /** The chat to which the turn may write a line; null for none. */
  readonly chat: string | null;
  /** What later turns of the same customer are compared with; null when it is not known who writes. */
  readonly caseEntry: CaseEntry | null;
  /** True when it may be part of no case any more. */
  readonly leavesCase: boolean;
}

/** The columns a change may name. */
const CHANGED = `
  external_id, subject, brand, owner, owner_reason, owner_holder, owner_delicate, linked_id, clarified, questions, solved_at, solved_by_rule, rating,
  rating_source, rating_stars, kept_out, wake_at, retry_since, handed_over_at, handover_remind_at, closed_notice_until, customer,
  participants_digest, participant_changes, barred, owner_voter, snoozed_until`;

/**
 * `$1` conversation, `$2` fence, `$3` owner, `$4` when, `$5` whether the pause is held, `$6` the rest, `$7` the
 * chat whose lines are locked as `writeLine` does. Nothing is written unless lease and owner are still as the turn found
 * them: everything else hangs on that row.
 */
const RECORD = {
  name: "record_turn",
  text: `
with ours as (
  update conversation c
  set (${CHANGED}, updated_at) =
    (select ${CHANGED}, $4::timestamptz from jsonb_populate_record(c, $6::jsonb -> 'change') r)
  where c.id = $1 and c.fence = $2 and c.owner = $3 returning c.id),
locked as materialized (
  select case when $5::boolean then pg_advisory_xact_lock_shared(${ADVISORY_LOCKS.pause}) end::text,
    case when $7::text is not null then pg_advisory_xact_lock(${ADVISORY_LOCKS.chatLines}, hashtext($7::text)) end::text
  from ours),
read as (
  update hint h set state = 'read' from ours
  where h.id = any (array(select e::bigint from jsonb_array_elements_text($6::jsonb -> 'hints') e))),
given as (select g.* from ours, jsonb_to_recordset($6::jsonb -> 'messages') g (${MESSAGE_COLUMNS})),
${ADD_MESSAGES},
${END_MESSAGES("$6::jsonb -> 'outcomes'", "$4::timestamptz", "ours")},
${REMEMBER_CASE("$6::jsonb -> 'caseEntries'", { conversation: "$1::text", now: "$4::timestamptz", gate: "ours, locked" })},
${MARK_RESOLUTION("ours.id", "$4::timestamptz", "ours")},
apart as (
  update case_member k set case_id = null, asked_about = null, kept_apart = true
  from ours where k.conversation_id = ours.id and ($6::jsonb ->> 'leavesCase')::boolean)
select (select count(*) from locked)::int as locked, (select coalesce(json_agg(key), '[]') from added) as added,
  coalesce((select w.waiting from waiting w), '[]') as waiting
from ours`,
  row: z.object({ locked: z.int(), added: z.array(z.string()), waiting: z.array(z.string()) }),
} as const;

/**
 * Records the turn; null when the conversation changed hands since it began. Throws `store.fenced` without the lease.
 */
export async function recordTurn(
  transaction: Transaction,
  lease: Lease,
  record: TurnRecord,
  now: Date,
) {
  const { conversationId, fence } = lease;
  const { owner, hints, messages, change, outcomes, holdsPause, chat } = record;
  const { caseEntry, leavesCase } = record;
  const fresh = new Set(messages.map(({ key }) => key));
  const rest = {
    hints,
    change: columnsToJson(conversation, changedColumns(change)),
    messages: messages.map((message, place) => ({
      ...messageRow(message, { place, conversationId, receivedAt: now }),
      ...outcomeColumns(outcomes.get(message.key), now),
    })),
    outcomes: outcomeRows(outcomes).filter(({ key }) => !fresh.has(key)),
    caseEntries: caseEntry === null ? [] : [entryRow(caseEntry)],
    leavesCase,
  };
  const values = [conversationId, fence, owner, now, holdsPause, storableJson(rest), chat];
  const [row] = await ask(transaction, RECORD, values);
  if (row === undefined) {
    await requireLease(transaction, lease);
    return null;
  }
  const added = new Set(row.added);
  return {
    /** The messages that were not new after all, because their key is stored already. */
    known: messages.filter(({ key }) => !added.has(storable(key))),
    /** Conversations of the same customer that wait as well as this one, by id. */
    waiting: row.waiting.filter((id) => id !== conversationId),
  };
}

function outcomeColumns(ended: MessageOutcome | undefined, now: Date) {
  return ended === undefined
    ? {}
    : {
        outcome: ended.outcome,
        outcome_reason: ended.reason,
        passed_over: ended.passedOver,
        outcome_at: now,
        turn_id: ended.turnId,
      };
}

/** Actions a turn decided to carry out together. */
export interface IntendedBundle extends Omit<Intention, "now"> {
  readonly actions: readonly PlannedAction[];
  /** The state of the first of them once this is committed; the others are intended. */
  readonly first: "intended" | "executing" | "done";
}

/** A line of a chat that is written with the turn, with what follows from it. */
export interface WrittenLine {
  readonly key: string;
  readonly chat: string;
  readonly text: string;
  readonly ref: string;
  readonly message: Message | null;
  readonly outcomes: ReadonlyMap<string, MessageOutcome>;
}

/** What a turn leads to. */
export interface TurnIntentions {
  readonly revision: string;
  readonly trace: TurnTrace | null;
  /** What the turn was given; kept beside its trace. */
  readonly recording: TurnRecording | null;
  readonly bundles: readonly IntendedBundle[];
  /** Where the first effect of a bundle is done with the turn: the line it wrote. */
  readonly line: WrittenLine | null;
  /** Written in this order. An entry about a key counts only when that key is newly intended. */
  readonly entries: readonly (AuditEntry & { readonly about: string | null })[];
}

/** `$1` conversation, `$2` fence, `$3` when, `$4` the rest. */
const INTEND = {
  name: "intend_turn",
  text: `
with revised as (update conversation set revision = $4::jsonb ->> 'revision' where id = $1),
traced as (${ADD_TRACES("$4::jsonb -> 'traces'")}),
used as (${ADD_USAGE("$4::jsonb -> 'traces'")}),
kept as (${ADD_RECORDINGS("$4::jsonb -> 'recordings'")}),
${LEDGER.intended("$4::jsonb -> 'effects'", "$2::bigint", "$3::timestamptz")},
told as (
  insert into transcript (key, conversation_id, text, at, position)
  select l.key, l.chat, l.text, $3::timestamptz, (select coalesce(max(position), 0) + 1 from transcript t where t.conversation_id = l.chat)
  from jsonb_to_recordset($4::jsonb -> 'lines') l (key text, chat text, text text) on conflict do nothing),
given as (select g.* from jsonb_to_recordset($4::jsonb -> 'messages') g (${MESSAGE_COLUMNS})),
${ADD_MESSAGES},
${END_MESSAGES("$4::jsonb -> 'outcomes'", "$3::timestamptz", "(select) always")},
recorded as (
  insert into audit_pending (at, kind, data)
  select $3::timestamptz, e ->> 'kind', e -> 'data' from jsonb_array_elements($4::jsonb -> 'entries') with ordinality l (e, n)
  where e ->> 'about' is null or e ->> 'about' in (select key from intended) order by n)
select to_json(i) as effect from intended i`,
  row: z.object({ effect: StoredEffect }),
} as const;

/** Writes what the turn leads to. Returns the effects that are newly intended, or have begun. */
export async function intendTurn(
  transaction: Transaction,
  { conversationId, fence }: Lease,
  { revision, trace, recording, bundles, line, entries }: TurnIntentions,
  now: Date,
): Promise<readonly Effect[]> {
  const rows = new Map<string, object>();
  // A key that is planned twice is carried out once.
  for (const row of bundles.flatMap((one) => effectRows(one, one.actions, one.first)))
    if (!rows.has(row.key))
      rows.set(row.key, { ...row, ref: row.key === line?.key ? line.ref : null });
  const rest = {
    revision,
    traces: trace === null ? [] : [traceRow(trace)],
    recordings: recordingRows(recording, trace),
    effects: [...rows.values()],
    entries,
    lines: line === null ? [] : [{ key: line.key, chat: line.chat, text: line.text }],
    messages:
      line === null || line.message === null
        ? []
        : [messageRow(line.message, { place: 0, conversationId, receivedAt: now })],
    outcomes: line === null ? [] : outcomeRows(line.outcomes),
  };
  const made = await ask(transaction, INTEND, [conversationId, fence, now, storableJson(rest)]);
  return made.map(({ effect }) => effect);
}
