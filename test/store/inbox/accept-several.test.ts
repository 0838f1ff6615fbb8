/** Deliveries of several hints, which are taken in all or none. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { acceptHints, rememberKeys } from "#store/inbox/accept-hints.ts";
import { hintOf, onEveryDatabase, intakeOptions } from "#test/store/bench.ts";
import { until } from "#test/support/waiting.ts";

onEveryDatabase("a delivery of several hints", (bench) => {
  test("is taken in whole after another process wrote one of their keys meanwhile", async () => {
    const [root, conversation] = [bench.id("root"), await bench.conversation()];
    const written = Promise.withResolvers<void>();
    const open = Promise.withResolvers<void>();
    const holding = bench.run(async (transaction) => {
      await rememberKeys(transaction, conversation, [root]);
      written.resolve();
      await open.promise;
    });
    await written.promise;
    const hints = [[bench.id("other")], [bench.id("own"), root]].map((keys) =>
      hintOf(bench.id("event"), keys),
    );
    const options = intakeOptions(bench);
    const taking = acceptHints(bench.store, hints, options);
    const blocked = sql`select count(*) from pg_locks where locktype = 'transactionid' and not granted`;
    // One connection: the delivery begins when the other transaction has ended.
    if (bench.kind === "postgres")
      await until("it to wait", async () => (await bench.count(blocked)) > 0);
    open.resolve();
    await holding;
    const taken = await taking;
    assert.deepEqual(
      taken.map(({ conversationId, known }) => [conversationId === conversation, known]),
      [
        [false, false],
        [true, false],
      ],
    );
  });

  test("with one that names no conversation is refused for good", async () => {
    const hints = [hintOf(bench.id("event"), [bench.id("key")]), hintOf(bench.id("event"), [])];
    const options = intakeOptions(bench);
    await assert.rejects(acceptHints(bench.store, hints, options), { code: "input.invalid" });
  });
});
