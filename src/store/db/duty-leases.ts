/**
 * Leases of duties, such as which process reads an inbox, with the fence that refuses what an earlier holder read; leader
 * locks for work that one process does at a time; and which processes run.
 */

import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { ask, type Reader, type Transaction, rowsOf, valuesOf } from "./database.ts";
import { noticeSql } from "./notices.ts";
import { sql } from "./drizzle.ts";
import type { Duty, DutyLease } from "#core/contracts/ports.ts";

/** What one look found. */
export type DutyLook = Awaited<ReturnType<typeof lookAtDuties>>;

/**
 * `$1` the process, `$2` for how many milliseconds by the database's clock, `$3` the duties it carries out, as JSON, `$4`
 * all it is ready for. The last part sees the rows as they were before, so what is renewed here is taken from the renewal.
 */
const LOOK = {
  name: "duty_look",
  text: `
with mine as (
  select name from duty where holder = $1 and name in (select json_array_elements_text($3::json))
  order by name for update),
kept as (
  update duty set until = now() + $2::int * interval '1 millisecond' from mine where duty.name = mine.name
  returning duty.name)
select duty.name, generation,
  case when kept.name is not null or until >= now() and not (holder = $1 and asked.name is not null) then holder end as holder
from duty left join kept on kept.name = duty.name
  left join (select json_array_elements_text($3::json) as name) asked on asked.name = duty.name
where duty.name in (select json_array_elements_text($4::json))`,
  row: z.object({ name: z.string(), holder: z.string().nullable(), generation: z.int() }),
} as const;

/** Renews what the process carries out, and gives each duty that has a row, with its living holder and its lease's generation. */
export function lookAtDuties(
  reader: Reader,
  given: {
    readonly holder: string;
    readonly forMs: number;
    readonly running: readonly string[];
    readonly names: readonly string[];
  },
) {
  const { holder, forMs, running, names } = given;
  return ask(reader, LOOK, [holder, forMs, JSON.stringify(running), JSON.stringify(names)]);
}

/** `$1` the process, `$2` for how many milliseconds, `$3` the duties. One of its own is taken again after a restart. */
const TAKE = {
  name: "duty_take",
  text: `
insert into duty (name, holder, until, generation)
select name, $1, now() + $2::int * interval '1 millisecond', 1
from (select json_array_elements_text($3::json) as name order by 1) wanted
on conflict (name) do update
  set holder = excluded.holder, until = excluded.until, generation = duty.generation + 1
  where duty.until < now() or duty.holder = excluded.holder
returning name, generation`,
  row: z.object({ name: z.string(), generation: z.int() }),
} as const;

/** Takes those of these duties that no other process holds; each gets a new generation. */
export function takeDuties(
  reader: Reader,
  given: {
    readonly holder: string;
    readonly forMs: number;
    readonly names: readonly string[];
  },
): Promise<readonly DutyLease[]> {
  return ask(reader, TAKE, [given.holder, given.forMs, JSON.stringify(given.names)]);
}

/** The row stays, and its generation grows: what is still under way of the last holder is refused from now on. */
const RELEASE = {
  name: "duty_release",
  text: `
with free as (
  update duty set until = now() - interval '1 millisecond', generation = generation + 1
  where name = $1 and generation = $2::int returning name)
select ${noticeSql("duty", "''")}::text as told from free`,
  row: z.object({ told: z.string() }),
} as const;

/** Leaves a duty, if it is still ours, and tells every process that it is free. */
export async function releaseDuty(reader: Reader, lease: DutyLease): Promise<void> {
  await ask(reader, RELEASE, [lease.name, lease.generation]);
}

/**
 * For statements that begin with `with`: a table `on_duty` with one row while the lease of this name and generation
 * holds, and where there is none to hold (null, for the only process). Its share lock waits for a process that is just
 * taking the duty over, and makes it wait for this commit.
 */
export function onDuty(name: string, generation: string): string {
  return `on_lease as materialized (
  select from duty where name = ${name}::text and generation = ${generation}::int for share),
on_duty as (select from on_lease union all select where ${name}::text is null)`;
}

/** The error of a statement that found its duty taken or released since. */
export function lostDuty(lease: DutyLease | null): DeskhandError {
  return new DeskhandError(
    "store.fenced",
    `another process took over ${lease?.name}; what was read here is not taken in, the other process reads it`,
  );
}

const HELD = {
  name: "duty_held",
  text: "select name from duty where until >= now() and name in (select json_array_elements_text($1::json))",
  row: z.object({ name: z.string() }),
} as const;

/** Those of these duties that no process holds now. */
export async function freeDuties(
  reader: Reader,
  duties: readonly Duty[],
): Promise<readonly string[]> {
  if (duties.length === 0) return [];
  const names = duties.map(dutyName);
  const held = new Set((await ask(reader, HELD, [JSON.stringify(names)])).map(({ name }) => name));
  return names.filter((name) => !held.has(name));
}

/** A duty that no process holds, and for how many seconds by the database's clock. */
const UnheldDuty = z.object({ name: z.string(), seconds: z.number() });
export type UnheldDuty = z.infer<typeof UnheldDuty>;

/**
 * `$1` the duties, as JSON. One that no process ever held has no row: it gets one that is free from now on, so that every
 * process counts from the same moment.
 */
const UNHELD = {
  name: "duty_unheld",
  text: `
with asked as (select json_array_elements_text($1::json) as name),
noted as (
  insert into duty (name, holder, until)
  select name, '', now() - interval '1 millisecond' from asked
  where not exists (select from duty where duty.name = asked.name) order by name
  on conflict (name) do nothing)
select name, extract(epoch from now() - until)::float8 as seconds
from duty join asked using (name) where until < now() order by until, name`,
  row: UnheldDuty,
} as const;

/** Those of these duties that no process holds now, and for how many seconds by the database's clock; longest first. */
export async function unheldDuties(
  reader: Reader,
  duties: readonly Duty[],
): Promise<readonly UnheldDuty[]> {
  return ask(reader, UNHELD, [JSON.stringify(duties.map(dutyName))]);
}

/** The name of a duty in the table, which begins with its kind. */
export function dutyName({ kind, name }: Duty): string {
  return `${kind}:${name}`;
}

/** A leader lock, and who asks for it. */
export interface LeaderLock {
  readonly name: string;
  readonly holder: string;
}

/**
 * For statements that begin with `with`: a table `leads` with one row when this holder leads for now, and with none
 * while another one does. `$1` is the lock's name, `$2` the holder, and `$3` for how many milliseconds by the
 * database's clock the lock is taken. It is renewed, and so written, when half of that is over. Once a holder stops
 * renewing it, the next process that asks gets it.
 */
export const LEADERSHIP = `led as (
  insert into duty (name, holder, until) values ($1, $2, now() + $3::int * interval '1 millisecond')
  on conflict (name) do update set holder = excluded.holder, until = excluded.until
    where duty.until < now() or duty.holder = excluded.holder and duty.until < excluded.until - (excluded.until - now()) / 2
  returning name),
leads as (
  select name from led union select name from duty where name = $1 and holder = $2 and until >= now())`;

/** An expression for such a statement: whenever the lock is taken or renewed, every process hears that `$2` leads. */
export const LEADER_NOTICE = `(select ${noticeSql("leader", "$2::text")} from led)`;

/** Releases a leader lock, and tells every process that another one can take it at once. */
export async function announceFreeLead(
  transaction: Transaction,
  { name, holder }: LeaderLock,
): Promise<void> {
  await transaction.execute(
    sql`with gone as (delete from duty where name = ${name} and holder = ${holder} returning name)
        select ${sql.raw(noticeSql("leader", "''"))} from gone`,
  );
}

/** Another process seen this recently, by the database's clock, is running. */
const ALIVE_SECONDS = 60;

/** The tables there are; an empty database has none. */
export function existingTables(transaction: Transaction): Promise<readonly string[]> {
  return valuesOf(
    transaction,
    z.string(),
    sql`select tablename from pg_tables where schemaname = current_schema()`,
  );
}

/** A running process, as its heartbeat says, with the newest migration it knows; null where it does not say. */
const LivingProcess = z.object({ worker: z.string(), knows: z.string().nullable() });
type LivingProcess = z.infer<typeof LivingProcess>;

/** The processes seen lately; none in a database that has no such table yet. */
export async function livingProcesses(transaction: Transaction): Promise<readonly LivingProcess[]> {
  if (!(await existingTables(transaction)).includes("heartbeat")) return [];
  return rowsOf(
    transaction,
    LivingProcess,
    // Releases up to 0.3 have no column `knows`.
    sql`select worker, to_jsonb(heartbeat) ->> 'knows' as knows from heartbeat
        where not stopped and seen_at > now() - make_interval(secs => ${ALIVE_SECONDS}) order by worker`,
  );
}

/** Throws `store.in_use` while a process other than `worker`, the one of the caller's own data folder, was seen lately. */
export async function refuseInUse(transaction: Transaction, worker: string | null): Promise<void> {
  if ((await livingProcesses(transaction)).some((one) => one.worker !== worker))
    throw new DeskhandError(
      "store.in_use",
      `A Deskhand works on this database (seen within the last ${ALIVE_SECONDS} seconds). Stop all of them first.`,
    );
}
