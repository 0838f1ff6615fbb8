/** Who ends a turn that takes too long. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";

onDesk("a turn that takes too long", (bench) => {
  test("is not called off from outside, because the agent hands over by itself then", async () => {
    const { caps } = bench.parts.policy;
    bench.rule({ caps: { ...caps, turn: { ...caps.turn, ms: 20 } } });
    const aborted: boolean[] = [];
    bench.answer(async ({ signal }) => {
      // A timer that was begun before and is shorter has gone off by then.
      await delay(60);
      aborted.push(signal.aborted);
      return replying("We are open from nine to five.");
    });
    await bench.write("When are you open?");
    assert.deepEqual(aborted, [false]);
  });
});
