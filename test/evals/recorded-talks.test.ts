import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { readCases } from "#evals/read-cases.ts";
import { playsOf, runCases, stageIn } from "#evals/runner.ts";
import { figuresOf, readRatings } from "#evals/talks/ratings.ts";
import { readRecordings } from "#evals/talks/recording.ts";
import { judgeReplay } from "#evals/talks/replay.ts";
import { openTalkingWorld } from "#evals/talks/talking-world.ts";
import { isLong } from "#test/support/tiers.ts";

const EVALS = join(import.meta.dirname, "../../evals");
const FOLDER = join(EVALS, "recordings");
const BYTES_MAX = 400_000;
/** `npm test` plays every so many of them, `npm test -- --long` and `npm run evals -- --replay` all. */
const SHORT_EVERY = 9;

describe("the project's own recordings of real reasoning", () => {
  test("each has its case and its rating, and all of them are small", () => {
    const cases = new Set(readCases(join(EVALS, "cases")).map(({ id }) => id));
    const recorded = [...readRecordings(FOLDER).keys()];
    assert.deepEqual(
      recorded.filter((id) => !cases.has(id)),
      [],
    );
    const rated = readRatings(FOLDER).map(({ case: id }) => id);
    assert.deepEqual(rated.toSorted(), recorded.toSorted());
    const sizes = readdirSync(FOLDER).map((name) => statSync(join(FOLDER, name)).size);
    assert.ok(sizes.reduce((sum, size) => sum + size, 0) <= BYTES_MAX);
  });

  test("the shares of the ratings stay above their floors", () => {
    const figures = figuresOf(readRatings(FOLDER));
    assert.ok(figures.conversations >= 80);
    assert.ok(figures.outcome_right.percent >= 90);
    assert.ok(figures.good_as_they_are.percent >= 93);
    assert.ok(figures.unjustly_sent_back.percent <= 4);
    assert.ok(figures.needless_hand_overs.percent <= 3);
  });

  test("every conversation ends as it was recorded", async () => {
    const recorded = readRecordings(FOLDER);
    const cases = readCases(join(EVALS, "cases"))
      .filter(({ id }) => recorded.has(id))
      .filter((_, index) => isLong || index % SHORT_EVERY === 0);
    assert.ok(cases.length > 8, `${cases.length} cases`);
    const opening = openTalkingWorld({}, { kind: "replay", folder: FOLDER });
    try {
      const stage = opening.then((world) => stageIn(world, []));
      const played = await runCases(playsOf(cases, 1), [stage], { onProgress: () => undefined });
      assert.deepEqual(judgeReplay(FOLDER, played).differing, []);
    } finally {
      await (await opening).close();
    }
  });
});
