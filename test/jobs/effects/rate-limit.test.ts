/** A rate limit is no outage: what waits for its turn under one is called when its turn comes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { bookedTurns } from "#jobs/effects/retry.ts";
import { showCards } from "#jobs/approval/sync-cards.ts";
import { onDesk } from "#test/jobs/bench.ts";

onDesk("a call that waits for its turn under a rate limit", (bench) => {
  test("is made when its turn comes, however often others were faster", async () => {
    const tries = { count: 0 };
    bench.faults.commit = ({ action }) => {
      if (action.operation !== "reply") return;
      tries.count += 1;
      if (tries.count <= 8)
        throw new DeskhandError("channel.rate_limited", "the limit is used up for now", {
          retryAfterMs: 3_000,
          notTried: true,
        });
    };
    await bench.write("Hello", { channel: "chat" });
    for (let turn = 2; turn <= 9; turn += 1) {
      bench.skip(3_000);
      await bench.tick();
      assert.equal(tries.count, turn);
    }
    assert.equal(bench.replies().length, 1);
  });

  test("is no failed try of a card, which waits no longer for it", async () => {
    const { desk } = bench.parts;
    const tries = { count: 0 };
    bench.connectDesk({
      ...desk,
      post: async (...posted) => {
        tries.count += 1;
        if (tries.count > 9) return desk.post(...posted);
        throw new DeskhandError("channel.rate_limited", "full", { retryAfterMs: 1_000 });
      },
    });
    bench.rule({ replyAutonomy: (_channel: ChannelName) => "draft" as const });
    const id = await bench.write("Hello");
    for (let turn = 0; turn < 5; turn += 1) {
      bench.skip(1_000);
      await showCards(bench.parts);
    }
    const { failures, deskRef } = (await bench.pending(id))?.posting ?? assert.fail("no card");
    assert.ok(tries.count >= 5);
    assert.deepEqual({ failures, deskRef }, { failures: 0, deskRef: null });
    bench.connectDesk(desk);
  });

  test("is woken once, at the time of its place, and nothing is read for it before", async () => {
    const [chat] = [...bench.parts.channels.values()].filter(({ name }) => name === "chat");
    assert.ok(chat);
    const done = { looks: 0, asked: 0, turnAt: bench.parts.clock.now().getTime() + 60_000 };
    bench.connect({
      ...chat,
      // Its first effect may not begin with the turn.
      findIsReliable: false,
      keepsHistory: true,
      fetch: async (conversation, signal) => {
        done.looks += 1;
        return { ...(await chat.fetch(conversation, signal)), messages: [] };
      },
      reserve: async () => {
        done.asked += 1;
        return Math.max(0, done.turnAt - bench.parts.clock.now().getTime());
      },
    });
    await bench.write("Hello", { channel: "chat" });
    const looksBefore = done.looks;
    for (let second = 0; second < 5; second += 1) {
      bench.skip(1_000);
      await bench.tick();
    }
    assert.deepEqual([done.asked, done.looks, bench.replies().length], [1, looksBefore, 0]);
    bench.skip(60_000);
    await bench.tick();
    assert.deepEqual([done.asked, bench.replies().length], [2, 1]);
    bench.connect(chat);
  });

  for (const [what, stoodStillMs, called] of [
    ["searches for nothing at its first try", 0, true],
    ["searches at its first try when the process stood still after it began", 60_000, false],
  ] as const)
    test(what, async (context) => {
      const [chat] = [...bench.parts.channels.values()].filter(({ name }) => name === "chat");
      assert.ok(chat);
      const calls: unknown[] = [];
      const commit: typeof chat.commit = (action, key, signal, isFirst) => (
        calls.push(isFirst?.()),
        chat.commit(action, key, signal)
      );
      const real = performance.now.bind(performance);
      const stopped = { ms: 0 };
      context.mock.method(performance, "now", () => real() + stopped.ms);
      context.mock.method(bench.parts, "crashPoint", (at: string) => {
        if (at === "effect:executing:reply") stopped.ms = stoodStillMs;
      });
      // Its first effect may not begin with the turn.
      bench.connect({ ...chat, findIsReliable: false, keepsHistory: true, commit });
      await bench.write("Hello", { channel: "chat" });
      await bench.tick();
      assert.deepEqual(calls, [called]);
      bench.connect(chat);
    });

  test("has its place before the commit, and turns near to each other are one wake", async () => {
    const [chat] = [...bench.parts.channels.values()].filter(({ name }) => name === "chat");
    assert.ok(chat);
    const waits: Readonly<Record<string, number>> = { a: 30_000, b: 31_000, c: 60_000, d: 500 };
    bench.connect({ ...chat, reserve: async (_action, key) => waits[key] ?? 0 });
    const action = { target: "chat", operation: "reply", arguments: {} } as const;
    const bundles = Object.keys(waits).map((key) => ({
      actions: [{ key, action, label: "", facts: [] }],
    }));
    const turns = await bookedTurns(bench.parts, bundles);
    const now = bench.now().getTime();
    assert.deepEqual(
      [...turns].map(([key, at]) => [key, at.getTime() - now]),
      [
        ["a", 31_000],
        ["b", 31_000],
        ["c", 60_000],
      ],
    );
    bench.connect(chat);
  });
});
