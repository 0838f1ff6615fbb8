/** A teammate joins, keeps apart and separates conversations with one click. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { sql } from "#store/db/drizzle.ts";
import { showCards } from "#jobs/approval/sync-cards.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";

onDesk("clicks about a case", (bench) => {
  /** The cards on the desk, once it shows all that was decided. */
  const shown = async () => {
    await showCards(bench.parts);
    return [...bench.cards.values()];
  };
  const waiting = async () => (await shown()).filter(({ state }) => state === "pending");
  const start = (): void => {
    bench.rule({ replyAutonomy: (_channel: ChannelName) => "draft" as const });
    bench.answer(({ unread }) =>
      replying("We look into it.", {
        toolResults: unread
          .flatMap(({ text }) => [...text.matchAll(/\d{3}/g)].map(([id]) => id))
          .map((id) => ({
            tool: "get_order_status",
            result: { found: true, order: { order_id: id, item: "kettle" } },
          })),
      }),
    );
  };
  const mail = (text: string, thread: string) => bench.write(text, { thread });
  const twoTheSame = async () => {
    start();
    const first = await mail("Where is order 789?", "m1");
    const second = await mail("Where is order 789?!", "m2");
    return { first, second };
  };
  const twoMaybe = async () => {
    start();
    const first = await mail("Please refund order 789, it broke.", "m1");
    bench.skip(30 * 60_000);
    const second = await mail("Can the money go to my new card?", "m2");
    return { first, second };
  };

  test("separated conversations are planned by themselves again, and stay apart", async () => {
    const { first, second } = await twoTheSame();
    assert.equal((await waiting()).length, 1);
    assert.ok((await waiting())[0]?.buttons.includes("separate"));
    await bench.press("separate", second);
    await bench.tick();
    const cards = [await bench.pending(first), await bench.pending(second)];
    assert.deepEqual(
      cards.map((card) => card?.answers.length),
      [1, 1],
    );
    assert.ok(
      (await waiting()).every(
        ({ context, buttons }) => context.members.length === 0 && !buttons.includes("separate"),
      ),
    );
    await mail("Where is order 789, please?", "m2");
    assert.equal((await waiting()).length, 2);
  });

  test("a conversation that may not be answered any more is not read with the others", async () => {
    const { first, second } = await twoTheSame();
    await bench.parts.store.run((transaction) =>
      transaction.execute(sql`update conversation set barred = 'it is spam' where id = ${first}`),
    );
    await mail("Where is order 789, please?", "m2");
    assert.equal((await bench.pending(second))?.answers.length, 2);
  });

  test("of two cards with the same refund the one that is approved first has it", async () => {
    start();
    bench.answer(() => replying("We refund it.", { actions: [refundOf(12_000)] }));
    const first = await mail("Please refund order 789", "m1");
    const second = await mail("Please refund order 789!", "m2");
    await bench.press("separate", second);
    await bench.tick();
    assert.equal((await bench.press("approve", first)).accepted, true);
    const late = await bench.press("approve", second);
    assert.equal(late.accepted, false);
    assert.match(late.message, /the same action is under way already/);
    bench.skip(60_000);
    await bench.tick();
    assert.equal(bench.left.filter(({ action }) => action.operation === "refund").length, 1);
  });

  test("below the bar the card asks; “Same case” makes one card of both", async () => {
    const { first, second } = await twoMaybe();
    assert.equal((await waiting()).length, 2);
    const card = (await waiting()).find(({ flags }) =>
      flags.some(({ text }) => text.startsWith("Same case as")),
    );
    assert.deepEqual(card?.buttons.slice(-2), ["join", "keep_apart"]);
    await bench.press("join", second);
    await bench.tick();
    assert.equal((await waiting()).length, 1);
    const pending = (await bench.pending(second)) ?? (await bench.pending(first));
    assert.equal(pending?.answers.length, 2);
  });

  test("“Keep apart” takes the question away and changes nothing else", async () => {
    const { second } = await twoMaybe();
    const before = await bench.pending(second);
    await bench.press("keep_apart", second);
    assert.equal((await waiting()).length, 2);
    assert.ok(
      (await waiting()).every(
        ({ flags }) => !flags.some(({ text }) => text.startsWith("Same case")),
      ),
    );
    assert.equal((await bench.pending(second))?.seal, before?.seal);
  });

  test("a person without a role changes nothing", async () => {
    const { second } = await twoTheSame();
    const answer = await bench.press("separate", second, "ned@ourshop.test");
    assert.equal(answer.accepted, false);
    assert.equal((await waiting()).length, 1);
  });

  test("a card without a case has nothing to separate", async () => {
    start();
    const id = await mail("Where is order 789?", "m1");
    const answer = await bench.press("separate", id);
    assert.equal(answer.accepted, false);
    assert.equal((await waiting()).length, 1);
  });
});
