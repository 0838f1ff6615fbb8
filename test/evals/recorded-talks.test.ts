import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { readCases } from "#evals/read-cases.ts";
import { playsOf, runCases, stageIn } from "#evals/runner.ts";
import { readRecordings } from "#evals/talks/recording.ts";
import { judgeReplay } from "#evals/talks/replay.ts";
import { openTalkingWorld } from "#evals/talks/talking-world.ts";
import { isLong } from "#test/support/tiers.ts";

const EVALS = join(import.meta.dirname, "../../evals");
const FOLDER = join(EVALS, "recordings");
/** `npm test` plays every so many of them, `npm test -- --long` and `npm run evals -- --replay` all. */
const SHORT_EVERY = 5;

describe("the project's own recordings of real reasoning", () => {
  test("every conversation ends as it was recorded", async () => {
    const recorded = readRecordings(FOLDER);
    const cases = readCases(join(EVALS, "cases"))
      .filter(({ id }) => recorded.has(id))
      .filter((_, index) => isLong || index % SHORT_EVERY === 0);
    assert.ok(cases.length > 15, `${cases.length} cases`);
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
