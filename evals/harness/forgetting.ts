/** Empties tables between cases and tests, in a fraction of the time that truncating takes. */
import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { rowsOf, type Store } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { isInTheWay } from "#store/db/migrate.ts";

const Named = z.object({ name: z.string() });

/** What still writes is waited for, without holding any table meanwhile: two that wait for each other would deadlock. */
const ATTEMPTS_MAX = 1_000;
const PAUSE_MS = 5;

/**
 * Returns what deletes all rows of these tables and lets their numbers begin again. A function of the database does it,
 * because its plans are made once; truncating would give every table and index a new file, and cost more than most
 * tests. It is one statement, so that rows go in any order: what refers to a row is looked for when all are gone.
 */
export async function forgetting(
  store: Store,
  tables: readonly string[],
): Promise<() => Promise<void>> {
  const names = tables.map((name) => sql.identifier(name));
  const lock = sql`lock table ${sql.join(names, sql`, `)} in access exclusive mode nowait;`;
  // Users of one database that keep different tables do not replace each other's function.
  const forgets = sql.identifier(
    `test_forget_${createHash("sha256").update(tables.join()).digest("hex").slice(0, 12)}`,
  );
  const deletions = names.map(
    (name, at) => sql`${sql.identifier(`_${at}`)} as (delete from ${name})`,
  );
  await store.run(async (transaction) => {
    const sequences = await rowsOf(
      transaction,
      Named,
      sql`select sequence.relname as name from pg_class sequence
        join pg_depend on objid = sequence.oid and deptype in ('a', 'i')
        join pg_class owner on owner.oid = refobjid
        where sequence.relkind = 'S' and owner.relname in ${tables}`,
    );
    const restarts = sequences.map(({ name }) =>
      sql.raw(`perform setval('public.${name}', 1, false);`),
    );
    await transaction.execute(
      sql`create or replace function ${forgets}() returns void language plpgsql as $forget$ declare done int; begin ${lock} with ${sql.join(deletions, sql`, `)} select 1 into done; ${sql.join(restarts, sql`\n`)} end $forget$`,
    );
  });
  return async () => {
    for (let attempt = 1; ; attempt += 1)
      try {
        await store.run((transaction) => transaction.execute(sql`select ${forgets}()`));
        return;
      } catch (error) {
        if (attempt === ATTEMPTS_MAX || !isInTheWay(error)) throw error;
        await setTimeout(PAUSE_MS);
      }
  };
}

/** All tables of Deskhand's, but the list of migrations done. */
export function allTables(store: Store): Promise<readonly string[]> {
  return store.run(async (transaction) => {
    const tables = await rowsOf(
      transaction,
      Named,
      sql`select tablename as name from pg_tables
        where schemaname = 'public' and tablename <> 'deskhand_migration' order by 1`,
    );
    return tables.map(({ name }) => name);
  });
}

/** The tables that are empty now: whatever they hold later, a case has written. */
export async function emptyTables(store: Store): Promise<readonly string[]> {
  const tables = await allTables(store);
  return store.run(async (transaction) => {
    const empty: string[] = [];
    for (const name of tables) {
      const query = sql`select 1 from ${sql.identifier(name)} limit 1`;
      const rows = await rowsOf(transaction, z.object({}), query);
      if (rows.length === 0) empty.push(name);
    }
    return empty;
  });
}
