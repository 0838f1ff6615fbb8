/** Databases for the gate alone: a schema of its own for each world, on PGlite or on the run's PostgreSQL. */
import { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import { onPglite, onPostgres } from "#gate/index.ts";
import type { Statement } from "#gate/kernel/statement.ts";
import { atEndOfProcess } from "#test/support/at-end.ts";
import type { DatabaseKind } from "#test/support/deskhand.ts";
import { freshDatabase } from "#test/support/postgres.ts";
import type { WorldDatabase } from "./package-world.ts";

/** Opens a database of this kind; gives a maker of worlds on it, which ends with the process. */
export async function worldsOn(kind: DatabaseKind): Promise<() => Promise<WorldDatabase>> {
  const shared = kind === "pglite" ? await embedded() : await server();
  let count = 0;
  return async () => {
    const schema = `world${(count += 1)}`;
    return {
      ...shared,
      schema,
      drop: async () => void (await shared.query(`drop schema if exists ${schema} cascade`)),
    };
  };
}

/** Whether a statement writes nothing: where it stands alone, there is nothing to commit. */
export function onlyReads({ text }: Pick<Statement, "text">): boolean {
  return text.startsWith("select ");
}

type Shared = Pick<WorldDatabase, "gate" | "query">;

async function embedded(): Promise<Shared> {
  const database = await PGlite.create();
  atEndOfProcess(() => database.close());
  return {
    gate: onPglite(database),
    query: async (text, values = []) => (await database.query(text, [...values])).rows,
  };
}

async function server(): Promise<Shared> {
  const fresh = await freshDatabase();
  const pool = new pg.Pool({ connectionString: fresh.url });
  // An idle connection may still be open when its database is dropped.
  pool.on("error", () => {});
  atEndOfProcess(async () => {
    await pool.end();
    await fresh.drop();
  });
  return {
    gate: onPostgres(pool),
    query: async (text, values = []) => (await pool.query(text, [...values])).rows,
  };
}
