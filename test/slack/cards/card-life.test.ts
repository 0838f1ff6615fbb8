/** What becomes of a card without a decision, or after another event: expiry, deletion, a pause, a target away. */
import assert from "node:assert/strict";
import { beforeEach, test, type TestContext } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { shownText } from "#test/support/slack.ts";
import { z } from "zod";
import { onFloor } from "#test/slack/approvals/desk-floor.ts";
import { CHANNELS, USERS } from "#test/slack/local-slack.ts";

const HOUR = 3_600_000;

onFloor("the life of a card", (floor) => {
  const { bench } = floor;
  const onlyCard = async () => {
    const [card, ...more] = await floor.cards();
    assert.deepEqual(more, []);
    assert.ok(card);
    return card;
  };
  const textOfCard = async () => shownText(await onlyCard());
  /** Takes a message away, as a person with the right does. This Slack tells an app nothing of its own messages. */
  const remove = async (channel: string, ts: string): Promise<void> => {
    await floor.server.call("chat.delete", { channel, ts });
    await floor.handler.cardGone(`${channel}:${ts}`);
  };
  const approve = async (context: TestContext): Promise<void> => {
    const before = floor.decided.length;
    const [card] = await floor.live();
    assert.ok(card);
    await floor.click(USERS.sam, card, "approve");
    await floor.until(context, before + 1);
  };

  beforeEach(() => {
    bench.rule({ expiresAt: (from) => new Date(from.getTime() + 8 * HOUR) });
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
  });

  test("S05 a click after the expiry does nothing, says how to go on, and the card becomes expired", async (context) => {
    const id = await bench.write("Please refund order 789");
    await bench.tick();
    bench.skip(8 * HOUR);
    await approve(context);
    await floor.told(context, /expired, so nothing was done\. .*hand it back to Deskhand/);
    await bench.tick();
    assert.match(await textOfCard(), /Expired: no teammate decided in time/);
    assert.deepEqual(await floor.live(), []);
    bench.skip(HOUR);
    await bench.tick();
    assert.deepEqual([floor.refunds(), bench.replies(), await bench.pending(id)], [[], [], null]);
  });

  test("S11 a card that is deleted before the decision comes back once, and is decided there with one effect", async (context) => {
    await bench.write("Please refund order 789");
    await bench.tick();
    const first = await onlyCard();
    await remove(CHANNELS.approvals, first.ts);
    await bench.tick();
    await bench.tick();
    const second = await onlyCard();
    assert.notEqual(second.ts, first.ts);
    await approve(context);
    bench.skip(60_000);
    await bench.tick();
    await bench.tick();
    assert.equal(floor.refunds().length, 1);
    assert.match(await textOfCard(), /Done, reply sent/);
  });

  test("S27 while a target is away the card says that it is tried again and never that it was sent", async (context) => {
    const id = await bench.write("Please refund order 789");
    await bench.tick();
    const seen: string[] = [];
    const failures = [
      new DeskhandError("channel.unavailable", "it answers 503"),
      new DeskhandError("channel.rate_limited", "too many", { retryAfterMs: 2_000 }),
    ];
    // At last it is taken, and the answer is lost.
    const lost = { count: 0 };
    bench.faults.commit = (left) => {
      if (left.action.operation !== "reply") return;
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      lost.count += 1;
      bench.left.push(left);
      throw new DeskhandError("channel.uncertain", "the connection was reset after the write");
    };
    const away = { finds: 2 };
    bench.faults.find = (target) => {
      if (target !== "email" || lost.count === 0 || (away.finds -= 1) < 0) return;
      throw new DeskhandError("channel.unavailable", "it cannot be asked either");
    };
    await approve(context);
    bench.skip(30_000);
    for (let round = 0; round < 12; round += 1) {
      await bench.tick();
      await bench.tick();
      seen.push(await textOfCard());
      if (/Done, reply sent/.test(seen.at(-1) ?? "")) break;
      bench.skip(5_000);
    }
    const waiting = seen.filter((text) => !/Done, reply sent/.test(text));
    assert.ok(waiting.length >= 2, seen.join("\n---\n"));
    for (const text of waiting)
      assert.match(
        text,
        /Approved by Sam Ortiz\. The reply is not done yet, email .* tried again by itself/,
      );
    assert.match(seen.at(-1) ?? "", /Done, reply sent/);
    assert.deepEqual([floor.refunds().length, bench.replies().length, lost.count], [1, 1, 1]);
    assert.match(await bench.outcome(id), /^answered/);
  });

  const Counted = z.object({ count: z.coerce.number() });
  const pendingRows = async (id: string): Promise<number> => {
    const rows = await bench.parts.store.run((transaction) =>
      rowsOf(
        transaction,
        Counted,
        sql`select count(*) as count from approval where conversation_id = ${id} and state = 'pending'`,
      ),
    );
    return rows[0]?.count ?? 0;
  };

  test("whatever happens, one conversation never has two rows that wait nor two cards with buttons", async () => {
    const places = [null, "money", null, "money"];
    await floor.sit({ places: { money: CHANNELS.help } });
    const amounts = [12_000, 6_000, 12_000, 3_000, 7_000, 12_000];
    let id = await bench.write("Please refund order 789");
    const steps: readonly (() => Promise<unknown>)[] = [
      // A burst, in which every message is thought about.
      ...[0, 1, 2].map((count) => () => bench.write(`And more ${count}`)),
      // The card belongs elsewhere now, and back again.
      ...places.map((place) => () => {
        bench.rule({ deskChannelOf: () => place });
        return bench.write("It is urgent");
      }),
      async () => {
        const [card] = await floor.live();
        if (card !== undefined) await remove(card.channel, card.ts);
      },
      () => bench.press("approve", id),
      () => bench.write("Wait, I changed my mind"),
      () => bench.press("reject", id).catch(() => undefined),
      () => bench.write("Hello again"),
      () => bench.press("escalate", id).catch(() => undefined),
      () => bench.write("Is anybody there?"),
    ];
    for (const [index, step] of steps.entries()) {
      const amount = amounts[index % amounts.length] ?? 0;
      bench.answer(() => replying("We refund it.", { actions: [refundOf(amount)] }));
      const came = await step();
      if (typeof came === "string") id = came;
      for (let second = 0; second < 2; second += 1) {
        await bench.tick();
        const live = [...(await floor.live()), ...(await floor.live(CHANNELS.help))];
        const seen = `step ${index}: ${live.map(shownText).join("\n---\n")}`;
        assert.ok((await pendingRows(id)) <= 1, seen);
        assert.ok(live.length <= 1, seen);
        bench.skip(1_000);
      }
    }
  });
});
