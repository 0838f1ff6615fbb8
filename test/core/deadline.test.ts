import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startDeadline } from "#core/values/deadline.ts";

async function wait(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

describe("the time limit of a turn", () => {
  test("aborts when the time is over, and says that this was the reason", async () => {
    const { signal, isOver } = startDeadline(new AbortController().signal, 20);
    assert.equal(signal.aborted, false);
    await wait(60);
    assert.equal(signal.aborted, true);
    assert.equal(isOver(), true);
  });

  test("aborts with the caller, also one that aborted before, without being over", () => {
    const caller = new AbortController();
    const { signal, isOver } = startDeadline(caller.signal, 10_000);
    caller.abort("stop");
    assert.equal(signal.reason, "stop");
    assert.equal(isOver(), false);
    assert.equal(startDeadline(caller.signal, 10_000).signal.aborted, true);
  });

  test("a limit beyond what timers can hold is not over at once", async () => {
    const { isOver, end } = startDeadline(new AbortController().signal, 2 ** 40);
    await wait(20);
    assert.equal(isOver(), false);
    end();
  });
});
