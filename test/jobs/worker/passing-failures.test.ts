/** Failures that pass by themselves are waited out; they use up no tries of another kind. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { arrive, letters } from "./lost-work.ts";

onDesk("a conversation whose database was slow for some minutes", (bench) => {
  test("gets the usual tries when something else fails once afterwards", async () => {
    const next: { error: DeskhandError } = {
      error: new DeskhandError("store.unavailable", "a statement took too long"),
    };
    bench.answer(() => {
      throw next.error;
    });
    const id = await arrive(bench, "hello");
    for (let wake = 0; wake < 8; wake += 1) {
      await bench.wake(id);
      bench.skip(400_000);
    }
    assert.deepEqual(await letters(bench), [], "a slow database is no reason to give up");
    next.error = new DeskhandError("channel.unsupported", "not connected here");
    await bench.wake(id);
    assert.deepEqual(
      (await letters(bench)).map(({ reason }) => reason),
      [],
    );
  });
});
