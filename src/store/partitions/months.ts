/**
 * Room: Recordings of turns by month, where `deskhand database partition` has divided their table.
 * In: the store, and the moment before which whole months are dropped.
 * Out: which months there are; months made ahead and dropped.
 * May touch: the table of recordings, its partitions, and the newest code that may run beside them.
 * This file: finds, makes and drops months. A table that is not divided is left as it is.
 */
import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import { rowsOf, type Store, type Transaction } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { isInTheWay } from "#store/db/migrate.ts";

/** The one table that may be divided: it only grows, nothing refers to it, and no row of it is needed twice. */
export const TABLE = "turn_recording";

/** Takes every row for which there is no month, so that no turn fails for want of one. */
const REST = `${TABLE}_rest`;

/** The name of what holds every row from before this month. */
export const before = (month: Date): string => `${TABLE}_before_${numbered(month)}`;

const MONTHS_AHEAD = 3;

/** How long before its bound a conversion that was not finished is undone: the bound refuses rows of that day. */
const UNDONE_BEFORE_MS = 7 * 86_400_000;

/** Writers wait for a change of the table this long at most, and for each of its statements as long again. */
const LOCK_WAIT_MS = 200;
const STATEMENT_MS = 700;
const ATTEMPTS_MAX = 20;

/** A partition, with the moments it begins and ends; null for no limit. The rest has neither. */
const Month = z.object({
  name: z.string(),
  from: z.coerce.number().nullable(),
  until: z.coerce.number().nullable(),
});

/** How the table is divided. */
export interface Months {
  readonly isPartitioned: boolean;
  readonly months: readonly z.infer<typeof Month>[];
  /** What a conversion has begun and not finished; null for nothing. */
  readonly begun: { readonly constraint: string; readonly until: Date } | null;
}

/** The first moment of the month that many months after this one. UTC, like every other time that is stored. */
export function monthOf(at: Date, later = 0): Date {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + later));
}

function numbered(month: Date): string {
  return month.toISOString().slice(0, 7).replace("-", "_");
}

/** How the table is divided now. */
export async function monthsIn(transaction: Transaction): Promise<Months> {
  const [table] = await rowsOf(
    transaction,
    z.object({ kind: z.string() }),
    sql`select relkind::text as kind from pg_class where oid = to_regclass(${TABLE})`,
  );
  const bound = (word: string) =>
    sql.raw(
      `extract(epoch from (regexp_match(pg_get_expr(c.relpartbound, c.oid), '${word} \\(''([^'']+)''\\)'))[1]::timestamptz) * 1000`,
    );
  const months = await rowsOf(
    transaction,
    Month,
    sql`select c.relname as name, ${bound("FROM")} as from, ${bound("TO")} as until
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = to_regclass(${TABLE}) and c.relname <> ${REST} order by 3`,
  );
  const [check] = await rowsOf(
    transaction,
    z.object({ name: z.string() }),
    sql`select conname as name from pg_constraint
        where conrelid = to_regclass(${TABLE}) and contype = 'c' and starts_with(conname, ${`${TABLE}_before_`})`,
  );
  const [, year, month] = /_(\d{4})_(\d{2})$/.exec(check?.name ?? "") ?? [];
  return {
    isPartitioned: table?.kind === "p",
    months,
    begun:
      check === undefined
        ? null
        : {
            constraint: check.name,
            until: new Date(Date.UTC(Number(year), Number(month) - 1)),
          },
  };
}

/** The first days of the months up to three ahead that have no partition. Pure. */
export function missingMonths({ isPartitioned, months }: Months, now: Date): readonly Date[] {
  if (!isPartitioned) return [];
  const isThere = (at: number): boolean =>
    months.some(({ from, until }) => (from ?? -Infinity) <= at && at < (until ?? Infinity));
  return Array.from({ length: MONTHS_AHEAD + 1 }, (_, later) => monthOf(now, later)).filter(
    (month) => !isThere(month.getTime()),
  );
}

/** What was changed, by name. */
interface Kept {
  readonly made: readonly string[];
  readonly dropped: readonly string[];
}

/**
 * Makes the months ahead, and drops those of which every row is from before `cutoff`. Does what it can: what cannot be
 * locked now, and what fails, is logged and left to the next time. Undoes a conversion that nobody finished.
 */
export async function keepMonths(
  store: Store,
  { now, cutoff, log }: { readonly now: Date; readonly cutoff: Date; readonly log: Log },
): Promise<Kept> {
  const found = await store.run(monthsIn);
  const done = async (name: string, work: () => Promise<void>): Promise<readonly string[]> => {
    try {
      await work();
      return [name];
    } catch (error) {
      log.warn("a month of recordings has to wait", { name, reason: reasonOf(error) });
      return [];
    }
  };
  const { begun } = found;
  if (begun !== null && begun.until.getTime() - now.getTime() < UNDONE_BEFORE_MS)
    await done(begun.constraint, () => dropCheck(store, begun.constraint));
  const made: string[] = [];
  for (const month of missingMonths(found, now))
    made.push(...(await done(`${TABLE}_${numbered(month)}`, () => makeMonth(store, month))));
  const dropped: string[] = [];
  for (const { name, until } of found.months)
    if (until !== null && until <= cutoff.getTime())
      dropped.push(...(await done(name, () => dropMonth(store, name))));
  return { made, dropped };
}

/**
 * Rows of that month that went to the rest move along. Writers wait at the table itself: one that had chosen the rest
 * already would be refused there.
 */
function makeMonth(store: Store, month: Date): Promise<void> {
  const name = `${TABLE}_${numbered(month)}`;
  const [from, to] = [month.toISOString(), monthOf(month, 1).toISOString()];
  return briefly(store, [
    `create table ${name} (like ${TABLE} including all)`,
    `lock table ${TABLE} in share row exclusive mode`,
    `with moved as (delete from ${REST} where recorded_at >= '${from}' and recorded_at < '${to}' returning *)
     insert into ${name} select * from moved`,
    `alter table ${TABLE} attach partition ${name} for values from ('${from}') to ('${to}')`,
  ]);
}

/** Beside a partition for the rest PostgreSQL detaches none concurrently, so this is a brief change as well. */
function dropMonth(store: Store, name: string): Promise<void> {
  return briefly(store, [`drop table ${name}`]);
}

/** Takes back the bound a conversion set. */
export function dropCheck(store: Store, constraint: string): Promise<void> {
  return briefly(store, [`alter table ${TABLE} drop constraint if exists ${constraint}`]);
}

/** Where the rest goes, in the transaction that divides the table. */
export const MAKE_REST = `create table ${REST} partition of ${TABLE} default`;

/**
 * Runs statements that lock the table against everything, in one transaction. It gives up after a moment, so that nothing
 * waits behind it for long, and tries again. Throws `store.unavailable` when something else holds the table all the time.
 */
export async function briefly(
  store: Store,
  statements: readonly string[] | ((transaction: Transaction) => Promise<readonly string[]>),
): Promise<void> {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await store.run(async (transaction) => {
        for (const setting of [
          `lock_timeout = ${LOCK_WAIT_MS}`,
          `statement_timeout = ${STATEMENT_MS}`,
        ])
          await transaction.execute(sql.raw(`set local ${setting}`));
        const all = typeof statements === "function" ? await statements(transaction) : statements;
        for (const statement of all) await transaction.execute(sql.raw(statement));
      });
    } catch (error) {
      if (!isInTheWay(error) || attempt === ATTEMPTS_MAX) throw error;
      await setTimeout(50 * attempt);
    }
}
