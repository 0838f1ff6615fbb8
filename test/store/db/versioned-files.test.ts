/**
 * Documents as every version has written them, kept in files: whatever happens to the shapes, they are read for ever. A
 * new version of a shape adds documents to its file and changes none.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { getTableColumns, getTableName, is, PgTable } from "#store/db/drizzle.ts";
import { z } from "zod";
import { WakePayload } from "#jobs/queue/change-notices.ts";
import * as tables from "#store/db/schema.ts";

const FOLDER = join(import.meta.dirname, "../../fixtures/persisted");

/** How everything is read that outlives the process that wrote it. */
const readers = new Map<string, (stored: unknown) => unknown>([
  ["queue.wake", (stored) => WakePayload.decode(stored)],
  ...Object.values(tables)
    .filter((table) => is(table, PgTable))
    .flatMap((table) =>
      Object.values(getTableColumns(table))
        .filter((column) => column.getSQLType() === "jsonb")
        .map((column): [string, (stored: unknown) => unknown] => [
          `${getTableName(table)}.${column.name}`,
          (stored) => column.mapFromDriverValue(stored),
        ]),
    ),
]);

test("there is a file for every JSON column and for the queue, and no other", () => {
  assert.deepEqual(
    readdirSync(FOLDER).toSorted(),
    [...readers.keys()].map((name) => `${name}.json`).toSorted(),
  );
});

for (const [name, read] of readers)
  test(`every ${name} that was ever written is still read, with all it says`, () => {
    const text = readFileSync(join(FOLDER, `${name}.json`), "utf8");
    const documents = z.array(z.json()).min(1).parse(JSON.parse(text));
    for (const document of documents) {
      const seen = new Set(wordsOf(read(document)));
      const lost = wordsOf(document).filter((word) => !seen.has(word));
      assert.deepEqual(lost, []);
    }
  });

/** Every text and number in a value, at any depth: an upgrade may move them, and drops none. */
function wordsOf(value: unknown): readonly (string | number)[] {
  if (typeof value === "string") return [value];
  if (typeof value === "number") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "$version" || key === "version" ? [] : wordsOf(inner),
  );
}
