/** Reads a whole database or folder as text, for tests of what must be gone from it. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { rowsOf, type Store } from "#store/db/database.ts";

/** Each row of each table as one line: the table's name and the row as JSON. */
export async function everyRow(store: Store): Promise<readonly string[]> {
  return store.run(async (transaction) => {
    const tables = await rowsOf(
      transaction,
      z.object({ name: z.string() }),
      sql`select tablename as name from pg_tables where schemaname = 'public' order by 1`,
    );
    const lines: string[] = [];
    for (const { name } of tables) {
      const rows = await rowsOf(
        transaction,
        z.object({ row: z.string() }),
        sql`select to_jsonb(t)::text as row from ${sql.identifier(name)} t order by 1`,
      );
      lines.push(...rows.map(({ row }) => `${name} ${row}`));
    }
    return lines;
  });
}

/** The content of each file of a folder, below it as well. */
export async function everyFile(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => readFile(join(entry.parentPath, entry.name), "latin1")),
  );
}
