import { z } from "zod";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import type { OpenedStore } from "#test/store/bench.ts";

/** Empties every table, so that the next test finds a database where nothing has happened yet. */
export async function forgetEverything({ store }: OpenedStore): Promise<void> {
  await store.run(async (transaction) => {
    const tables = await rowsOf(
      transaction,
      z.object({ name: z.string() }),
      sql`select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'deskhand_migration'`,
    );
    const names = sql.join(
      tables.map(({ name }) => sql.identifier(name)),
      sql`, `,
    );
    await transaction.execute(sql`truncate ${names} restart identity cascade`);
  });
}
