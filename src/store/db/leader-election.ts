/** Leader locks for work that one process does at a time. */
import { sql } from "./drizzle.ts";
import type { Transaction } from "./database.ts";
import { noticeSql } from "./notices.ts";

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
