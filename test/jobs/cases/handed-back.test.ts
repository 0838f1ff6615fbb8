/** What people gave back to the bot unanswered stays open until it is answered, whatever comes after. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { redrive } from "#jobs/effects/dead-letters.ts";
import { addDeadLetter } from "#store/effects/dead-letters.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { ANN_IN_CHAT } from "#test/jobs/customers.ts";
import { replying } from "#test/jobs/turn-results.ts";

onDesk("a conversation that was given back", (bench) => {
  const assigned = (to: "bot" | "human") => ({
    signals: [
      {
        kind: "assigned" as const,
        key: `to ${to}`,
        at: bench.now().toISOString(),
        to,
        assignee: to,
        actor: "Dana",
        automatic: false,
      },
    ],
  });
  const note = {
    author: { kind: "teammate", id: "dana", name: "Dana" },
    visibility: "internal",
  } as const;
  const leftWithPeople = async (): Promise<void> => {
    bench.rule({ replyAutonomy: (_channel: ChannelName) => "draft" as const });
    bench.answer(() => replying("We look into it."));
    await bench.write("Where is order 456?", { key: "first" });
    await bench.write("Still no answer!", { key: "second" });
    await bench.write("Ours.", { message: note, ...assigned("human") });
  };

  test("keeps what people left on the card when the customer writes once more", async () => {
    await leftWithPeople();
    await bench.write("Yours.", { message: note, ...assigned("bot") });
    const id = await bench.write("Where is order 789?", { key: "third" });
    assert.deepEqual((await bench.pending(id))?.answers, ["first", "second", "third"]);
  });

  test("gets a card for it although thanks, which need no answer, came with it", async () => {
    await leftWithPeople();
    const id = await bench.write("Thank you!", assigned("bot"));
    assert.deepEqual((await bench.pending(id))?.answers, ["first", "second"]);
  });

  test("comes to each person who wrote in it, one after the other, whoever wrote last", async () => {
    bench.rule({ replyAutonomy: (_channel: ChannelName) => "draft" as const });
    bench.answer(() => replying("We look into it."));
    const bob = { author: { kind: "requester", id: "email:bob", name: "Bob" } } as const;
    await bench.write("Ours.", { message: note, ...assigned("human") });
    await bench.write("Where is order 456?", { key: "bobs", message: bob });
    await bench.write("Where is order 789?", { key: "anns" });
    const id = await bench.write("Yours.", { message: note, ...assigned("bot") });
    assert.deepEqual((await bench.pending(id))?.answers, ["anns"]);
    await bench.press("approve", id);
    for (let second = 0; second < 3; second += 1) {
      bench.skip(8_000);
      await bench.tick();
    }
    assert.deepEqual((await bench.pending(id))?.answers, ["bobs"]);
  });

  test("comes to the other person in it when the first needs no answer, although the queue loses the wake", async (context) => {
    bench.rule({ replyAutonomy: (_channel: ChannelName) => "draft" as const });
    bench.answer(() => replying("We look into it."));
    const bob = { author: { kind: "requester", id: "email:bob", name: "Bob" } } as const;
    await bench.write("Ours.", { message: note, ...assigned("human") });
    await bench.write("Where is order 456?", { key: "bobs", message: bob });
    await bench.write("Where is order 789?", { key: "anns" });
    const id = await bench.write("Yours.", { message: note, ...assigned("bot") });
    context.mock.method(bench.parts, "wake", () => Promise.reject(new Error("Redis is away")));
    await bench.press("reject", id, undefined, { rejection: "no_answer" });
    bench.skip(8_000);
    await bench.tick();
    assert.deepEqual((await bench.pending(id))?.answers, ["bobs"]);
  });

  for (const [button, more] of [
    ["approve", {}],
    ["reject", { rejection: "no_answer" }],
  ] as const)
    test(`comes to the other person in it although another conversation covered the first: ${button}`, async () => {
      bench.rule({ replyAutonomy: (_channel: ChannelName) => "draft" as const });
      const order = { order_id: "789", item: "kettle" };
      const toolResults = [{ tool: "get_order_status", result: { found: true, order } }];
      bench.answer(() => replying("We look into it.", { toolResults }));
      const bob = { author: { kind: "requester", id: "email:bob", name: "Bob" } } as const;
      await bench.write("Ours.", { message: note, ...assigned("human") });
      await bench.write("Where is order 456?", { key: "bobs", message: bob });
      await bench.write("Where is order 789?", { key: "anns" });
      await bench.write("Yours.", { message: note, ...assigned("bot") });
      const mail = await bench.write("Where is order 789?", { key: "third" });
      const chat = await bench.write("Where is order 789?", {
        channel: "chat",
        key: "again",
        message: ANN_IN_CHAT,
      });
      assert.deepEqual((await bench.pending(chat))?.answers, ["anns", "third", "again"]);
      assert.equal(await bench.pending(mail), null);
      await bench.press(button, chat, undefined, more);
      for (let second = 0; second < 3; second += 1) {
        bench.skip(8_000);
        await bench.tick();
      }
      assert.deepEqual((await bench.pending(mail))?.answers, ["bobs"]);
    });

  test("with a dead letter is with the bot in whole, not with the failed message alone", async () => {
    bench.rule({ replyAutonomy: (_channel: ChannelName) => "draft" as const });
    const id = await bench.write("Ours.", { message: note, ...assigned("human") });
    await bench.write("Where is order 456?", { key: "first" });
    await bench.parts.store.run((transaction) =>
      addDeadLetter(transaction, {
        id: "dl_1",
        conversationId: id,
        kind: "wake",
        reason: "broken",
        hints: [],
        effects: [],
        messages: [],
        at: bench.now(),
      }),
    );
    bench.answer(() => replying("We look into it."));
    await redrive(bench.parts, "dl_1", { toBot: true, by: "lea" });
    bench.skip(1_000);
    await bench.tick();
    assert.deepEqual((await bench.pending(id))?.answers, ["first"]);
  });
});
