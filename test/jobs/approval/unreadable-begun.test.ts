/** A card that cannot be read and of which a part was done already: what was done is told as done, once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import { sql } from "#store/db/drizzle.ts";
import { DAY_MS } from "#core/values/moment.ts";
import { expireCards } from "#jobs/approval/save-card.ts";
import { customerCalled } from "#test/jobs/customers.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";

onDesk("an approved card of which the refund was made before it could not be read", (bench) => {
  test("is not told as void with nothing done, nor is its turn as not approved", async () => {
    bench.rule({ replyAutonomy: () => "draft" as const });
    bench.faults.commit = ({ action }) => {
      if (action.operation === "reply")
        throw new DeskhandError("channel.unavailable", "the mail server is away", {
          retryAfterMs: 3_600_000,
        });
    };
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    const conversation = await bench.write("Please refund order 789");
    const bad = await bench.card(conversation);
    await bench.press("approve", conversation);
    for (let wakes = 0; wakes < 3; wakes += 1) {
      bench.skip(60_000);
      await bench.tick();
    }
    assert.equal(bench.made("refund").length, 1);
    await bench.execute(
      sql`update approval set card = jsonb_set(card, '{headline}', '""') where id = ${bad.id}`,
    );
    bench.faults.commit = () => undefined;
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    for (let wakes = 0; wakes < 5; wakes += 1) {
      bench.skip(60 * 60_000);
      await bench.tick();
    }
    const ended = await bench.column(
      sql`select trace ->> 'approval_granted' as value from turn where id = ${bad.turnId}`,
    );
    assert.notDeepEqual(ended, ["false"], "a person approved it, and the refund was made");
    assert.deepEqual(
      bench.alerts().filter(({ text }) => /nothing of it is done/.test(text)),
      [],
    );
  });

  test("stops the end of no other card where its turn cannot be read either", async () => {
    bench.rule({ replyAutonomy: () => "draft" as const });
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    const bad = await bench.card(await bench.write("Please refund order 789"));
    await bench.execute(
      sql`update approval set card = jsonb_set(card, '{headline}', '""') where id = ${bad.id}`,
    );
    await bench.execute(
      sql`update turn set trace = trace || '{"$version": 99}' where id = ${bad.turnId}`,
    );
    bench.bindTo(customerCalled("u9"));
    bench.answer(() => replying("We look into it."));
    const other = await bench.write("Where is my order?", { thread: "other" });
    await bench.card(other);
    bench.skip(40 * DAY_MS);
    await expireCards(bench.parts).catch(() => undefined);
    assert.equal((await bench.pending(other)) === null, true, "it expired");
  });
});
