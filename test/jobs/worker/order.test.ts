/** What arrives while a turn is thought is answered with what the turn was about, never before it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import type { TurnInput, TurnResult } from "#core/contracts/agent.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";

onDesk("a message that arrives while its forerunner is thought about", (bench) => {
  test("is answered together with it, when policy sends replies by itself", async () => {
    const thought: string[][] = [];
    const answered = (input: TurnInput): TurnResult => {
      const texts = input.unread.map(({ text }) => text);
      thought.push(texts);
      return replying(`Answer to ${texts.join(" and ")}.`, { topic: "faq", accountData: false });
    };
    const { agent } = bench.parts;
    const interrupted = {
      ...bench.parts,
      agent: {
        ...agent,
        run: async (input: TurnInput): Promise<TurnResult> => {
          // Another worker would be refused the lease; only the mailbox fills.
          if (thought.length === 0) await bench.write("second", { channel: "chat", key: "two" });
          return answered(input);
        },
      },
    };
    bench.answer(answered);
    bench.rule({ replyAutonomy: () => "auto", quietMs: () => 120_000 });
    const id = await bench.write("first", { channel: "chat", key: "one" });
    bench.rule({ quietMs: () => 0 });
    await processConversation(interrupted, id);
    await bench.wake(id);
    const replies = bench.replies().map((text) => text.split("\n")[0]);
    assert.deepEqual(replies, ["Answer to first and second."]);
  });

  test("is answered with one whose refund waits for a shop that is away", async () => {
    bench.rule({ replyAutonomy: () => "auto", quietMs: () => 0 });
    bench.faults.commit = ({ action: { operation } }) => {
      if (operation === "refund") throw new DeskhandError("shop.unavailable", "not now");
    };
    const allowed = { verdict: "allow", rule: "refund.small" } as const;
    bench.answer(({ unread }) =>
      replying(`Answer to ${unread.map(({ text }) => text).join(" and ")}.`, {
        actions: unread.some(({ text }) => text === "first")
          ? [refundOf(500, { decision: allowed })]
          : [],
      }),
    );
    const id = await bench.write("first", { channel: "chat", key: "one" });
    assert.deepEqual(bench.replies(), []);
    bench.faults.commit = () => undefined;
    await bench.write("second", { channel: "chat", key: "two" });
    bench.skip(60_000);
    await bench.wake(id);
    const replies = bench.replies().map((text) => text.split("\n")[0]);
    assert.deepEqual(replies, ["Answer to first and second."]);
  });

  test("is answered after one whose answer has begun, however long the rest of it takes", async () => {
    bench.rule({ replyAutonomy: () => "auto", quietMs: () => 0 });
    const shop = { refunds: 0, isDown: true };
    bench.faults.commit = ({ action: { operation } }) => {
      if (operation !== "refund") return;
      shop.refunds += 1;
      if (shop.refunds > 1 && shop.isDown) throw new DeskhandError("shop.unavailable", "not now");
    };
    const decision = { verdict: "allow", rule: "refund.small" } as const;
    bench.answer(({ unread }) =>
      replying(`Answer to ${unread.map(({ text }) => text).join(" and ")}.`, {
        actions: unread.some(({ text }) => text === "first")
          ? [
              refundOf(500, { decision, orderId: "789" }),
              refundOf(600, { decision, orderId: "790" }),
            ]
          : [],
      }),
    );
    const id = await bench.write("first", { channel: "chat", key: "one" });
    await bench.write("second", { channel: "chat", key: "two" });
    bench.skip(5_000);
    await bench.wake(id);
    assert.deepEqual(bench.replies(), [], "the later one was answered first");
    shop.isDown = false;
    for (let times = 0; times < 4; times += 1) {
      bench.skip(60_000);
      await bench.wake(id);
    }
    const replies = bench.replies().map((text) => text.split("\n")[0]);
    assert.deepEqual(replies, ["Answer to first.", "Answer to second."]);
  });
});
