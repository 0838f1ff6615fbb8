/** Deliveries with several hints, whose keys come in opposite orders, are taken in side by side without a deadlock. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { z } from "zod";
import type { Channel } from "#core/contracts/channel.ts";
import type { Delivery } from "#core/values/delivery.ts";
import { intake } from "#jobs/intake.ts";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { lockNames } from "#store/inbox/accept-hints.ts";
import { benchOn } from "#test/jobs/bench.ts";
import { hintOf, migratedDatabase, type OpenedStore } from "#test/store/bench.ts";
import { postgresMissing } from "#test/support/postgres.ts";
import { until } from "#test/support/waiting.ts";

describe("deliveries with several hints on postgres", { skip: postgresMissing }, () => {
  const opened: { store?: OpenedStore } = {};
  const store = (): OpenedStore => opened.store ?? assert.fail("no database");
  const { bench } = benchOn(store, "postgres");
  before(async () => {
    opened.store = await migratedDatabase("postgres");
  });
  after(() => opened.store?.close());

  /** A delivery with one hint for each of these lists of keys. */
  function deliver(name: string, keys: readonly (readonly string[])[]) {
    const email = bench.parts.channels.get("email") ?? assert.fail("no channel");
    const channel: Channel = {
      ...email,
      receive: () => keys.map((own, index) => hintOf(`${name} ${index}`, own)),
    };
    const delivery: Delivery = {
      source: "bench",
      headers: {},
      body: new Uint8Array(),
      receivedAt: bench.now(),
    };
    return intake(bench.parts, channel, delivery);
  }

  const waitingLocks = async (): Promise<number> => {
    const [row] = await bench.parts.store.run((transaction) =>
      rowsOf(
        transaction,
        z.object({ count: z.coerce.number() }),
        sql`select count(*) from pg_locks
              where locktype = 'advisory' and not granted
                and database = (select oid from pg_database where datname = current_database())`,
      ),
    );
    return row?.count ?? 0;
  };

  /** Keeps both deliveries in the middle of their keys until each has come as far as it can. */
  async function heldInTheMiddle(work: () => readonly Promise<unknown>[]): Promise<void> {
    const open = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const holder = bench.parts.store.run(async (transaction) => {
      await lockNames(transaction, "email", ["middle 1", "middle 2"]);
      held.resolve();
      await open.promise;
    });
    await held.promise;
    const all = Promise.allSettled(work());
    try {
      await until("both to wait", async () => (await waitingLocks()) >= 2);
    } finally {
      open.resolve();
      await holder;
    }
    for (const result of await all)
      assert.equal(result.status, "fulfilled", JSON.stringify(result));
  }

  test("of which each has a hint for the other's last key", async () => {
    const [one, other] = [
      [["first"], ["middle 1"], ["last"]],
      [["last"], ["middle 2"], ["first"]],
    ];
    await heldInTheMiddle(() => [deliver("one", one ?? []), deliver("other", other ?? [])]);
    const rows = await bench.parts.store.run((transaction) =>
      rowsOf(
        transaction,
        z.object({ hints: z.coerce.number(), conversations: z.coerce.number() }),
        sql`select count(*) as hints, count(distinct conversation_id) as conversations from hint`,
      ),
    );
    assert.deepEqual(rows, [{ hints: 6, conversations: 4 }]);
  });

  test("or locks its keys in an order of its own", async () => {
    const lock = (keys: readonly string[]) =>
      bench.parts.store.run((transaction) => lockNames(transaction, "email", keys));
    for (const round of Array.from({ length: 5 }, (_, index) => index))
      await heldInTheMiddle(() => [
        lock([`a ${round}`, "middle 1", `b ${round}`]),
        lock([`b ${round}`, "middle 2", `a ${round}`]),
      ]);
  });

  test("many at once, beside deliveries of one hint for the same keys", async () => {
    const keys = Array.from({ length: 6 }, (_, index) => `many ${index}`);
    const turned = (by: number): readonly (readonly string[])[] =>
      [...keys.slice(by), ...keys.slice(0, by)].map((key) => [key]);
    const taken = await Promise.all([
      ...keys.map((_, index) => deliver(`forward ${index}`, turned(index))),
      ...keys.map((_, index) => deliver(`backward ${index}`, turned(index).toReversed())),
      ...keys.map((key, index) => deliver(`alone ${index}`, [[key]])),
    ]);
    const conversations = new Set(taken.flatMap(({ conversationIds }) => conversationIds));
    assert.equal(conversations.size, keys.length);
  });
});
