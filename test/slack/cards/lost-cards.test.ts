import assert from "node:assert/strict";
import { test } from "node:test";
import { buttonsOf } from "#test/support/slack.ts";
import { eventually } from "#test/slack/bench.ts";
import { onFloor } from "#test/slack/approvals/desk-floor.ts";
import { CHANNELS, USERS } from "#test/slack/local-slack.ts";

const SIX_MINUTES_MS = 6 * 60_000;

onFloor("cards that are gone from Slack", (floor) => {
  const { bench } = floor;

  test("S21 Slack is killed and started again with three cards waiting: it is connected again, each card stands there once, and clicks on them count", async (context) => {
    const orders = ["5001", "5002", "5003"];
    const asked = [];
    for (const orderId of orders) asked.push(await floor.ask({ thread: orderId, orderId }));
    await bench.tick();
    await floor.server.stop();
    await floor.server.start();
    assert.deepEqual(await floor.cards(), []);

    // While nothing was heard of it the reconciler finds out by itself, and tries again what failed meanwhile.
    for (const ms of [SIX_MINUTES_MS, 60_000, SIX_MINUTES_MS, 60_000]) {
      bench.skip(ms);
      await bench.tick();
    }
    const posted = await floor.cards();
    assert.equal(posted.length, 3);
    const before = new Set(asked.map(({ ts }) => ts));
    assert.ok(posted.every(({ ts }) => !before.has(ts)));
    const isApprove = ({ action_id }: { action_id?: string | undefined }) =>
      action_id === "desk:approve";
    assert.ok(posted.every((card) => buttonsOf(card).some(isApprove)));

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

  test("a teammate who opens the Home tab finds a deleted card: by the console at once, and a moment later in the channel", async (context) => {
    const asked = await floor.ask();
    await bench.tick();
    bench.skip(60_000);
    await floor.server.call("chat.delete", { channel: CHANNELS.approvals, ts: asked.ts });
    await floor.openHome(USERS.sam);
    await eventually(context, async () => assert.match(await floor.home(USERS.sam), /desk\.test/));

    bench.skip(60_000);
    await bench.tick();
    const [again, ...others] = await floor.cards();
    assert.ok(again);
    assert.deepEqual(others, []);
    await floor.openHome(USERS.sam);
    const place = `archives/${CHANNELS.approvals}/p${again.ts.replace(".", "")}`;
    await eventually(context, async () => assert.ok((await floor.home(USERS.sam)).includes(place)));
    await floor.click(USERS.sam, again, "approve");
    await floor.until(context, 1);
    await floor.settle();
    assert.equal(bench.left.filter(({ action }) => action.operation === "refund").length, 1);
  });
});
