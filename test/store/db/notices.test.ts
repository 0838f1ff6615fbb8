/** Notices of the database: heard when the change is committed, missed for a while without a connection, never waited for. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { databaseNotices, type Store, type Transaction } from "#store/db/database.ts";
import {
  insertPolicyChange,
  takeStalePolicyCards,
  updatePolicyChange,
} from "#store/policy/policy-changes.ts";
import { dueSteps } from "#store/schedule/due-steps.ts";
import { DATABASES, type DatabaseKind } from "#test/support/deskhand.ts";
import { pgbouncerMissing, startPgbouncer } from "#test/support/pgbouncer.ts";
import { postgresMissing } from "#test/support/postgres.ts";
import { startTcpProxy } from "#test/support/loopback.ts";
import { until } from "#test/support/waiting.ts";
import { migratedDatabase, NOW, policyRow, storeAt } from "#test/store/bench.ts";

async function opened(context: TestContext, kind: DatabaseKind) {
  const database = await migratedDatabase(kind);
  context.after(() => database.close());
  return database;
}

function hearing(store: Store) {
  const heard: (string | null)[] = [];
  const stop = databaseNotices(store).follow("policy", (text) => heard.push(text));
  return { heard, stop };
}

const change = (store: Store, id: string, state: "active" | "rejected") =>
  store.run((transaction) => insertPolicyChange(transaction, policyRow(id, { state }), true));

const lead = (store: Store) =>
  dueSteps(store, { name: "l", holder: "one", forMs: 3_000, now: NOW, settings: [] });

for (const kind of DATABASES)
  test(`a change of the policy is heard, but not its posting or what was undone, on ${kind}`, async (context) => {
    const { store, databaseUrl } = await opened(context, kind);
    const listener = databaseUrl === null ? store : await storeAt(context, databaseUrl);
    const { heard, stop } = hearing(listener);
    await until("the listening to begin", async () => heard.length === 1);
    const began = performance.now();
    await change(store, "p1", "active");
    await until("the notice", async () => heard.length === 2);
    assert.deepEqual(heard, [null, ""]);
    assert.ok(databaseNotices(listener).silentMs() <= performance.now() - began);
    await store.run((transaction) => takeStalePolicyCards(transaction, NOW));
    const end = (transaction: Transaction) =>
      updatePolicyChange(transaction, { id: "p1", revision: 1 }, { state: "superseded" });
    await assert.rejects(
      store.run(async (transaction) => {
        assert.ok(await end(transaction));
        throw new Error("undone");
      }),
      /undone/,
    );
    assert.ok(await store.run(end));
    await until("the next notice", async () => heard.length === 3);
    stop();
    const other = hearing(listener);
    await change(store, "p2", "active");
    await until("another follower to hear it", async () => other.heard.length === 1);
    assert.deepEqual(heard, [null, "", ""]);
  });

test(
  "a lost connection counts as silence at once, and is made again",
  { skip: postgresMissing },
  async (context) => {
    const { store, databaseUrl } = await opened(context, "postgres");
    const proxy = await startTcpProxy(databaseUrl ?? "");
    context.after(() => proxy.close());
    const cutOff = await storeAt(context, proxy.url(databaseUrl ?? ""));
    const { heard } = hearing(cutOff);
    await until("the listening to begin", async () => heard.length === 1);
    await lead(store);
    await until(
      "the leader to be heard",
      async () => databaseNotices(cutOff).silentMs() < Infinity,
    );
    await proxy.shut();
    await until("silence", async () => databaseNotices(cutOff).silentMs() === Infinity);
    await change(store, "p1", "active");
    await proxy.open();
    await until("the listening to begin again", async () => heard.length === 2);
    assert.deepEqual(heard, [null, null], "the gap is told, since something was missed in it");
    await change(store, "p2", "rejected");
    await until("a notice", async () => heard.length === 3);
  },
);

test(
  "behind a pooler nothing is heard, and this is known",
  { skip: pgbouncerMissing || postgresMissing },
  async (context) => {
    const { store, databaseUrl } = await opened(context, "postgres");
    const pooler = await startPgbouncer(databaseUrl ?? "");
    context.after(() => pooler.stop());
    const pooled = await storeAt(context, pooler.url);
    const { heard } = hearing(pooled);
    const direct = hearing(store);
    await until("others to listen", async () => direct.heard.length === 1);
    assert.ok(await lead(pooled), "a pooler is no reason not to lead");
    await change(store, "p1", "active");
    await until("others to hear of it", async () => direct.heard.length === 2);
    assert.ok(await lead(pooled));
    assert.deepEqual(heard, []);
    assert.equal(databaseNotices(pooled).silentMs(), Infinity);
  },
);
