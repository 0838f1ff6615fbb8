/** A row that another process holds for a moment is erased all the same, or the erasure says that it is not done. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { findPersonTraces, isWithoutTraces } from "#jobs/privacy/erase-person.ts";
import { personNames } from "#store/people/person-names.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { memoryBlobs } from "#test/jobs/memory-ports.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { by } from "./busy-desk.ts";
import { erasing } from "./erasing.ts";

onDesk("an erasure beside a process that shows a card", (bench) => {
  const { erase, leftOf, parts } = erasing(bench, () => memoryBlobs());
  test("leaves no word of the card behind without saying so", async (context) => {
    if (bench.databaseUrl === null) return context.skip("one session alone");
    bench.answer(() => replying("zebra"));
    const id = await bench.write("zebra", { message: by("ann") });
    await bench.press("reject", id);
    const held = Promise.withResolvers<null>();
    const locked = Promise.withResolvers<null>();
    const other = bench.parts.store.run(async (transaction) => {
      await transaction.execute(
        sql`select id from approval where conversation_id = ${id} for update`,
      );
      locked.resolve(null);
      await held.promise;
    });
    await locked.promise;
    const erased = erase();
    setTimeout(() => held.resolve(null), 1_500);
    const { busy } = await erased;
    await other;
    const left = await leftOf(/^approval .*zebra/);
    const again = await findPersonTraces(parts(), personNames("ann@customer.test"));
    assert.deepEqual(
      { left: left.length, busy: busy.length, isSaidToBeGone: isWithoutTraces(again) },
      { left: 0, busy: 0, isSaidToBeGone: true },
    );
  });
});
