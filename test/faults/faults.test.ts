/** Runs the fault cases that are part of `npm test`; `npm run faults` runs all of them. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { postgresMissing } from "#test/support/postgres.ts";
import { redisMissing } from "#test/support/redis.ts";
import { CASES } from "./cases/index.ts";
import { runCase } from "./run-case.ts";
import { isLong } from "#test/support/tiers.ts";

/** A crash between the shop's yes and our note, what only processes show; in the long run also what needs no minutes. */
const PLAYED = isLong ? [1, 2, 3, 4, 5, 7, 13, 21, 34, 47, 49] : [3];
const note = (): void => undefined;

test("each case has a number of its own", () => {
  const ids = CASES.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length, ids.join(", "));
});

describe("faults", { concurrency: 2, skip: postgresMissing || redisMissing }, () => {
  for (const one of CASES.filter(({ id }) => PLAYED.includes(id)))
    test(`${one.id} ${one.name}`, async () => {
      const { ok, reasons } = await runCase(one, { quick: true, note });
      assert.ok(ok, reasons.join("\n"));
    });
});
