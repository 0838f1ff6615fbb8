/** A rehearsal for which its source has no solved ticket. */
import assert from "node:assert/strict";
import { runRehearsal } from "#jobs/rehearsal/run.ts";
import { test } from "node:test";
import { listRehearsals } from "#store/rehearsal/rehearsals.ts";
import { onEveryDatabase, NOW } from "#test/store/bench.ts";

onEveryDatabase("a rehearsal without a ticket", (bench) => {
  test("is refused with what could not be read, and not kept", async () => {
    const parts = {
      store: bench.store,
      clock: { now: () => NOW },
      ids: { next: (prefix: string) => bench.id(prefix) },
      play: () => assert.fail("nothing is played"),
      policyVersion: () => "p1",
      progress: () => undefined,
      signal: new AbortController().signal,
    };
    const plan = {
      source: "file /none.jsonl",
      tickets: [],
      leftOut: ["line 1: it has no answer"],
      model: "gpt-x",
      isRehearsalModel: false,
      policyVersion: "p1",
      concurrency: 2,
      budgetUsd: null,
      anew: false,
    };
    await assert.rejects(runRehearsal(parts, plan), {
      code: "input.invalid",
      message:
        "no solved ticket was found in file /none.jsonl\n1 could not be read:\n  line 1: it has no answer",
    });
    assert.deepEqual(await bench.run(listRehearsals, 10), []);
  });
});
