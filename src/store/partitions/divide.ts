/**
 * Divides the table of recordings by month while everything goes on.
 *
 * Each step leaves a table that works and is found again by the next call, so it may be killed between any two of them and
 * within each: plain → plain with the wider key → bounded (`check`, not looked at yet) → bounded (looked at) → divided.
 * Only the last takes the table for itself, for a moment; reading all rows was done before.
 */
import { z } from "zod";
import type { Log } from "#core/contracts/ports.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { ADVISORY_LOCKS } from "#store/db/advisory-locks.ts";
import { rowsOf, type Store, type Transaction } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { runningProcesses } from "#store/db/upgrade-plan.ts";
import {
  before,
  briefly,
  dropCheck,
  keepMonths,
  MAKE_REST,
  monthOf,
  monthsIn,
  TABLE,
} from "./months.ts";

/** The first code that reads, writes and deletes in a divided table. */
const SINCE = "0064";

/** The key of a divided table has to contain what it is divided by. */
const KEY = `${TABLE}_month_key`;

/** With less than this until its bound, a conversion begins with a later one. */
const TIME_MIN_MS = 14 * 86_400_000;

/** What a conversion works with. */
export interface Division {
  /** Runs a statement by itself, outside any transaction and without a time limit. */
  readonly alone: (statement: string) => Promise<unknown>;
  readonly now: Date;
  readonly log: Log;
  readonly progress: (line: string) => void;
}

/**
 * Divides the table; does the rest of what was begun, and nothing but months ahead where it is divided. Throws
 * `store.in_use` while older code runs, which cannot be started any more from the first call on.
 */
export async function divide(store: Store, division: Division): Promise<void> {
  const { alone, now, log, progress } = division;
  await keepOlderCodeOut(store);
  const found = await store.run(monthsIn);
  if (!found.isPartitioned) {
    progress(`1 of 4: the key of ${TABLE} …`);
    await widenKey(store, alone);
    progress("2 of 4: a bound for the rows there are …");
    const until = await bound(store, now, found.begun);
    progress("3 of 4: looking at every row …");
    await lookAtRows(store, alone, until);
    progress("4 of 4: dividing …");
    await briefly(store, (transaction) => divided(transaction, until));
  }
  // Nothing is dropped here: that is retention's.
  await keepMonths(store, { now, cutoff: new Date(0), log });
}

/** Older code is refused at its start from now on; what runs is asked for twice, here and when the table is divided. */
async function keepOlderCodeOut(store: Store): Promise<void> {
  await store.run(async (transaction) => {
    await refuseOlderCode(transaction);
    const marked = await rowsOf(
      transaction,
      z.object({ name: z.string() }),
      sql`update deskhand_migration set works_with = ${SINCE} where starts_with(name, ${SINCE}) returning name`,
    );
    if (marked.length === 0)
      throw new DeskhandError(
        "config.invalid",
        "The database is not of this version yet. Start this version once, then divide.",
      );
  });
}

async function refuseOlderCode(transaction: Transaction): Promise<void> {
  const older = (await runningProcesses(transaction)).filter(({ knows }) => (knows ?? "") < SINCE);
  if (older.length > 0)
    throw new DeskhandError(
      "store.in_use",
      `Older code runs and would delete the wrong rows of a divided table: ${older.map(({ worker }) => worker).join(", ")}. Upgrade it first; it is forgotten a minute after its end.`,
    );
}

async function widenKey(store: Store, alone: Division["alone"]): Promise<void> {
  const [index] = await store.run((transaction) =>
    rowsOf(
      transaction,
      z.object({ valid: z.boolean(), built: z.boolean() }),
      sql`select indisvalid as valid, exists
            (select 1 from pg_stat_progress_create_index p where p.index_relid = i.indexrelid) as built
          from pg_index i where indexrelid = to_regclass(${KEY})`,
    ),
  );
  if (index?.valid === true) return;
  // PostgreSQL goes on with it after the command was killed.
  if (index?.built === true)
    throw new DeskhandError(
      "store.in_use",
      `PostgreSQL builds ${KEY} for an earlier call. Begin again when it is done: pg_stat_progress_create_index says how far it is.`,
    );
  // What was killed while it was built stays behind, is kept up to date and is of no use.
  if (index !== undefined) await alone(`drop index concurrently if exists ${KEY}`);
  await alone(`create unique index concurrently ${KEY} on ${TABLE} (turn_id, recorded_at)`);
}

/** The bound refuses rows from its moment on, so it is a month away at least. */
async function bound(
  store: Store,
  now: Date,
  begun: Awaited<ReturnType<typeof monthsIn>>["begun"],
): Promise<Date> {
  if (begun !== null && begun.until.getTime() - now.getTime() > TIME_MIN_MS) return begun.until;
  if (begun !== null) await dropCheck(store, begun.constraint);
  const until = monthOf(now, 2);
  await briefly(store, [
    `alter table ${TABLE} add constraint ${before(until)} check (recorded_at < '${until.toISOString()}') not valid`,
  ]);
  return until;
}

async function lookAtRows(store: Store, alone: Division["alone"], until: Date): Promise<void> {
  try {
    await alone(`alter table ${TABLE} validate constraint ${before(until)}`);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "23514")) throw error;
    await dropCheck(store, before(until));
    throw new DeskhandError(
      "config.invalid",
      `${TABLE} has rows that say they are of ${until.toISOString()} or later. Nothing was divided: correct their recorded_at, then begin again.`,
      { cause: error },
    );
  }
}

/** The statements that divide the table, with the rights others have on it. None where another has done so meanwhile. */
async function divided(transaction: Transaction, until: Date): Promise<readonly string[]> {
  // No migration may change the table in between.
  await transaction.execute(sql`select pg_advisory_xact_lock(${ADVISORY_LOCKS.migration})`);
  if ((await monthsIn(transaction)).isPartitioned) return [];
  await refuseOlderCode(transaction);
  const old = before(until);
  const rights = await rowsOf(
    transaction,
    z.object({ statement: z.string() }),
    sql`select format('alter table %I owner to %I', ${TABLE}::text, pg_get_userbyid(relowner)) as statement
        from pg_class where oid = ${TABLE}::regclass
        union all
        select format('grant %s on %I to %s', r.privilege_type, ${TABLE}::text,
          case when r.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(r.grantee)) end)
        from pg_class c, aclexplode(c.relacl) r where c.oid = ${TABLE}::regclass`,
  );
  const indexes = ["conversation", "recorded"];
  return [
    `lock table ${TABLE} in access exclusive mode`,
    `alter table ${TABLE} drop constraint ${TABLE}_pkey`,
    `alter table ${TABLE} rename to ${old}`,
    `alter table ${old} add constraint ${old}_pkey primary key using index ${KEY}`,
    ...indexes.map((name) => `alter index ${TABLE}_${name} rename to ${old}_${name}`),
    `create table ${TABLE} (like ${old} including all excluding constraints excluding indexes) partition by range (recorded_at)`,
    `alter table ${TABLE} add primary key (turn_id, recorded_at)`,
    `create index ${TABLE}_conversation on ${TABLE} (conversation_id)`,
    `create index ${TABLE}_recorded on ${TABLE} (recorded_at)`,
    // The bound was looked at, so no row is read here.
    `alter table ${TABLE} attach partition ${old} for values from (minvalue) to ('${until.toISOString()}')`,
    `alter table ${old} drop constraint ${old}`,
    MAKE_REST,
    ...rights.map(({ statement }) => statement),
  ];
}
