/** The order of answers, what an outage or a pause costs, and audit entries that wait to be sealed. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import type { TurnInput, TurnResult } from "#core/contracts/agent.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { away, refundedAlone, refundOf, replying } from "#test/jobs/turn-results.ts";
import { type Notifier, startReconciler } from "#jobs/worker/reconciler.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { verifyAudit } from "#store/audit/audit-log.ts";
import { SEALED_AT_ONCE } from "#gate/kernel/chain.ts";
import { sealAudit } from "#store/audit/pending-entries.ts";
import { sql } from "#store/db/drizzle.ts";
import { until } from "#test/support/waiting.ts";
import { recordAudit } from "#test/support/stored-rows.ts";

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

const SECOND = 1_000;

const ORDERS = ["456", "789", "790"];

/** Lets so many seconds pass with the reconciler at work in each; gives how often it woke a conversation. */
async function wakesIn(bench: JobBench, seconds: number): Promise<number> {
  let wakes = 0;
  for (let second = 0; second < seconds; second += 1) {
    bench.skip(SECOND);
    const woken: string[] = [];
    await startReconciler(bench.parts, {
      wakeAnyway: async (id) => void woken.push(id),
      oldestMs: async () => 0,
    }).stop();
    wakes += woken.length;
    for (const id of woken) await processConversation(bench.parts, id);
  }
  return wakes;
}

onDesk("wakes", (bench) => {
  const tries: string[] = [];
  const shopIsAway = { now: true };
  beforeEach(() => {
    tries.splice(0);
    shopIsAway.now = true;
    bench.rule({ quietMs: () => 0 });
    bench.faults.commit = ({ target, key }) => {
      if (target !== "shop") return;
      tries.push(key);
      if (shopIsAway.now) away();
    };
  });

  test("while a shop is away each try costs one wake, although a reply waits behind each refund", async () => {
    for (const orderId of ORDERS) {
      bench.answer(() => refundedAlone({ orderId }));
      await bench.write(`Please refund order ${orderId}`, { thread: orderId });
    }
    const before = tries.length;
    const wakes = await wakesIn(bench, 40);
    assert.ok(tries.length - before >= ORDERS.length * 3, `${tries.length} tries`);
    assert.ok(wakes <= tries.length - before, `${wakes} wakes for ${tries.length - before} tries`);
    shopIsAway.now = false;
    await wakesIn(bench, 35);
    assert.equal(bench.replies().length, ORDERS.length);
  });

  test("a pause wakes nothing, and taking it back wakes what it held at once", async () => {
    shopIsAway.now = false;
    for (const orderId of ORDERS) {
      bench.answer(() =>
        replying("We refund 120.00 USD.", { actions: [refundOf(12_000, { orderId })] }),
      );
      const id = await bench.write(`Refund order ${orderId}`, { thread: orderId });
      await bench.press("approve", id);
    }
    await bench.pause("all");
    await wakesIn(bench, 25);
    assert.ok((await wakesIn(bench, 20)) <= ORDERS.length);
    assert.deepEqual(tries, []);
    await bench.pause("all", false);
    await wakesIn(bench, 5);
    assert.equal(tries.length, ORDERS.length);
  });

  test("while a source cannot show what the customer wrote, what was approved before waits with it", async () => {
    shopIsAway.now = false;
    const email = bench.channel("email");
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    const id = await bench.write("Refund order 789");
    await bench.press("approve", id);
    const looks: number[] = [];
    bench.connect({
      ...email,
      resolve: async () => {
        looks.push(bench.now().getTime());
        throw new DeskhandError("channel.unavailable", "the source answers 503");
      },
    });
    await bench.write("And one more thing", { key: "later" });
    await wakesIn(bench, 25);
    const before = looks.length;
    const wakes = await wakesIn(bench, 40);
    assert.ok(looks.length > before);
    assert.ok(wakes <= looks.length - before, `${wakes} wakes for ${looks.length - before} looks`);
    assert.deepEqual(tries, []);
  });
});

const queue: Notifier = { wakeAnyway: async () => undefined, oldestMs: async () => 0 };

const record = (bench: JobBench, ...keys: readonly string[]): Promise<void> =>
  bench.at(
    recordAudit,
    keys.map((key) => ({ kind: "done", data: { key } })),
    bench.now(),
  );

const verify = ({ parts }: JobBench) => parts.store.run(verifyAudit);

onDesk("entries that wait for their place in the audit", (bench) => {
  test("are sealed by the leader, those of the next second as well", async () => {
    const before = await verify(bench);
    await record(bench, "one", "two");
    const reconciler = startReconciler(bench.parts, queue);
    try {
      for (const keys of [["three"], ["four", "five"]]) {
        await until("the seal", async () => (await verify(bench)).waiting === 0);
        await record(bench, ...keys);
      }
      await until("the last seal", async () => (await verify(bench)).waiting === 0);
    } finally {
      await reconciler.stop();
    }
    const after = await verify(bench);
    assert.deepEqual([after.entries - before.entries, after.brokenAt], [5, null]);
  });

  test("are all sealed with one tick, also when they are more than one batch", async () => {
    const keys = Array.from({ length: SEALED_AT_ONCE + 20 }, (_, index) => `entry ${index}`);
    const before = await verify(bench);
    await record(bench, ...keys);
    await startReconciler(bench.parts, queue).stop();
    const after = await verify(bench);
    assert.deepEqual(
      [after.entries - before.entries, after.waiting, after.brokenAt],
      [keys.length, 0, null],
    );
  });

  test("are left to the leader by every other process", async () => {
    await bench.execute(sql`insert into duty (name, holder, until)
            values ('reconciler', 'another process', now() + interval '1 minute')
            on conflict (name) do update set holder = excluded.holder, until = excluded.until`);
    await record(bench, "one");
    const rounds = { begun: 0 };
    const clock = {
      now: () => {
        rounds.begun += 1;
        return bench.parts.clock.now();
      },
    };
    const reconciler = startReconciler({ ...bench.parts, clock }, queue);
    await until("a round to be over and another one to begin", async () => rounds.begun > 1);
    await reconciler.stop();
    assert.equal((await verify(bench)).waiting, 1);
    assert.equal(await sealAudit(bench.parts.store), 1);
  });

  test("that cannot be sealed now hold up nothing else, and are sealed a second after they can", async () => {
    await record(bench, "one");
    const waits = sql`alter table audit rename to audit_away`;
    const again = sql`alter table audit_away rename to audit`;
    const run = (statement: typeof waits) => bench.execute(statement);
    const ticks = { count: 0 };
    const counting: Notifier = {
      ...queue,
      oldestMs: async () => {
        ticks.count += 1;
        return 0;
      },
    };
    // Mail that waits is looked at with every tick.
    await run(sql`with opened as (
      insert into conversation (id, channel, created_at, updated_at) values ('waits', 'email', now(), now()) returning id)
      insert into hint (channel, event_id, conversation_id, kind, payload, received_at)
      select 'email', 'waits', id, 'message', '{}', now() from opened`);
    await run(waits);
    const reconciler = startReconciler(bench.parts, counting);
    try {
      await until("three ticks", async () => ticks.count >= 3);
      await run(again);
      await until("the seal", async () => (await verify(bench)).waiting === 0);
    } finally {
      await reconciler.stop();
    }
  });
});
