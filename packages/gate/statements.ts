/** The gate's statements over its own tables, and the rows they give. */
import { z } from "zod";
import { Approvers } from "./contract.ts";
import { chainOn } from "./kernel/chain.ts";
import { ledgerOn } from "./kernel/ledger.ts";
import { ApprovalState, EffectState } from "./kernel/states.ts";
import type { Statement } from "./kernel/statement.ts";
import { schemaLock } from "./tables.ts";

/** A call as it is stored and sealed. */
const StoredAction = z.strictObject({ name: z.string(), args: z.json() });

/** A vote with the mark that only the holder of the secret can make. */
const StoredVote = z.strictObject({
  voter: z.string(),
  name: z.string(),
  role: z.enum(["member", "lead"]),
  at: z.string(),
  mark: z.string(),
  reason: z.string(),
});
export type StoredVote = z.infer<typeof StoredVote>;

/** An approval as it is stored. */
export const ApprovalRow = z.object({
  id: z.string(),
  run: z.string(),
  step: z.string(),
  place: z.int(),
  key: z.string(),
  /** The digest of action and arguments: the same call has the same. */
  call: z.string(),
  action: StoredAction,
  facts: z.json(),
  needs: Approvers,
  asked_by: z.string().nullable(),
  version: z.int(),
  seal: z.string(),
  state: ApprovalState,
  votes: z.array(StoredVote),
  closing: z.string(),
  expires_at: z.coerce.date(),
  created_at: z.coerce.date(),
});
export type ApprovalRow = z.infer<typeof ApprovalRow>;

/** An effect as it is stored, under the names that the kernel has for its columns. */
const EffectRow = z
  .object({
    key: z.string(),
    approval_id: z.string().nullable(),
    request_digest: z.string(),
    action: StoredAction,
    facts: z.json(),
    revision: z.string().nullable(),
    state: EffectState,
    /** Another at each begin: who read it knows whether it was begun since. */
    fence: z.int(),
    /** Some call was made under this key, perhaps for an approval before. */
    was_begun: z.boolean(),
    attempts: z.int(),
    not_before: z.coerce.date(),
    created_at: z.coerce.date(),
    ref: z.string().nullable(),
    error: z.string().nullable(),
    away_count: z.int(),
    away_since: z.coerce.date().nullable(),
  })
  .transform((row) => ({
    ...row,
    approvalId: row.approval_id,
    requestDigest: row.request_digest,
    notBefore: row.not_before,
    createdAt: row.created_at,
    awayCount: row.away_count,
    awaySince: row.away_since,
    wasBegun: row.was_begun,
  }));
export type EffectRow = z.infer<typeof EffectRow>;

const Entries = z.array(z.object({ kind: z.string(), data: z.record(z.string(), z.json()) }));
const Standing = z.object({ voter: z.string(), name: z.string(), mark: z.string() });

/** How statements over one schema name themselves and its tables. */
interface Naming {
  readonly at: (table: string) => string;
  readonly named: <Shape extends z.ZodType>(
    name: string,
    text: string,
    row: Shape,
  ) => Statement<Shape>;
}

function naming(schema: string): Naming {
  return {
    at: (table) => `${schema}.${table}`,
    named: (name, text, row) => ({ name: `${schema}_${name}`, text, row }),
  };
}

/** All statements over the tables of one schema. */
export function statementsOn(schema: string) {
  const by = naming(schema);
  const prefix = `${schema}_`;
  const ledger = ledgerOn({
    table: by.at("effect"),
    prefix,
    own: ["run", "waits_for"],
    emptied: ["worker", "leased_until"],
    row: z.object({ effect: EffectRow }).transform(({ effect }) => effect),
  });
  return {
    ledger,
    chain: chainOn({
      audit: by.at("audit"),
      pending: by.at("audit_pending"),
      setting: by.at("setting"),
      headName: "audit.head",
      lock: schemaLock(schema),
      prefix,
    }),
    ...reading(by),
    ...writing(by, ledger.intended),
    ...ending(by),
    ...running(by),
    ...keeping(by),
  };
}

/** What is read of approvals. */
function reading({ at, named }: Naming) {
  const everyEntry = `(select kind, data from ${at("audit")} union all select kind, data from ${at("audit_pending")})`;
  const loaded = `
select to_json(a) as approval,
  (select coalesce(json_agg(e), '[]') from ${everyEntry} e
     where e.data ->> 'approval' = a.id and e.kind in ('asked', 'edited', 'vote')) as entries
from ${at("approval")} a where a.id = $1`;
  const loadedRow = z.object({ approval: ApprovalRow, entries: Entries });
  return {
    /** `$1` id. */
    load: named("load", loaded, loadedRow),
    /** `$1` id. What is read in a statement after it is as it was left by those who had the lock before. */
    lock: named(
      "lock",
      `select 1 as one from ${at("approval")} a where a.id = $1 for update of a`,
      z.unknown(),
    ),
    /** `$1` run, `$2` the call's digest, `$3` key: all that decides whether a person is asked. */
    before: named(
      "before",
      `select
  (select to_json(a) from ${at("approval")} a where a.key = $3 and a.state in ('pending', 'approved')) as open,
  (select a.id from ${at("approval")} a where a.run = $1 and a.call = $2 and a.state = 'rejected' limit 1) as refused,
  (select to_json(e) from ${at("effect")} e where e.key = $3 and e.state not in ('failed', 'withdrawn')) as effect,
  (select to_json(s) from ${at("standing")} s where s.call = $2) as standing`,
      z.object({
        open: ApprovalRow.nullable(),
        refused: z.string().nullable(),
        effect: EffectRow.nullable(),
        standing: Standing.nullable(),
      }),
    ),
    waiting: named(
      "waiting",
      `select id, version from ${at("approval")} where state = 'pending' and expires_at > $1::timestamptz
order by created_at, step, place`,
      z.object({ id: z.string(), version: z.int() }),
    ),
    /** `$1` id of an approval, or key of what needed none. */
    outcome: named(
      "outcome",
      `select (select to_json(a) from ${at("approval")} a where a.id = $1) as approval,
  (select to_json(e) from ${at("effect")} e where e.approval_id = $1 or e.key = $1 order by e.key <> $1 limit 1) as effect`,
      z.object({ approval: ApprovalRow.nullable(), effect: EffectRow.nullable() }),
    ),
  };
}

/** What is written of approvals, with the effects and the entries that go along. */
function writing(
  { at, named }: Naming,
  intended: (source: string, fence: string, now: string) => string,
) {
  const entries = (time: string, list: string): string => `
noted as (
  insert into ${at("audit_pending")} (at, kind, data)
  select ${time}, e ->> 'kind', e -> 'data' from written, jsonb_array_elements(${list}) e)`;
  return {
    /** `$1` the row, `$2` now, `$3` entries, `$4` effects. No row where the key is open already. */
    add: named(
      "add",
      `with written as (
  insert into ${at("approval")} select * from jsonb_populate_record(null::${at("approval")}, $1::jsonb)
  on conflict do nothing returning id),
${entries("$2::timestamptz", "$3::jsonb")},
${intended("(select $4::jsonb from written)", "0", "$2::timestamptz")}
select id from written`,
      z.object({ id: z.string() }),
    ),
    /** `$1` effects, `$2` now, `$3` entries: what needs no person. */
    allow: named(
      "allow",
      `with ${intended("$1::jsonb", "0", "$2::timestamptz")},
written as (select 1 from intended),
${entries("$2::timestamptz", "$3::jsonb")}
select key as id from intended`,
      z.object({ id: z.string() }),
    ),
    /**
     * `$1` the new row, `$2` version, `$3` state, `$4` seal and `$5` votes as they were, `$6` now, `$7` entries, `$8`
     * effects. The compare-and-set of every decision; no row when another came first.
     */
    change: named(
      "change",
      `with written as (
  update ${at("approval")} a set version = n.version, state = n.state, seal = n.seal, action = n.action, call = n.call,
    facts = n.facts, votes = n.votes, closing = n.closing, expires_at = n.expires_at
  from jsonb_populate_record(null::${at("approval")}, $1::jsonb) n
  where a.id = n.id and a.version = $2::int and a.state = $3 and a.seal = $4 and a.votes = $5::jsonb
  returning a.id),
${entries("$6::timestamptz", "$7::jsonb")},
${intended("(select $8::jsonb from written)", "0", "$6::timestamptz")}
select id from written`,
      z.object({ id: z.string() }),
    ),
    /** `$1` now, `$2` entries. */
    note: named(
      "note",
      `with written as (select 1), ${entries("$1::timestamptz", "$2::jsonb")} select 1 as one`,
      z.unknown(),
    ),
  };
}

/** Ends that no decision on the approval itself brings about, and standing yeses. */
function ending({ at, named }: Naming) {
  return {
    /** `$1` now: an end that no person chose. */
    expire: named(
      "expire",
      `with written as (
  update ${at("approval")} set state = 'expired', closing = 'it waited too long'
  where state = 'pending' and expires_at <= $1::timestamptz returning id)
insert into ${at("audit_pending")} (at, kind, data)
select $1::timestamptz, 'expired', jsonb_build_object('approval', id) from written`,
      z.unknown(),
    ),
    /** `$1` call, `$2` voter, `$3` name, `$4` mark. */
    stand: named(
      "stand",
      `insert into ${at("standing")} (call, voter, name, mark) values ($1, $2, $3, $4)
on conflict (call) do update set voter = excluded.voter, name = excluded.name, mark = excluded.mark`,
      z.unknown(),
    ),
    fall: named(
      "fall",
      `delete from ${at("standing")} where call = $1 returning call as id`,
      z.object({ id: z.string() }),
    ),
  };
}

/** What carrying out reads and writes beside the ledger's own statements. */
function running({ at, named }: Naming) {
  return {
    /**
     * `$1` now. What is due, in order. What needs no person waits for each approval before it in its step, until that is
     * settled; approvals of a step are independent of each other.
     */
    due: named(
      "due",
      `select to_json(e) as effect, coalesce(a.created_at, e.created_at) as "askedAt"
from ${at("effect")} e left join ${at("approval")} a on a.id = e.approval_id
where e.state in ('intended', 'executing') and e.not_before <= $1::timestamptz
  and (e.leased_until is null or e.leased_until <= clock_timestamp())
  and (e.approval_id is not null or not exists (
    select 1 from ${at("approval")} b left join ${at("effect")} f on f.approval_id = b.id
    where b.id = any(e.waits_for) and (b.state = 'pending'
      or (b.state = 'approved' and f.state in ('intended', 'executing', 'unknown')))))
order by e.created_at, e.bundle, e.position limit 100`,
      z.object({ effect: EffectRow, askedAt: z.coerce.date() }),
    ),
    /** `$1` key, `$2` milliseconds, `$3` worker: no other process goes on with it before that, by the database's clock. */
    lease: named(
      "lease",
      `update ${at("effect")} set leased_until = clock_timestamp() + $2::int * interval '1 millisecond', worker = $3,
  was_begun = true
where key = $1`,
      z.unknown(),
    ),
    /** `$1` worker, `$2` now: what a process of this name had begun before it died. */
    takeOver: named(
      "take_over",
      `update ${at("effect")} set not_before = $2::timestamptz, leased_until = null where state = 'executing' and worker = $1`,
      z.unknown(),
    ),
    /** `$1` key. */
    effectLocked: named(
      "effect_locked",
      `select to_json(e) as effect from ${at("effect")} e where e.key = $1 for update`,
      z.object({ effect: EffectRow }),
    ),
    /**
     * `$1` key, `$2` state and `$3` fence as they were read; `$4` state, `$5` ref, `$6` error, `$7` not before (null keeps
     * these three), `$8` away count, `$9` away since, `$10` when it ended. No row where another process moved it since.
     */
    move: named(
      "move",
      `update ${at("effect")} set state = $4, ref = coalesce($5, ref), error = coalesce($6, error),
  not_before = coalesce($7::timestamptz, not_before), away_count = $8::int, away_since = $9::timestamptz,
  finished_at = $10::timestamptz, leased_until = case when $4 = 'executing' then leased_until end
where key = $1 and state = $2 and fence = $3::bigint returning key as id`,
      z.object({ id: z.string() }),
    ),
    /** `$1` key: what the audit says of an effect that happened, whatever its row says. */
    happened: named(
      "happened",
      `select data ->> 'ref' as ref from (
  select kind, data from ${at("audit")} where kind = 'done' and data ->> 'key' = $1
  union all select kind, data from ${at("audit_pending")} where kind = 'done' and data ->> 'key' = $1) e limit 1`,
      z.object({ ref: z.string() }),
    ),
  };
}

/** What is kept of the gate itself. */
function keeping({ at, named }: Naming) {
  return {
    restoredAt: named(
      "restored_at",
      `select value from ${at("setting")} where name = 'restored'`,
      z.object({ value: z.coerce.date() }),
    ),
    restore: named(
      "restore",
      `insert into ${at("setting")} values ('restored', $1::jsonb)
on conflict (name) do update set value = excluded.value`,
      z.unknown(),
    ),
    head: named(
      "head",
      `select value from ${at("setting")} where name = 'audit.head'`,
      z.object({ value: z.string() }),
    ),
    chained: named(
      "chained",
      `select to_json(x) as entry from ${at("audit")} x order by x.seq`,
      z.object({
        entry: z.object({
          seq: z.int(),
          at: z.coerce.date(),
          kind: z.string(),
          data: z.record(z.string(), z.json()),
          previous: z.string(),
          hash: z.string(),
        }),
      }),
    ),
  };
}
export type Statements = ReturnType<typeof statementsOn>;
