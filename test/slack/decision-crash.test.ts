import assert from "node:assert/strict";
import { test } from "node:test";
import { buttonsOf } from "#test/support/slack.ts";
import { eventually } from "./bench.ts";
import { onFloor } from "./desk-floor.ts";
import { USERS } from "./local-slack.ts";

const SIX_MINUTES_MS = 6 * 60_000;

onFloor("a decision when Slack was away", (floor) => {
  const { bench } = floor;

  test("S21 Slack is killed and started again with three cards waiting: it is connected again, each card stands there once, and clicks on them count", async (context) => {
    const orders = ["5001", "5002", "5003"];
    const asked = [];
    for (const orderId of orders) asked.push(await floor.ask({ thread: orderId, orderId }));
    await bench.tick();
    await floor.server.stop();
    await floor.server.start();
    assert.deepEqual(await floor.cards(), []);

    // While nothing was heard of it the clockwork finds out by itself, and tries again what failed meanwhile.
    for (const ms of [SIX_MINUTES_MS, 60_000, SIX_MINUTES_MS, 60_000]) {
      bench.skip(ms);
      await bench.tick();
    }
    const posted = await floor.cards();
    assert.equal(posted.length, 3);
    const before = new Set(asked.map(({ ts }) => ts));
    assert.ok(posted.every(({ ts }) => !before.has(ts)));
    assert.ok(posted.every((card) => buttonsOf(card).length === 4));

    await eventually(context, async () =>
      assert.ok((await floor.server.log()).some(({ kind }) => kind === "socket")),
    );
    for (const card of posted) await floor.click(USERS.sam, card, "approve");
    await floor.until(context, 3);
    await floor.settle();
    assert.equal(bench.left.filter(({ action }) => action.operation === "refund").length, 3);
    const closed = await floor.cards();
    assert.deepEqual(
      closed.map((card) => buttonsOf(card).length),
      [0, 0, 0],
    );
    assert.deepEqual(await floor.whispers(), []);
  });
});
