/** A row that a statement returns as JSON equals what the query builder reads, in every column of every table. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import {
  type Column,
  getTableColumns,
  getTableName,
  is,
  PgTable,
  sql,
  type SQL,
} from "#store/db/drizzle.ts";
import { columnsFromJson, rowFromJson } from "#store/db/statement.ts";
import * as tables from "#store/db/schema.ts";
import { Card } from "#core/contracts/approval-desk.ts";
import { DOCUMENTS } from "#store/db/versioned-documents.ts";
import { NO_CARD_CONTEXT } from "#core/values/card-context.ts";
import { onEveryDatabase, type StoreBench } from "#test/store/bench.ts";
import { refundCard } from "#test/slack/cards/card-samples.ts";

/** Each makes a copy of its table, which takes longer than the rows in it. */
const RUNS = { numRuns: 3 };
const FOLDER = join(import.meta.dirname, "../../fixtures/persisted");
const Row = z.object({ row: z.unknown() });

/** Values of a column as PostgreSQL writes them, so that they may be finer than a program's own. */
const LITERALS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  text: fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 20 }),
    fc.constantFrom(
      "",
      "null",
      "5",
      '{"a": 1}',
      "2026-03-01",
      "\\x41",
      "back\\slash",
      "\u{10FFFF}",
    ),
  ),
  integer: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map(String),
  bigint: fc.oneof(
    fc.maxSafeInteger().map(String),
    fc.constantFrom("9007199254740991", "-9007199254740991", "0", "2147483648"),
  ),
  "double precision": fc.oneof(
    fc.double().map(String),
    fc.constantFrom("NaN", "Infinity", "-Infinity", "1e-300", "0.1"),
  ),
  boolean: fc.constantFrom("true", "false"),
  "timestamp with time zone": fc
    .record({
      at: fc.date({
        min: new Date("1970-01-01T00:00:00Z"),
        max: new Date("2999-12-31T00:00:00Z"),
        noInvalidDate: true,
      }),
      micros: fc.integer({ min: 0, max: 999 }),
      zone: fc.constantFrom("Z", "+05:45", "-03:30"),
    })
    .map(({ at, micros, zone }) =>
      at.toISOString().replace("Z", `${String(micros).padStart(3, "0")}${zone}`),
    ),
  date: fc.constantFrom("2026-02-28", "1999-12-31", "2024-02-29"),
  bytea: fc
    .uint8Array({ maxLength: 40 })
    .map((bytes) => `\\x${Buffer.from(bytes).toString("hex")}`),
};

/** Documents of a JSON column in every version that was ever written. */
function documentsOf(table: string, column: string): fc.Arbitrary<string> {
  const text = readFileSync(join(FOLDER, `${table}.${column}.json`), "utf8");
  return fc.constantFrom(
    ...z
      .array(z.json())
      .parse(JSON.parse(text))
      .map((document) => JSON.stringify(document)),
  );
}

function literalsOf(table: string, column: Column): fc.Arbitrary<string | null> {
  const type = column.getSQLType();
  const known = type === "jsonb" ? documentsOf(table, column.name) : LITERALS[type];
  assert.ok(known, `no values are known for ${table}.${column.name} of type ${type}`);
  return column.notNull ? known : fc.oneof(fc.constant(null), known);
}

/** A copy of the table without its constraints and computed columns, in a schema that comes first for a moment. */
async function inCopy<T>(
  bench: StoreBench,
  table: string,
  zone: string,
  work: (transaction: Transaction) => Promise<T>,
): Promise<void> {
  const undone = new Error("undone");
  await assert.rejects(
    bench.run(async (transaction) => {
      for (const statement of [
        "create schema copies",
        `create table copies.${table} (like public.${table})`,
        "set local search_path = copies, public",
        `set local timezone = '${zone}'`,
      ])
        await transaction.execute(sql.raw(statement));
      await work(transaction);
      throw undone;
    }),
    (error) => error === undone || assert.fail(String(error)),
  );
}

const ALL = Object.values(tables).filter((table) => is(table, PgTable));

test("there is a value for every type of column of ours, and no table is left out", () => {
  assert.ok(ALL.length > 25, `${ALL.length} tables`);
  const types = ALL.flatMap((table) =>
    Object.values<Column>(getTableColumns(table)).map((column) => column.getSQLType()),
  );
  assert.deepEqual(new Set(types), new Set([...Object.keys(LITERALS), "jsonb"]));
});

onEveryDatabase("a row as JSON", (bench) => {
  for (const table of ALL) {
    const name = getTableName(table);
    const columns = Object.entries<Column>(getTableColumns(table));
    test(`of ${name} is what the query builder reads`, async () => {
      const rows = fc.record(
        Object.fromEntries(columns.map(([key, column]) => [key, literalsOf(name, column)])),
      );
      const several = fc.array(rows, { minLength: 6, maxLength: 6 });
      await fc.assert(
        fc.asyncProperty(several, fc.constantFrom("UTC", "Asia/Kathmandu"), (made, zone) =>
          inCopy(bench, name, zone, async (transaction) => {
            for (const values of made) {
              await transaction.execute(sql`delete from ${sql.identifier(name)}`);
              await transaction.execute(insertion(name, columns, values));
              const [built] = await transaction.select().from(table);
              const [found] = await rowsOf(
                transaction,
                Row,
                sql`select to_json(t) as row from ${sql.identifier(name)} t`,
              );
              assert.deepEqual(comparable(rowFromJson(table, found?.row)), comparable(built));
            }
          }),
        ),
        RUNS,
      );
    });
  }

  test("that lacks a column is refused by the table's name, and one that has more is read", async () => {
    const [found] = await bench.rows(
      Row,
      sql`select to_json(d) as row from (select 'k' as key, 'c' as conversation_id, 'ann' as text, now() as at, 0 as position, 1 as newer) d`,
    );
    assert.equal(rowFromJson(tables.transcript, found?.row).text, "ann");
    const some = columnsFromJson(tables.transcript, ["text"], found?.row);
    assert.deepEqual(some, { text: "ann" });
    const [lacking] = await bench.rows(
      Row,
      sql`select to_json(d) as row from (select 'k' as key, now() as at) d`,
    );
    assert.throws(() => rowFromJson(tables.transcript, lacking?.row), /a row of transcript/);
    assert.throws(
      () => columnsFromJson(tables.transcript, ["key", "text"], lacking?.row),
      /a row of transcript lacks one of key, text/,
    );
  });
});

function insertion(
  table: string,
  columns: readonly (readonly [string, Column])[],
  values: Readonly<Record<string, string | null>>,
): SQL {
  const names = columns.map(([, column]) => sql.identifier(column.name));
  const given = columns.map(
    ([key, column]) => sql`${values[key] ?? null}::text::${sql.raw(column.getSQLType())}`,
  );
  return sql`insert into ${sql.identifier(table)} (${sql.join(names, sql`, `)})
             values (${sql.join(given, sql`, `)})`;
}

/** The drivers give bytes in two classes; what counts are the bytes. */
function comparable(row: unknown): unknown {
  return Object.fromEntries(
    Object.entries(z.record(z.string(), z.unknown()).parse(row)).map(([key, value]) => [
      key,
      value instanceof Uint8Array ? `bytes ${Buffer.from(value).toString("hex")}` : value,
    ]),
  );
}

const LIMIT = { name: "month", words: "once in 30 days for each customer" };
const SENTENCE = "People decide. The limit month (once in 30 days for each customer) is used up.";
const LINE = "Late parcel (late-parcel, version 3, step 2)";
const REFUND = "Refund 20.00 USD, order 7";

const CARD = refundCard({
  flags: [
    { text: "Unusual amount: people usually approve up to 5.00 USD", about: "unusual" },
    {
      text: `Amount 20.00 is from the customer's words (${REFUND})`,
      about: "amount",
      action: REFUND,
    },
    { text: "Guard: asks for a secret", about: "stopped" },
    { text: "Guard, caution (nothing may be changed): speaks to the model", about: "caution" },
    { text: "Check “5.00”: no record says so", about: "check" },
    { text: "Unbacked “It floats.”: no source", about: "unbacked" },
    { text: "The customer writes German, the draft is English", about: "language" },
    { text: "Read against its sources: nothing unbacked", about: "reading" },
    { text: "2 photos, not seen by the bot", about: "files" },
    { text: "Odd", about: "other" },
  ],
  actions: [
    { label: REFUND, rule: `refund.otherwise: ${SENTENCE}`, usedUp: [LIMIT] },
    { label: "Note", rule: "note.all: A note." },
  ],
  context: {
    ...NO_CARD_CONTEXT,
    files: "2 photos, not seen by the bot; 1 text, read by the bot",
    procedures: [{ name: "late-parcel", line: LINE }],
  },
});

const stored = (): Record<string, unknown> => Object(DOCUMENTS.card.encode(CARD));

test("a stored card keeps its lines as every version has them, and comes back as it was", () => {
  const row = stored();
  assert.deepEqual(
    row["flags"],
    CARD.flags.map(({ text }) => text),
  );
  assert.deepEqual(Object(row["around"]).procedures, [LINE]);
  assert.deepEqual(Object(row["around"]).footnotes, []);
  assert.ok("place" in row && "aside" in row);
  assert.deepEqual(DOCUMENTS.card.decode(row), CARD);
});

test("a card of 0.3.0, which has the lines alone, is read from their words", () => {
  const { flagKinds: _kinds, around, actions, ...older } = stored();
  const { procedureNames: _names, ...context } = Object(around);
  const alone = listed(actions).map(({ usedUp: _usedUp, ...action }) => action);
  const card = DOCUMENTS.card.decode({ ...older, around: context, actions: alone });
  assert.deepEqual(card.actions, CARD.actions);
  const read = card.flags.filter(({ about }) => about !== "other");
  assert.deepEqual(
    read.map(({ about }) => about),
    ["amount", "stopped", "check"],
  );
  assert.deepEqual(card.context.procedures, [{ name: "", line: LINE }]);
});

test("a kind of flag that only a newer version knows is none of its own here", () => {
  const flagKinds = CARD.flags.map(() => ({ about: "tone" }));
  const { flags } = DOCUMENTS.card.decode({ ...stored(), flagKinds });
  assert.deepEqual(new Set(flags.map(({ about }) => about)), new Set(["other"]));
});

test("a card without flags and procedures is stored as before", () => {
  const plain = Card.parse({ ...CARD, flags: [], context: NO_CARD_CONTEXT });
  const row = Object(DOCUMENTS.card.encode(plain));
  assert.ok(!("flagKinds" in row) && !("procedureNames" in row.around));
});

function listed(actions: unknown): readonly Card["actions"][number][] {
  return Card.shape.actions.parse(actions);
}
