/** A stored document says which version it is: older ones are brought up to date, newer ones are left alone by name. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { lenient, persisted, persistedEach } from "#store/db/versioned-documents.ts";
import { getTableColumns, getTableName, is, PgTable } from "#store/db/drizzle.ts";
import { WakePayload } from "#jobs/queue/change-notices.ts";
import * as tables from "#store/db/schema.ts";

const First = z.strictObject({ name: z.string(), address: z.strictObject({ town: z.string() }) });
const first = persisted({ name: "person", schema: First });

/** Version 2 split the name, version 3 made a list of the addresses. */
const third = persisted({
  name: "person",
  schema: z.strictObject({
    given: z.string(),
    family: z.string(),
    addresses: z.array(z.strictObject({ town: z.string() })),
  }),
  upgrades: [
    ({ name, ...rest }) => {
      const [given = "", family = ""] = z.string().parse(name).split(" ");
      return { ...rest, given, family };
    },
    ({ address = null, ...rest }) => ({ ...rest, addresses: [address] }),
  ],
});
const ANN = { given: "Ann", family: "Fields", addresses: [{ town: "Springfield" }] };

function isNewer(error: unknown): boolean {
  assert.ok(error instanceof DeskhandError);
  assert.deepEqual([error.code, error.retry], ["store.newer_schema", true]);
  return true;
}

describe("a stored document", () => {
  test("of version 1 is written as it is, since releases before this rule read it beside us", () => {
    const ann = { name: "Ann Fields", address: { town: "Springfield" } };
    assert.equal(first.encode(ann), ann);
    assert.deepEqual(first.decode(ann), ann);
  });

  test("of a later version carries it, and reads back without it", () => {
    assert.deepEqual(third.encode(ANN), { ...ANN, $version: 3 });
    assert.deepEqual(third.decode(third.encode(ANN)), ANN);
  });

  test("of an older version is brought up to date step by step", () => {
    const address = { town: "Springfield" };
    assert.deepEqual(third.decode({ name: "Ann Fields", address }), ANN);
    assert.deepEqual(third.decode({ $version: 1, name: "Ann Fields", address }), ANN);
    assert.deepEqual(third.decode({ $version: 2, given: "Ann", family: "Fields", address }), ANN);
  });

  test("of a newer version is refused by a name that says try again", () => {
    assert.throws(() => third.decode({ ...ANN, $version: 4 }), isNewer);
    assert.throws(() => third.decode({ $version: 4, whatever: "shape" }), /person has version 4/);
    assert.throws(() => persistedEach(first).decode([{ $version: 2 }]), isNewer);
  });

  test("with a version that is none is broken, not newer", () => {
    for (const version of [0, -1, 1.5, "2", null])
      assert.throws(() => third.decode({ ...ANN, $version: version }), z.ZodError);
  });

  test("of another shape than its version has is broken, not newer", () => {
    assert.throws(() => third.decode({ $version: 3, given: "Ann" }), z.ZodError);
    assert.throws(() => third.decode("Ann"), z.ZodError);
  });

  test("with unknown fields is read without them, at every depth", () => {
    const seen = first.decode({
      name: "Ann Fields",
      address: { town: "Springfield", zip: "1" },
      born: 1990,
    });
    assert.deepEqual(seen, { name: "Ann Fields", address: { town: "Springfield" } });
  });

  test("in a list has a version of its own", () => {
    const people = persistedEach(third);
    assert.deepEqual(
      people.decode([
        { name: "Ann Fields", address: { town: "Springfield" } },
        { ...ANN, $version: 3 },
      ]),
      [ANN, ANN],
    );
    assert.deepEqual(people.encode([ANN]), [{ ...ANN, $version: 3 }]);
  });

  test("that always said its version under another name goes on to", () => {
    const ring = persisted({
      name: "ring",
      schema: z.strictObject({ id: z.string() }),
      versionField: "version",
    });
    assert.deepEqual(ring.encode({ id: "c" }), { id: "c", version: 1 });
    assert.deepEqual(ring.decode({ id: "c", version: 1 }), { id: "c" });
    assert.throws(() => ring.decode({ id: "c", version: 2 }), isNewer);
  });
});

test("leniency reaches through lists, choices, maps, and what may be missing; checks and free JSON stay", () => {
  const strict = z.strictObject({ n: z.int().max(5) });
  const schema = z.strictObject({
    list: z.array(strict),
    choice: z.discriminatedUnion("k", [z.strictObject({ k: z.literal("a"), one: strict })]),
    either: z.union([strict, z.strictObject({ m: z.string() })]),
    map: z.record(z.string(), strict),
    maybe: strict.nullable(),
    missing: strict.optional(),
    filled: strict.default({ n: 1 }),
    free: z.json(),
    open: z.looseObject({ n: z.int() }),
  });
  const extra = { n: 1, newer: true };
  const read = z.parse(lenient(schema), {
    list: [extra],
    choice: { k: "a", one: extra, newer: 1 },
    either: { m: "x", newer: 1 },
    map: { a: extra },
    maybe: extra,
    filled: extra,
    free: extra,
    open: extra,
    newer: {},
  });
  assert.deepEqual(read, {
    list: [{ n: 1 }],
    choice: { k: "a", one: { n: 1 } },
    either: { m: "x" },
    map: { a: { n: 1 } },
    maybe: { n: 1 },
    filled: { n: 1 },
    free: extra,
    open: extra,
  });
  assert.equal(z.safeParse(lenient(strict), { n: 6 }).success, false);
  assert.equal(strict.safeParse(extra).success, false, "the schema itself stays strict");
});

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
