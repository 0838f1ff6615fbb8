/** Refunds and replies in doubt: done by hand meanwhile, asked for twice, stopped, away, or with an unknown result. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { refundKey } from "#core/values/action.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { inFlightEffectLines } from "#jobs/effects/give-up.ts";
import { intake } from "#jobs/intake.ts";
import { setPause } from "#store/effects/pause.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { effectByKey, type Effect } from "#store/effects/ledger.ts";
import { onDesk } from "#test/jobs/bench.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { letterFrom, memoryTarget } from "#test/jobs/memory-ports.ts";
import { refundOfOrder, replying } from "#test/jobs/turn-results.ts";

const MINUTE = 60_000;

/** A refund of the order as it is now. */
const refundNow = ({ shop }: JobBench, minor: number, verdict: "allow" | "ask") =>
  refundOfOrder(shop, minor, verdict === "allow" ? { decision: { verdict } } : {});

/** The agent refunds this much from now on; what policy allows needs no person. */
async function refunding(bench: JobBench, minor: number, verdict: "allow" | "ask"): Promise<void> {
  const actions = [await refundNow(bench, minor, verdict)];
  const sum = `${(minor / 100).toFixed(2)} USD.`;
  bench.answer(() =>
    verdict === "ask"
      ? replying(`We refund ${sum}`, { actions })
      : replying(`We have refunded ${sum}`, { actions, actionsAlone: true }),
  );
}

const refunds = (bench: JobBench) => bench.made("refund").map(({ key }) => key);

async function effectOf(bench: JobBench, key: string): Promise<Effect> {
  const found = await bench.at(effectByKey, key);
  assert.ok(found, `there is no effect ${key}`);
  return found;
}

onDesk("a refund done by hand", (bench) => {
  test("between the click and its start voids the approval, and the fresh card says what changed", async () => {
    await refunding(bench, 12_000, "ask");
    const id = await bench.write("Please refund order 789");
    const clicked = await bench.pending(id);
    assert.match((await bench.press("approve", id)).message, /^$/);
    bench.shop.refund("789", 2_500);
    await refunding(bench, 9_500, "ask");
    await bench.pass(MINUTE);
    assert.deepEqual(refunds(bench), []);
    assert.deepEqual(bench.replies(), []);
    const cards = [...bench.cards.values()];
    assert.match(
      cards.find(({ approvalId }) => approvalId === clicked?.id)?.closing ?? "",
      /25\.00 USD of order 789 was refunded meanwhile/,
    );
    const fresh = await bench.pending(id);
    assert.notEqual(fresh?.id, clicked?.id);
    assert.equal(fresh?.proposal?.actions[0]?.key, refundKey("789", 1));
  });
});

onDesk("the same refund", (bench) => {
  test("asked for by mail and by chat at the same moment is one refund", async () => {
    const action = await refundNow(bench, 500, "allow");
    // Once it is booked, a lookup sees it.
    bench.answer(() =>
      refunds(bench).length > 0
        ? replying("Order 789 has been refunded, 5.00 USD.")
        : replying("We have refunded 5.00 USD.", { actions: [action], actionsAlone: true }),
    );
    const ids: string[] = [];
    for (const channel of ["email", "chat"] as const) {
      const source = bench.channel(channel);
      const sentAt = new Date(bench.now().getTime() - MINUTE);
      const message = letterFrom(`m:${channel}`, "Please refund order 789", sentAt);
      const body = new TextEncoder().encode(JSON.stringify({ thread: channel, message }));
      const delivery = { source: "bench", headers: {}, body, receivedAt: sentAt };
      ids.push(...(await intake(bench.parts, source, delivery)).conversationIds);
    }
    await Promise.all(ids.map((id) => processConversation(bench.parts, id)));
    await bench.passes(3, MINUTE);
    assert.deepEqual(refunds(bench), [refundKey("789", 0)]);
  });

  test("in parts, one after the other, is as many refunds as were asked for", async () => {
    for (const [count, thread] of ["t1", "t2"].entries()) {
      await refunding(bench, 500, "allow");
      const asked = await bench.write("Please refund 5.00 of order 789", {
        thread,
        channel: "chat",
      });
      // What went back before makes a person look at the second.
      if (count > 0) {
        assert.equal(refunds(bench).length, count);
        await bench.press("approve", asked);
      }
      assert.equal(refunds(bench).length, count + 1);
      bench.shop.refund("789", 500);
    }
    assert.deepEqual(refunds(bench), [refundKey("789", 0), refundKey("789", 1)]);
    assert.equal(bench.replies().length, 2);
  });
});

onDesk("a pause with a refund in flight", (bench) => {
  test("lists it, keeps its reply back, and sends that when it is over", async () => {
    await refunding(bench, 500, "allow");
    const listed: string[] = [];
    const pause = (paused: boolean) =>
      bench.parts.store.run(async (transaction) => {
        const change = { scope: "all", paused, by: "sam", auditedAs: "p:sam" } as const;
        await setPause(transaction, change, bench.now());
        return inFlightEffectLines(transaction);
      });
    const usual = memoryTarget("shop", bench);
    bench.replace({
      ...usual,
      async commit(given, key) {
        listed.push(...(await pause(true)));
        return usual.commit(given, key);
      },
    });
    const id = await bench.write("Please refund order 789", { channel: "chat" });
    assert.deepEqual(listed, [`refund of 5.00 USD on order 789 (shop), conversation ${id}`]);
    assert.equal(refunds(bench).length, 1);
    assert.deepEqual(bench.replies(), []);
    await bench.pass(MINUTE);
    assert.deepEqual(bench.replies(), []);
    assert.deepEqual(await pause(false), []);
    await bench.pass(MINUTE);
    assert.equal(bench.replies().length, 1);
  });

  test("stops one that would have begun with its turn", async () => {
    await refunding(bench, 500, "allow");
    await bench.pause("chat");
    await bench.write("Please refund order 789", { channel: "chat" });
    assert.deepEqual(refunds(bench), []);
    assert.equal((await effectOf(bench, refundKey("789", 0))).state, "intended");
  });
});

onDesk("a shop that is down", (bench) => {
  const waiting = () => bench.alerts(/A refund waits: for/);
  beforeEach(async () => {
    await refunding(bench, 12_000, "ask");
    const id = await bench.write("Please refund order 789");
    await bench.press("approve", id);
    bench.shop.goDown();
  });

  test("for a while keeps an approved refund waiting, tells the team once, and does it once when it is back", async () => {
    await bench.passes(20, MINUTE);
    assert.equal(waiting().length, 1);
    assert.deepEqual(refunds(bench), []);
    bench.shop.comeBack();
    await bench.passes(2, MINUTE);
    assert.deepEqual(refunds(bench), [refundKey("789", 0)]);
    assert.equal(bench.replies().length, 1);
    assert.equal(waiting().length, 1);
  });

  test("for an hour hands it to people when the policy's time is over, and does it never", async () => {
    await bench.passes(60, MINUTE);
    assert.equal(waiting().length, 1);
    bench.shop.comeBack();
    await bench.passes(5, MINUTE);
    assert.deepEqual(refunds(bench), []);
    assert.deepEqual(bench.replies(), []);
    const effect = await effectOf(bench, refundKey("789", 0));
    assert.equal(effect.state, "failed");
    assert.match(effect.error ?? "", /shop was away for 3\d minutes/);
    assert.equal(bench.alerts(/A refund failed/).length, 1);
  });
});

onDesk("an effect left alone for hours", (bench) => {
  test("has not been away for all that time: its waiting begins anew", async () => {
    await refunding(bench, 12_000, "ask");
    const id = await bench.write("Please refund order 789");
    await bench.press("approve", id);
    bench.shop.goDown();
    await bench.passes(2, MINUTE);
    await bench.pass(5 * 60 * MINUTE);
    assert.equal((await effectOf(bench, refundKey("789", 0))).state, "intended");
    bench.shop.comeBack();
    await bench.pass(MINUTE);
    assert.deepEqual(refunds(bench), [refundKey("789", 0)]);
  });
});

onDesk("a call that is not made because its provider is being left alone", (bench) => {
  test("uses up none of the tries, and is not made again before the time it says", async () => {
    const tries = { count: 0, leftAlone: true };
    bench.faults.commit = ({ action }) => {
      if (action.operation !== "reply") return;
      tries.count += 1;
      if (!tries.leftAlone) return;
      throw new DeskhandError("channel.unavailable", "chat failed several times in a row", {
        retryAfterMs: 40_000,
        notTried: true,
      });
    };
    const id = await bench.write("Hello", { channel: "chat" });
    await bench.pass(39_000);
    assert.equal(tries.count, 1);
    await bench.passes(25, 61_000);
    assert.equal(tries.count, 26);
    const [reply] = await bench.open(id);
    assert.deepEqual([reply?.state, reply?.attempts], ["intended", 0]);
    tries.leftAlone = false;
    await bench.passes(2, MINUTE);
    assert.equal(bench.replies().length, 1);
  });
});

onDesk("what may wait until a result is recorded", (bench) => {
  test("follows the commit that records it, and also one that failed, so that the copy tells of it", async () => {
    const seen: (readonly [string, boolean])[] = [];
    bench.replace({
      ...memoryTarget("email", bench),
      commit: async (_action, key) => ({
        ref: "sent",
        conversationKeys: [],
        afterwards: async (isRecorded: boolean) =>
          void seen.push([(await effectOf(bench, key)).state, isRecorded]),
      }),
    });
    bench.answer(() => replying("Thank you."));
    await bench.press("approve", await bench.write("Hello"));
    await bench.pass(MINUTE);
    assert.deepEqual(seen, [["done", true]]);
    const id = await bench.write("And another thing");
    await bench.press("approve", id);
    const { store } = bench.parts;
    const database = { isAway: false };
    const run: typeof store.run = async (work, ...given) => {
      if (!database.isAway) return store.run(work, ...given);
      database.isAway = false;
      throw new DeskhandError("store.unavailable", "the database is away");
    };
    const crashPoint = (name: string): void => {
      database.isAway ||= name === "effect:committed:reply";
    };
    const parts = Object.defineProperties(
      { ...bench.parts },
      {
        ...Object.getOwnPropertyDescriptors(bench.parts),
        store: { value: { ...store, run } },
        crashPoint: { value: crashPoint },
      },
    );
    bench.skip(MINUTE);
    await processConversation(parts, id);
    assert.deepEqual(seen, [
      ["done", true],
      ["executing", false],
    ]);
  });

  test("is over before the next effect begins, so that nothing stands begun meanwhile", async () => {
    await refunding(bench, 500, "allow");
    const begun: string[] = [];
    const usual = memoryTarget("shop", bench);
    bench.replace({
      ...usual,
      commit: async (action, key) => ({
        ...(await usual.commit(action, key)),
        afterwards: async () =>
          void begun.push(...(await bench.parts.store.run(inFlightEffectLines))),
      }),
    });
    await bench.write("Please refund order 789", { channel: "chat" });
    assert.deepEqual(begun, []);
    assert.equal(bench.replies().length, 1);
  });
});

onDesk("a reply with an unknown result", (bench) => {
  test("is held for a person, counts as escalated, and the alert says what to look for", async () => {
    const usual = memoryTarget("email", bench);
    bench.replace({
      ...usual,
      commit: async () => {
        throw new DeskhandError("channel.uncertain", "no answer after the mail was handed over");
      },
      find: async () => ({ state: "unknowable", reason: "Sent has no copy of it" }),
    });
    bench.answer(() => replying("Thank you."));
    const id = await bench.write("Hello");
    await bench.press("approve", id);
    await bench.passes(3, MINUTE);
    assert.match(await bench.outcome(id), /^escalated: reply unknown: Sent has no copy of it/);
    const told = bench.alerts(/whether a reply happened/);
    assert.equal(told.length, 1);
    assert.match(
      told[0]?.text ?? "",
      /look whether there is this: reply to ann@customer\.test \(email\)/,
    );
  });
});
