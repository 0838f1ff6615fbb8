/** A process that starts again at once, while the shop still works on the call of the one before. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { refundKey } from "#core/values/action.ts";
import { sealedOrderFacts } from "#core/contracts/shop.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { handBackLeases, releaseAllLeases } from "#store/conversations/lease.ts";
import { sql } from "#store/db/drizzle.ts";
import { until } from "#test/support/waiting.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { memoryTarget } from "#test/jobs/memory-ports.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { arrive } from "#test/jobs/worker/lost-work.ts";

onDesk("a restart with a refund under way", (bench) => {
  for (const ended of ["kill -9", "a regular stop", "nobody starts it again (control)"] as const)
    test(`after ${ended} does not make it a second time at a shop without keys`, async () => {
      const order = await bench.shop.order("789", AbortSignal.timeout(1_000));
      assert.ok(order);
      const facts = sealedOrderFacts(order);
      const action = refundOf(500, { decision: { verdict: "allow" } });
      const planned = {
        ...action.planned,
        key: refundKey("789", facts.refundCount),
        facts: [facts],
      };
      bench.answer(() =>
        replying("We have refunded 5.00 USD.", {
          actions: [{ ...action, planned }],
          actionsAlone: true,
        }),
      );
      const usual = memoryTarget("shop", bench);
      const calls = { count: 0 };
      const dead = Promise.withResolvers<never>();
      const firstLands: { now: (() => Promise<unknown>) | null } = { now: null };
      // The shop books the first request some seconds after it came, whether or not its caller still lives.
      bench.replace({
        ...usual,
        async commit(given, key) {
          calls.count += 1;
          if (calls.count > 1) return usual.commit(given, key);
          firstLands.now = () => usual.commit(given, key);
          return dead.promise;
        },
      });
      const id = await arrive(bench, "Please refund order 789");
      const first = processConversation(bench.parts, id).catch(() => undefined);
      await until("the call", async () => firstLands.now !== null);
      if (ended === "a regular stop") await bench.at(handBackLeases, bench.parts.worker);
      // As a start does, a second later.
      bench.skip(1_000);
      const isRestarted = ended !== "nobody starts it again (control)";
      if (isRestarted) await bench.at(releaseAllLeases, bench.parts.worker);
      for (let second = 0; second < 4; second += 1) await bench.pass(1_000);
      // Five seconds after it was sent, the shop is done with the first request.
      await firstLands.now?.();
      if (!isRestarted)
        await bench.execute(sql`update conversation set lease_until = now() - interval '1 second'`);
      for (let second = 0; second < 10; second += 1) await bench.pass(10_000);
      dead.reject(new Error("its process is gone"));
      await first;
      const made = bench.left.filter(({ action: one }) => one.operation === "refund");
      assert.equal(made.length, 1, `${made.length} refunds, ${calls.count} calls`);
    });
});
