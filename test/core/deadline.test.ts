import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, test } from "node:test";
import { startDeadline, withinMs } from "#core/values/deadline.ts";

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

  test("lets go of caller and timer at the end", async () => {
    const caller = new AbortController();
    const { signal, end } = startDeadline(caller.signal, 20);
    end();
    assert.equal(getEventListeners(caller.signal, "abort").length, 0);
    await wait(60);
    caller.abort();
    assert.equal(signal.aborted, false);
  });

  test("a limit beyond what timers can hold is not over at once", async () => {
    const { isOver, end } = startDeadline(new AbortController().signal, 2 ** 40);
    await wait(20);
    assert.equal(isOver(), false);
    end();
  });

  test("work that ends in time leaves neither timer nor listener, and work that does not is told", async () => {
    const caller = new AbortController();
    const kept = await withinMs(20, async (signal) => signal, caller.signal);
    await wait(60);
    assert.equal(kept.aborted, false);
    assert.equal(getEventListeners(caller.signal, "abort").length, 0);
    const late = withinMs(20, async (signal) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw signal.reason;
    });
    await assert.rejects(late, { name: "TimeoutError" });
  });
});
