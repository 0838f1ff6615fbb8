/** The gate's statements over its own tables, as `inSchema` takes them, and the rows they give. */
import { z } from "zod";
import { Approvers } from "./contract.ts";
import { ChainEntry, chainOn } from "./kernel/chain.ts";
import { ledgerOn } from "./kernel/ledger.ts";
import { ApprovalState, EffectState } from "./kernel/states.ts";
import { Json } from "./kernel/storable-text.ts";

/** A call as it is stored and sealed. */
const StoredAction = z.strictObject({ name: z.string(), args: Json });

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
  facts: Json,
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
    facts: Json,
    revision: z.string().nullable(),
    state: EffectState,
    /** Another at each begin: who read it knows whether it was begun since. */
    fence: z.int(),
    /** Some call was made under this key, perhaps for an approval before. */
    was_begun: z.boolean(),
    attempts: z.int(),
    not_before: z.coerce.date(),
    ref: z.string().nullable(),
    error: z.string().nullable(),
    away_count: z.int(),
    away_since: z.coerce.date().nullable(),
  })
  .transform((row) => ({
    ...row,
    notBefore: row.not_before,
    awayCount: row.away_count,
    awaySince: row.away_since,
  }));
export type EffectRow = z.infer<typeof EffectRow>;

const Standing = z.object({ voter: z.string(), name: z.string(), mark: z.string() });

/** When another process may go on with what was begun now: by the database's clock, which all have alike. */
const leaseEnd = (ms: string): string => `clock_timestamp() + ${ms} * interval '1 millisecond'`;

/** A select of the target's own id of an effect that the audit has as done, whatever its row says. */
const happened = (key: string): string => `select data ->> 'ref' as ref from (
  select kind, data from gate.audit where kind = 'done' and data ->> 'key' = ${key}
  union all select kind, data from gate.audit_pending where kind = 'done' and data ->> 'key' = ${key}) e limit 1`;

/** Writes entries beside the chain for each row of `written`. */
const entries = (time: string, list: string): string => `
noted as (
  insert into gate.audit_pending (at, kind, data)
  select ${time}, e ->> 'kind', e -> 'data' from written, jsonb_array_elements(${list}) e)`;

const ledger = ledgerOn({
  table: "gate.effect",
  prefix: "",
  own: ["run", "waits_for", "worker", "leased_until"],
  emptied: [],
  begins: `leased_until = ${leaseEnd("$4::int")}, worker = $5`,
  moves: `leased_until = case when $3 = 'executing' then leased_until end, was_begun = was_begun or state = 'executing'`,
  // Each begin has a fence of its own: no row where another process began or moved it since it was read.
  movesIf: " and fence = $11::bigint",
  row: z.object({ effect: EffectRow }).transform(({ effect }) => effect),
});

const chain = chainOn({
  audit: "gate.audit",
  pending: "gate.audit_pending",
  setting: "gate.setting",
  headName: "audit.head",
  lock: "gate.lock",
  prefix: "",
});

/** The rows of a select as one list. */
const listed = (text: string): string => `(select coalesce(json_agg(r), '[]') from (${text}) r)`;

/** All of them, by what they do. */
export const statements = {
  ledger,
  chain,
  /** `$1` id. */
  load: {
    name: "load",
    text: `select to_json(a) as approval,
  (select coalesce(json_agg(e), '[]') from (
      select kind, data from gate.audit union all select kind, data from gate.audit_pending) e
    where e.data ->> 'approval' = a.id and e.kind in ('asked', 'edited', 'vote')) as entries
from gate.approval a where a.id = $1`,
    row: z.object({ approval: ApprovalRow, entries: z.array(ChainEntry) }),
  },
  /** `$1` id. What is read in a statement after it is as it was left by those who had the lock before. */
  lock: {
    name: "lock",
    text: `select 1 as one from gate.approval a where a.id = $1 for update of a`,
    row: z.unknown(),
  },
  waiting: {
    name: "waiting",
    text: `select id, version from gate.approval where state = 'pending' and expires_at > $1::timestamptz
order by created_at, step, place`,
    row: z.object({ id: z.string(), version: z.int() }),
  },
  /** `$1` id of an approval, or key of what needed none. */
  outcome: {
    name: "outcome",
    text: `select (select to_json(a) from gate.approval a where a.id = $1) as approval,
  (select to_json(e) from gate.effect e where e.approval_id = $1 or e.key = $1 order by e.key <> $1 limit 1) as effect`,
    row: z.object({ approval: ApprovalRow.nullable(), effect: EffectRow.nullable() }),
  },
  /**
   * `$1` the row, `$2` now, `$3` entries, `$4` effects, `$5` when it is added: `always`, `never`, or `new`, if nothing is
   * known of its call and key. All that decides whether a person is asked, as it was before; and its id if it was added,
   * which it is not where its key is open already.
   */
  add: {
    name: "add",
    text: `with given as (
  select * from jsonb_populate_record(null::gate.approval, $1::jsonb)),
before as (
  select (select to_json(a) from gate.approval a where a.key = g.key and a.state in ('pending', 'approved')) as open,
    (select a.id from gate.approval a where a.run = g.run and a.call = g.call and a.state = 'rejected' limit 1) as refused,
    (select to_json(e) from gate.effect e where e.key = g.key and e.state not in ('failed', 'withdrawn')) as effect,
    (select to_json(s) from gate.standing s where s.call = g.call) as standing
  from given g),
written as (
  insert into gate.approval select g.* from given g, before b
  where $5 = 'always' or ($5 = 'new' and num_nonnulls(b.open, b.refused, b.effect, b.standing) = 0)
  on conflict do nothing returning id),
${entries("$2::timestamptz", "$3::jsonb")},
${ledger.intended("(select $4::jsonb from written)", "0", "$2::timestamptz")}
select b.*, (select id from written) as added from before b`,
    row: z.object({
      open: ApprovalRow.nullable(),
      refused: z.string().nullable(),
      effect: EffectRow.nullable(),
      standing: Standing.nullable(),
      added: z.string().nullable(),
    }),
  },
  /** `$1` effects, `$2` now, `$3` entries: what needs no person. */
  allow: {
    name: "allow",
    text: `with ${ledger.intended("$1::jsonb", "0", "$2::timestamptz")},
written as (select 1 from intended),
${entries("$2::timestamptz", "$3::jsonb")}
select key as id from intended`,
    row: z.object({ id: z.string() }),
  },
  /** `$1` now, `$2` entries. */
  note: {
    name: "note",
    text: `with written as (select 1), ${entries("$1::timestamptz", "$2::jsonb")} select 1 as one`,
    row: z.unknown(),
  },
  /**
   * `$1` the new row, `$2` version, `$3` state, `$4` seal and `$5` votes as they were, `$6` now, `$7` entries, `$8`
   * effects, `$9` milliseconds, `$10` fence and `$11` worker of a begin, null for none. The compare-and-set of every
   * decision; no row when another came first. It begins what nothing is known of, and what no restore may have lost.
   */
  change: {
    name: "change",
    text: `with written as (
  update gate.approval a set version = n.version, state = n.state, seal = n.seal, action = n.action, call = n.call,
    facts = n.facts, votes = n.votes, closing = n.closing, expires_at = n.expires_at
  from jsonb_populate_record(null::gate.approval, $1::jsonb) n
  where a.id = n.id and a.key = n.key and a.version = $2::int and a.state = $3 and a.seal = $4 and a.votes = $5::jsonb
  returning a.id, a.key, a.created_at),
begins as (
  select jsonb_build_object('state', 'executing', 'worker', $11::text, 'leased_until', ${leaseEnd("$9::int")}) as with
  from written w where $9::int is not null
    and not exists (select 1 from gate.effect e where e.key = w.key)
    and not exists (${happened("w.key")})
    and not exists (select 1 from gate.setting s where s.name = 'restored'
      and (w.key <> w.id or w.created_at <= (s.value #>> '{}')::timestamptz))),
${entries("$6::timestamptz", "$7::jsonb")},
${ledger.intended(
  `(select jsonb_agg(e || coalesce((select b.with from begins b), '{}')) from written, jsonb_array_elements($8::jsonb) e)`,
  "$10::bigint",
  "$6::timestamptz",
)}
select w.id, (select to_json(i) from intended i where i.state = 'executing') as begun from written w`,
    row: z.object({ id: z.string(), begun: EffectRow.nullable() }),
  },
  /**
   * `$1` now, and of an effect that happened, null for none: `$2` key, `$3` revision and `$4` digest of what was called,
   * `$5` ref, `$6` the audit's entry. It did whatever was made of its row meanwhile, so the audit has it in any case,
   * once. Ends what waited too long, of all that no decision is at just now; tells whether the chain's lock is ours.
   */
  look: {
    name: "look",
    text: `with locked as (
  select state, revision, request_digest from gate.effect where key = $2::text for update),
moved as (
  update gate.effect e set state = 'done', ref = $5, finished_at = $1::timestamptz, away_count = 0, away_since = null,
    leased_until = null, was_begun = true
  from locked l where e.key = $2 and l.state <> 'done' and l.revision is not distinct from $3 and l.request_digest = $4),
expired as (
  update gate.approval set state = 'expired', closing = 'it waited too long'
  where id in (select id from gate.approval where state = 'pending' and expires_at <= $1::timestamptz
    for update skip locked) returning id),
noted as (
  insert into gate.audit_pending (at, kind, data)
  select $1::timestamptz, 'done', $6::jsonb where $2 is not null and not exists (select 1 from locked where state = 'done')
  union all select $1::timestamptz, 'expired', jsonb_build_object('approval', id) from expired)
select pg_try_advisory_xact_lock(gate.lock) as "isOurs"`,
    row: z.object({ isOurs: z.boolean() }),
  },
  /** `$1` call, `$2` voter, `$3` name, `$4` mark. */
  stand: {
    name: "stand",
    text: `insert into gate.standing (call, voter, name, mark) values ($1, $2, $3, $4)
on conflict (call) do update set voter = excluded.voter, name = excluded.name, mark = excluded.mark`,
    row: z.unknown(),
  },
  fall: {
    name: "fall",
    text: `delete from gate.standing where call = $1 returning call as id`,
    row: z.object({ id: z.string() }),
  },
  /**
   * `$1` now. What is due, in order, with the time of the last restore, and what waits beside the chain. What needs no
   * person waits for each approval before it in its step, until that is settled; approvals of a step are independent of
   * each other.
   */
  due: {
    name: "due",
    text: `select ${listed(chain.waiting.text)} as waiting, ${listed(`
select to_json(e) as effect, coalesce(a.created_at, e.created_at) as "askedAt",
  (select value from gate.setting where name = 'restored') as "restoredAt"
from gate.effect e left join gate.approval a on a.id = e.approval_id
where e.state in ('intended', 'executing') and e.not_before <= $1::timestamptz
  and (e.leased_until is null or e.leased_until <= clock_timestamp())
  and (e.approval_id is not null or not exists (
    select 1 from gate.approval b left join gate.effect f on f.approval_id = b.id
    where b.id = any(e.waits_for) and (b.state = 'pending'
      or (b.state = 'approved' and f.state in ('intended', 'executing', 'unknown')))))
order by e.created_at, e.bundle, e.position limit 100`)} as due`,
    row: z.object({
      waiting: z.array(chain.waiting.row),
      due: z.array(
        z.object({
          effect: EffectRow,
          askedAt: z.coerce.date(),
          restoredAt: z.string().pipe(z.coerce.date()).nullable(),
        }),
      ),
    }),
  },
  /** `$1` key, `$2` fence: this process did not call what it had begun. */
  release: {
    name: "release",
    text: `update gate.effect set leased_until = null where key = $1 and fence = $2::bigint and state = 'executing'`,
    row: z.unknown(),
  },
  /** `$1` worker, `$2` now: what a process of this name had begun before it died. */
  takeOver: {
    name: "take_over",
    text: `update gate.effect set not_before = $2::timestamptz, leased_until = null where state = 'executing' and worker = $1`,
    row: z.unknown(),
  },
  /** `$1` key. */
  effectLocked: {
    name: "effect_locked",
    text: `select to_json(e) as effect from gate.effect e where e.key = $1 for update`,
    row: z.object({ effect: EffectRow }),
  },
  /** `$1` key. */
  happened: { name: "happened", text: happened("$1"), row: z.object({ ref: z.string() }) },
  /** `$1` name, `$2` value as JSON. */
  set: {
    name: "set",
    text: `insert into gate.setting values ($1, $2::jsonb)
on conflict (name) do update set value = excluded.value`,
    row: z.unknown(),
  },
  /** `$1` name. */
  setting: {
    name: "setting",
    text: `select value from gate.setting where name = $1`,
    row: z.object({ value: z.union([z.string(), z.int()]) }),
  },
};
