/** One worker at a time on a conversation, by the database's clock; a worker that was overtaken writes nothing more. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { DeskhandError } from "#core/values/errors.ts";
import {
  claimLease,
  extendLease,
  handBackLeases,
  releaseAllLeases,
  releaseLease,
  requireLease,
  type Lease,
} from "#store/conversations/lease.ts";
import { takeConversationsToWake } from "#store/conversations/due-work.ts";
import { intend } from "#store/effects/intend.ts";
import {
  acceptOne,
  hintOf,
  later,
  NOW,
  onEveryDatabase,
  plannedRefund,
  type StoreBench,
  intakeOptions,
  intentionIn,
} from "#test/store/bench.ts";

const LONG_MS = 60_000;

function claim(
  bench: StoreBench,
  conversationId: string,
  owner: string,
  leaseMs = LONG_MS,
): Promise<Lease | null> {
  return bench.run(claimLease, { conversationId, owner, leaseMs });
}

async function claimed(bench: StoreBench, conversationId: string, owner: string): Promise<Lease> {
  const lease = await claim(bench, conversationId, owner);
  assert.ok(lease, `${owner} did not get the lease`);
  return lease;
}

/** As if so long had passed on the database's clock. */
function age(bench: StoreBench, conversationId: string): Promise<void> {
  return bench.execute(
    sql`update conversation set lease_until = lease_until - interval '2 minutes' where id = ${conversationId}`,
  );
}

const isFenced = (error: unknown): boolean =>
  error instanceof DeskhandError && error.code === "store.fenced";

onEveryDatabase("leases", (bench) => {
  test("a free conversation is taken by one and refused to all others", async () => {
    const conversation = await bench.conversation();
    const lease = await claimed(bench, conversation, "one");
    assert.deepEqual(lease, {
      conversationId: conversation,
      owner: "one",
      fence: 1,
      unfinished: 0,
      failed: 0,
    });
    assert.equal(await claim(bench, conversation, "two"), null);
    assert.equal(await claim(bench, conversation, "one"), null, "not even to its own holder again");
  });

  test("of many who ask at once one gets it", async () => {
    const conversation = await bench.conversation();
    const claims = await Promise.all(
      Array.from({ length: 12 }, (_, index) => claim(bench, conversation, `worker ${index}`)),
    );
    assert.equal(claims.filter((lease) => lease !== null).length, 1);
  });

  test("a lease that has run out by the database's clock goes to the next, with a larger fence", async () => {
    const conversation = await bench.conversation();
    const first = await claimed(bench, conversation, "one");
    await age(bench, conversation);
    const second = await claimed(bench, conversation, "two");
    assert.ok(second.fence > first.fence);
  });

  test("prolonging sets the end anew, counted from now", async () => {
    const conversation = await bench.conversation();
    const lease = await claimed(bench, conversation, "one");
    await age(bench, conversation);
    await bench.run(extendLease, lease, LONG_MS);
    assert.equal(await claim(bench, conversation, "two"), null);
  });

  test("who was overtaken is refused every write, its prolonging included", async () => {
    const conversation = await bench.conversation();
    const first = await claimed(bench, conversation, "one");
    await age(bench, conversation);
    const second = await claimed(bench, conversation, "two");
    const writeAs = (lease: Lease) =>
      bench.run(async (transaction) => {
        await requireLease(transaction, lease);
        await transaction.execute(
          sql`update conversation set subject = ${lease.owner} where id = ${conversation}`,
        );
      });
    await assert.rejects(writeAs(first), isFenced);
    await assert.rejects(bench.run(extendLease, first, LONG_MS), isFenced);
    await writeAs(second);
    assert.equal(
      await bench.count(
        sql`select count(*) from conversation where id = ${conversation} and subject = 'two'`,
      ),
      1,
    );
  });

  test("a conversation that is gone is no one's to write", async () => {
    const lease = { conversationId: "no such conversation", owner: "one", fence: 1 };
    await assert.rejects(bench.run(requireLease, lease), isFenced);
  });

  test("giving back frees one's own lease and never the next holder's", async () => {
    const conversation = await bench.conversation();
    const first = await claimed(bench, conversation, "one");
    await age(bench, conversation);
    await claimed(bench, conversation, "two");
    await bench.run(releaseLease, first);
    assert.equal(await claim(bench, conversation, "three"), null);

    const other = await bench.conversation();
    const own = await claimed(bench, other, "one");
    await bench.run(releaseLease, own);
    assert.equal((await claimed(bench, other, "two")).fence, 2);
  });

  test("a process that starts again frees what it held before, and nothing of others", async () => {
    const [mine, theirs] = [await bench.conversation(), await bench.conversation()];
    const [me, them] = [bench.id("worker"), bench.id("worker")];
    await claimed(bench, mine, me);
    await claimed(bench, theirs, them);
    await bench.run(releaseAllLeases, me);
    await claimed(bench, mine, "next");
    assert.equal(await claim(bench, theirs, "next"), null);
  });

  test("a process that ends hands back what no other process could disturb, and says what", async () => {
    const [idle, busy, theirs] = [
      await bench.conversation(),
      await bench.conversation(),
      await bench.conversation(),
    ];
    const me = bench.id("worker");
    const given = await claimed(bench, idle, me);
    await claimed(bench, busy, me);
    await claimed(bench, theirs, bench.id("worker"));
    await bench.run(intend, [plannedRefund(bench.id("refund"))], refundIn(bench, busy));
    await bench.execute(sql`update effect set state = 'executing' where conversation_id = ${busy}`);
    const freed = await bench.run(handBackLeases, me);
    assert.deepEqual(freed, [idle]);
    await assert.rejects(bench.run(requireLease, given), isFenced);
    await claimed(bench, idle, "next");
    assert.equal(await claim(bench, busy, "next"), null, "its call may still be on its way");
    assert.equal(await claim(bench, theirs, "next"), null);
  });

  test("intake does not wait for a worker that is about to commit", async () => {
    const key = bench.id("key");
    const { conversationId } = await bench.run(
      acceptOne,
      hintOf(bench.id("event"), [key]),
      intakeOptions(bench),
    );
    const lease = await claimed(bench, conversationId, "one");
    if (bench.kind === "pglite") return; // One connection: everything waits for everything there.
    await bench.run(async (transaction) => {
      await requireLease(transaction, lease);
      const taken = await bench.run(
        acceptOne,
        hintOf(bench.id("event"), [key, bench.id("key")]),
        intakeOptions(bench),
      );
      assert.equal(taken.known, false);
    });
  });

  wakeUps(bench);
});

function refundIn(bench: StoreBench, conversationId: string) {
  return intentionIn(bench, conversationId, { notBefore: later(5_000) });
}

/** Which conversations have something to do and no worker. */
function wakeUps(bench: StoreBench): void {
  const waiting = async (olderThan: Date, now = NOW): Promise<ReadonlySet<string>> =>
    new Set(
      await bench.run(takeConversationsToWake, {
        now,
        mailBefore: olderThan,
        dueBefore: now,
        rungBefore: later(10 * LONG_MS),
        limit: 1_000,
      }),
    );

  async function withMail(): Promise<string> {
    const { conversationId } = await bench.run(
      acceptOne,
      hintOf(bench.id("event"), [bench.id("key")]),
      intakeOptions(bench),
    );
    return conversationId;
  }

  test("unread mail of a certain age wakes its conversation", async () => {
    const conversation = await withMail();
    assert.equal((await waiting(later(-1))).has(conversation), false, "too young");
    assert.equal((await waiting(NOW)).has(conversation), true);
  });

  test("no worker is woken while another works there, and again once that lease has run out", async () => {
    const conversation = await withMail();
    await claimed(bench, conversation, "one");
    assert.equal((await waiting(NOW)).has(conversation), false);
    await age(bench, conversation);
    assert.equal((await waiting(NOW)).has(conversation), true);
  });

  test("a retry wakes when its time has come, and holds back mail until then", async () => {
    const conversation = await withMail();
    await bench.execute(
      sql`update conversation set wake_at = ${later(5_000).toISOString()} where id = ${conversation}`,
    );
    assert.equal((await waiting(NOW)).has(conversation), false);
    assert.equal((await waiting(later(-1), later(5_000))).has(conversation), true);
  });

  test("an effect wakes when it is due, and no more once it is settled", async () => {
    const [conversation, key] = [await bench.conversation(), bench.id("refund")];
    await bench.run(intend, [plannedRefund(key)], refundIn(bench, conversation));
    assert.equal((await waiting(NOW)).has(conversation), false);
    assert.equal((await waiting(NOW, later(5_000))).has(conversation), true);
    for (const [state, due] of [
      ["executing", true],
      ["unknown", false],
      ["done", false],
    ] as const) {
      await bench.execute(sql`update effect set state = ${state} where key = ${key}`);
      assert.equal((await waiting(NOW, later(5_000))).has(conversation), due, state);
    }
  });

  test("an effect wakes no worker while an earlier one in its bundle is not done", async () => {
    const [conversation, first, second] = [
      await bench.conversation(),
      bench.id("refund"),
      bench.id("refund"),
    ];
    const intention = refundIn(bench, conversation);
    await bench.run(intend, [plannedRefund(first), plannedRefund(second)], intention);
    const due = async (): Promise<boolean> => (await waiting(NOW, later(5_000))).has(conversation);
    assert.equal(await due(), true, "the first");
    await bench.execute(
      sql`update effect set not_before = ${later(60_000).toISOString()} where key = ${first}`,
    );
    for (const [state, isDue] of [
      ["intended", false],
      ["executing", false],
      ["unknown", false],
      ["done", true],
    ] as const) {
      await bench.execute(sql`update effect set state = ${state} where key = ${first}`);
      assert.equal(await due(), isDue, state);
    }
  });
}
