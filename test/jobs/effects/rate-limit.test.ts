/** A rate limit is no outage: what waits for its turn under one is called when its turn comes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import { onDesk } from "#test/jobs/bench.ts";

onDesk("a call that waits for its turn under a rate limit", (bench) => {
  test("is made when its turn comes, however often others were faster", async () => {
    const tries = { count: 0 };
    bench.faults.commit = ({ action }) => {
      if (action.operation !== "reply") return;
      tries.count += 1;
      if (tries.count <= 8)
        throw new DeskhandError("channel.rate_limited", "the limit is used up for now", {
          retryAfterMs: 3_000,
          notTried: true,
        });
    };
    await bench.write("Hello", { channel: "chat" });
    for (let turn = 2; turn <= 9; turn += 1) {
      bench.skip(3_000);
      await bench.tick();
      assert.equal(tries.count, turn);
    }
    assert.equal(bench.replies().length, 1);
  });
});
