/** A stored document says which version it is: older ones are brought up to date, newer ones are left alone by name. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { persisted, persistedEach } from "#store/db/versioned-json.ts";

const First = z.strictObject({ name: z.string(), address: z.strictObject({ town: z.string() }) });
const first = persisted({ name: "person", version: 1, schema: First, upgrades: [] });

/** Version 2 split the name, version 3 made a list of the addresses. */
const third = persisted({
  name: "person",
  version: 3,
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

  test("with unknown fields is read without them, at every depth", () => {
    const seen = first.decode({
      name: "Ann Fields",
      address: { town: "Springfield", zip: "1" },
      born: 1990,
    });
    assert.deepEqual(seen, { name: "Ann Fields", address: { town: "Springfield" } });
  });

  test("keeps the stored key of a member that code calls otherwise, at every depth", () => {
    const town = z.strictObject({ town: z.string() });
    const renamed = persisted({
      name: "person",
      version: 1,
      schema: z.strictObject({ fullName: z.string(), homes: z.array(town) }),
      upgrades: [],
      storedKeys: { fullName: "name", homes: "addresses", town: "place" },
    });
    const stored = { name: "Ann Fields", addresses: [{ place: "Springfield" }] };
    const read = { fullName: "Ann Fields", homes: [{ town: "Springfield" }] };
    assert.deepEqual(renamed.encode(read), stored);
    assert.deepEqual(renamed.decode(stored), read);
  });
});
