/** Transactions that meet: they wait for each other in one order, and none loses what another wrote. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { setPause, currentPause } from "#store/effects/pause.ts";
import { claimLease } from "#store/conversations/lease.ts";
import { loadSnapshot } from "#jobs/conversation/snapshot.ts";
import { EMPTY_PLAN, type Plan, type PlannedBundle } from "#jobs/plan/plan.ts";
import { saveTurn } from "#jobs/turn/save-turn.ts";
import { changesSince } from "#jobs/conversation/changes.ts";
import { type Transaction } from "#store/db/database.ts";
import { postgresMissing } from "#test/support/postgres.ts";
import { arrival, until } from "#test/support/waiting.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { type JobBench } from "#test/jobs/bench-contract.ts";
import { refundOf, replying, smallRefunds } from "#test/jobs/turn-results.ts";

const LIMIT = smallRefunds("all", 100);

/** A bundle that policy approved and that books a limit. */
function bundleOf(...orders: readonly string[]): PlannedBundle {
  const actions = orders.map((orderId) => refundOf(500, { orderId }).planned);
  return {
    actions,
    approvedBy: "policy",
    forThisRevision: true,
    reservations: actions.map(({ key }, index) => ({
      key,
      reservations: [{ ...LIMIT, limit: `limit_${orders[index]}` }, LIMIT],
    })),
  };
}

/** Writes a plan as a turn of its own would, in its own transaction. */
async function write(
  bench: JobBench,
  conversationId: string,
  plan: Partial<Plan>,
  before: (transaction: Transaction) => Promise<void> = async () => undefined,
): Promise<void> {
  const { parts } = bench;
  const { lease, view } = await parts.store.run(async (transaction) => ({
    lease: await claimLease(transaction, { conversationId, owner: "w", leaseMs: 60_000 }),
    view: await loadSnapshot(transaction, conversationId, bench.now()),
  }));
  assert.ok(lease && view);
  const gathered = { read: [], failed: [], resolved: [] };
  const situation = changesSince(view, gathered);
  await parts.store.run(async (transaction) => {
    await before(transaction);
    await saveTurn(parts, transaction, {
      lease,
      snapshot: view,
      read: [],
      changes: situation,
      plan: { ...EMPTY_PLAN, ...plan },
      atOnce: null,
      turns: new Map(),
    });
  });
}

onDesk("at the same moment", (bench) => {
  const conversations = async (count: number): Promise<readonly string[]> => {
    const ids = Array.from({ length: count }, (_, index) => `c${index}`);
    for (const id of ids)
      await bench.execute(
        sql`insert into conversation (id, channel, created_at, updated_at) values (${id}, 'email', now(), now())`,
      );
    return ids;
  };

  /** How many transactions wait for a lock. */
  const waiting = async (): Promise<number> => {
    const locks = await bench.column(
      sql`select l.pid from pg_locks l join pg_database d on d.oid = l.database
            where d.datname = current_database() and not l.granted`,
    );
    return locks.length;
  };

  test(
    "a turn that posts a card and books a limit, and one that only books it, do not wait for each other",
    { skip: postgresMissing },
    async () => {
      bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
      const id = await bench.write("Please refund order 789");
      const [other = ""] = await conversations(1);
      // What both write last is locked, so that both wait there; the one that holds more than it needs blocks the other.
      const held = Promise.withResolvers<void>();
      const holding = Promise.withResolvers<void>();
      const holder = bench.parts.store.run(async (transaction) => {
        await transaction.execute(sql`lock table audit_pending in exclusive mode`);
        holding.resolve();
        await held.promise;
      });
      await arrival("the work that is held", holding.promise);
      const first = write(bench, id, { voids: "out of date", bundles: [bundleOf("123")] });
      while ((await waiting()) < 1) await delay(10);
      const second = write(bench, other, { bundles: [bundleOf("456")] });
      while ((await waiting()) < 2) await delay(10);
      held.resolve();
      await holder;
      const ended = await Promise.allSettled([first, second]);
      assert.deepEqual(
        ended.map(({ status }) => status),
        ["fulfilled", "fulfilled"],
      );
    },
  );

  test("bundles that book the same limits in opposite orders do not block each other", async () => {
    const ids = await conversations(12);
    const ended = await Promise.allSettled(
      ids.map((id, index) =>
        write(bench, id, {
          bundles: [
            index % 2 === 0
              ? withKeys(bundleOf("123", "456"), id)
              : withKeys(bundleOf("456", "123"), id),
          ],
        }),
      ),
    );
    assert.deepEqual(
      ended.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : [])),
      [],
    );
  });

  test("of turns that want the last of a limit one books it, and the others are thought again", async () => {
    const last = { ...LIMIT, countMax: 1 };
    const ids = await conversations(3);
    const ended = await Promise.allSettled(
      ids.map((id) => {
        const bundle = withKeys(bundleOf("123"), id);
        const reservations = bundle.reservations.map((one) => ({ ...one, reservations: [last] }));
        return write(bench, id, { bundles: [{ ...bundle, reservations }] });
      }),
    );
    const refused = ended.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
    assert.equal(refused.length, 2);
    for (const reason of refused) assert.match(reason, /a limit is used up/);
  });

  test("a turn written after a click had handed the conversation over is thought again", async () => {
    const [id = ""] = await conversations(1);
    await assert.rejects(
      write(bench, id, { bundles: [bundleOf("123")] }, async (transaction) => {
        await transaction.execute(sql`update conversation set owner = 'human' where id = ${id}`);
      }),
      /changed hands/,
    );
  });

  test(
    "what is due waits for a pause that is just being written, and is held by it",
    { skip: postgresMissing },
    async () => {
      bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
      const id = await bench.write("Please refund order 789");
      await bench.press("approve", id);
      bench.skip(60_000);
      const [written, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const pausing = bench.parts.store.run(async (transaction) => {
        const change = { scope: "all", paused: true, by: "sam", auditedAs: "p:sam" } as const;
        await setPause(transaction, change, bench.now());
        written.resolve();
        await ended.promise;
      });
      await arrival("the line that is written", written.promise);
      const due = bench.tick();
      await until(
        "the refund to wait or to go out",
        async () => bench.left.length > 0 || (await waiting()) > 0,
      );
      ended.resolve();
      await Promise.all([pausing, due]);
      assert.deepEqual(bench.left, []);
    },
  );

  test("of many who pause and resume channels at once every one counts", async () => {
    const channels = ["email", "zendesk", "chat", "slack"] as const;
    for (const paused of [true, false, true]) {
      await Promise.all(channels.map((scope) => bench.pause(scope, paused)));
      const pause = await bench.parts.store.run(currentPause);
      assert.deepEqual(pause.channels.toSorted(), paused ? channels.toSorted() : []);
    }
  });
});

/** The same bundle under keys of its own, so that only its limits meet those of others. */
function withKeys(bundle: PlannedBundle, name: string): PlannedBundle {
  return {
    ...bundle,
    actions: bundle.actions.map((action) => ({ ...action, key: `${action.key}:${name}` })),
    reservations: bundle.reservations.map((one) => ({ ...one, key: `${one.key}:${name}` })),
  };
}
