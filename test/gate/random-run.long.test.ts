/** At random, in small: `npm run faults -- gate --random 5000` is the whole of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { postgresMissing } from "#test/support/postgres.ts";
import { randomRun } from "./random-run.ts";

test(
  "kills, races, replays and edits at random lose nothing, do nothing twice and nothing unapproved",
  {
    skip: postgresMissing,
  },
  async () => {
    const { lost, twice, unapproved, kills, effects, ...rest } = await randomRun(150);
    assert.deepEqual({ lost, twice, unapproved }, { lost: [], twice: [], unapproved: [] });
    assert.ok(kills > 0 && effects > 0);
    assert.equal(rest.chainIsWhole, true);
  },
);
