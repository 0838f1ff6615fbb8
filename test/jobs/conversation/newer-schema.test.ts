/** An old worker beside a newer one: what only the newer one can read is left alone, and everything else goes on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { showCards } from "#jobs/approval/sync-cards.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { customerCalled } from "#test/jobs/customers.ts";

function isNewer(error: unknown): boolean {
  return error instanceof DeskhandError && error.code === "store.newer_schema" && error.retry;
}

onDesk("beside a newer version", (bench) => {
  const asking = () =>
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));

  test("an unread message of the newer version stays unread, and is worked on once it can be read", async () => {
    const id = await bench.write("Where is order 456?");
    await bench.execute(sql`delete from approval`);
    await bench.execute(sql`delete from message_content`);
    await bench.execute(sql`delete from message`);
    await bench.execute(
      sql`update hint set state = 'unread', payload = payload || '{"$version": 2}'`,
    );
    for (let tries = 0; tries < 5; tries += 1) await assert.rejects(bench.wake(id), isNewer);
    const hint = () =>
      bench.rows(
        z.object({ state: z.string(), attempts: z.int(), lease: z.string().nullable() }),
        sql`select state, attempts, lease_owner as lease
              from hint join conversation on conversation.id = hint.conversation_id`,
      );
    assert.deepEqual(await hint(), [{ state: "unread", attempts: 0, lease: null }]);
    assert.equal(await bench.pending(id), null);
    await bench.execute(sql`update hint set payload = payload - '$version'`);
    await bench.wake(id);
    assert.deepEqual(await hint(), [{ state: "read", attempts: 0, lease: null }]);
    assert.notEqual(await bench.pending(id), null);
  });

  test("a card of the newer version holds up neither mail nor the reconciler", async () => {
    asking();
    const first = await bench.write("Please refund order 789", { thread: "one" });
    assert.notEqual(await bench.pending(first), null);
    await bench.execute(
      sql`update approval set card = card || '{"$version": 2}', card_stale = true, expires_at = ${bench.now()}`,
    );
    bench.answer(() => replying("It is on its way."));
    bench.bindTo(customerCalled("bob"));
    const second = await bench.write("Where is order 456?", { thread: "two" });
    assert.ok(await bench.pending(second));
    await bench.tick();
    // Both are to be drawn again, the unreadable one first.
    await bench.execute(
      sql`update approval set card_stale = true, post_after = null, post_locked_until = null`,
    );
    await showCards(bench.parts);
    const stale = sql`select card_stale from approval order by id`;
    assert.deepEqual(await bench.column(stale), ["true", "false"]);
    await bench.execute(sql`update approval set card = card - '$version'`);
    await bench.tick();
    assert.equal(await bench.pending(first), null, "it has expired by now");
  });
});
