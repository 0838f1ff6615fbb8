/** An action that another request already has is not proposed again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";

/** As long as an approval can be taken back. */
const UNDO_MS = 60_000;

onDesk("a refund that another request has", (bench) => {
  const refunds = () => bench.left.filter(({ action }) => action.operation === "refund").length;
  const ask = (thread: string) => {
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    return bench.write("Please refund order 789", { thread });
  };
  const asOf = (state: "done" | "unknown" | "intended") =>
    bench.parts.store.run((run) =>
      run.execute(sql`update effect set state = ${state} where operation = 'refund'`),
    );

  for (const [state, reason] of [
    ["done", "the same refund was done before"],
    ["unknown", "the same refund was begun before, and it is not known whether it happened"],
  ] as const)
    test(`and that is ${state} goes to people with the reason, and no card asks for it`, async () => {
      const first = await ask("t1");
      await bench.press("approve", first);
      await asOf(state);
      const second = await ask("t2");
      assert.equal(await bench.pending(second), null);
      assert.match(await bench.outcome(second), new RegExp(`escalated.*${reason}`));
    });

  test("and that is under way is waited for, and then goes to people", async () => {
    const first = await ask("t1");
    await bench.press("approve", first);
    bench.skip(UNDO_MS / 2);
    const second = await ask("t2");
    assert.equal(await bench.pending(second), null);
    assert.doesNotMatch(await bench.outcome(second), /escalated/);
    bench.skip(UNDO_MS);
    for (let round = 0; round < 3; round += 1) await bench.tick();
    assert.equal(refunds(), 1);
    bench.skip(UNDO_MS);
    for (let round = 0; round < 3; round += 1) await bench.tick();
    assert.equal(refunds(), 1);
    assert.match(await bench.outcome(second), /escalated.*the same refund was done before/);
  });
});
