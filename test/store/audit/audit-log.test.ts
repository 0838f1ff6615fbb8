/** The audit is a chain: whatever is changed, left out or put elsewhere afterwards is found. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import { sql, type SQL } from "#store/db/drizzle.ts";
import { JsonObject } from "#core/values/canonical-json.ts";
import { appendAudit, verifyAudit } from "#store/audit/audit-log.ts";
import { type Transaction, rowsOf } from "#store/db/database.ts";
import { SEALED_AT_ONCE } from "#gate/kernel/chain.ts";
import { entriesWaiting, sealAudit } from "#store/audit/pending-entries.ts";
import { json } from "#test/store/arbitraries.ts";
import { later, NOW, onEveryDatabase, type StoreBench } from "#test/store/bench.ts";
import { runs } from "#test/support/tiers.ts";
import { recordAudit } from "#test/support/stored-rows.ts";

const ENTRIES = 8;

function append(bench: StoreBench, data: JsonObject, at = NOW): Promise<void> {
  return bench.run(appendAudit, { kind: "done", data }, at);
}

const verified = (bench: StoreBench) => bench.run(verifyAudit);

/** Changes something, looks at the chain, and takes the change back, all in a transaction that is undone. */
async function after(bench: StoreBench, change: SQL): Promise<number | null> {
  const undone = new Error("undone");
  let brokenAt: number | null = null;
  const tamper = async (transaction: Transaction): Promise<never> => {
    await transaction.execute(change);
    ({ brokenAt } = await verifyAudit(transaction));
    throw undone;
  };
  await assert.rejects(bench.run(tamper), undone);
  return brokenAt;
}

onEveryDatabase("the audit", (bench) => {
  before(async () => {
    assert.deepEqual(await verified(bench), {
      entries: 0,
      head: "0".repeat(64),
      brokenAt: null,
      waiting: 0,
    });
    for (let index = 0; index < ENTRIES; index += 1)
      await append(bench, { key: `refund:${index}`, amount: index * 100 }, later(index * 1_000));
  });

  test("an untouched chain is whole, and its head moves with every entry", async () => {
    const first = await verified(bench);
    assert.deepEqual([first.entries, first.brokenAt], [ENTRIES, null]);
    await append(bench, { key: "one more" });
    const second = await verified(bench);
    assert.deepEqual([second.entries, second.brokenAt], [ENTRIES + 1, null]);
    assert.notEqual(second.head, first.head);
  });

  test("any change of any one entry is found, at that entry or right behind it", async () => {
    const entry = fc.integer({ min: 1, max: ENTRIES });
    const change = fc.constantFrom(
      sql`data = data || '{"amount": 1}'`,
      sql`data = data - 'key'`,
      sql`kind = 'failed'`,
      sql`at = at + interval '1 millisecond'`,
      sql`previous = repeat('0', 63) || '1'`,
      sql`hash = repeat('0', 63) || '1'`,
    );
    await fc.assert(
      fc.asyncProperty(entry, change, async (seq, what) => {
        const brokenAt = await after(bench, sql`update audit set ${what} where seq = ${seq}`);
        assert.ok(brokenAt === seq || brokenAt === seq + 1, `entry ${seq}, found at ${brokenAt}`);
      }),
      { numRuns: runs(30) },
    );
  });

  test("any run of entries that is deleted is found, the newest ones included", async () => {
    const { entries } = await verified(bench);
    const range = fc.tuple(
      fc.integer({ min: 1, max: entries }),
      fc.integer({ min: 0, max: entries }),
    );
    await fc.assert(
      fc.asyncProperty(range, async ([first, more]) => {
        const brokenAt = await after(
          bench,
          sql`delete from audit where seq between ${first} and ${first + more}`,
        );
        assert.notEqual(brokenAt, null, `${first} and ${more} more`);
      }),
      { numRuns: runs(30) },
    );
  });

  test("an entry put in between is found, though its own hash is right", async () => {
    const forged = sql`insert into audit (at, kind, data, previous, hash) overriding system value
      select at, kind, data, previous, hash from audit where seq = 3`;
    assert.notEqual(await after(bench, forged), null);
  });

  test("what was deleted is still found after honest entries were added behind it", async () => {
    const undone = new Error("undone");
    const tamper = async (transaction: Transaction): Promise<never> => {
      await transaction.execute(sql`delete from audit where seq = (select max(seq) from audit)`);
      await appendAudit(transaction, { kind: "done", data: { key: "honest" } }, NOW);
      assert.notEqual((await verifyAudit(transaction)).brokenAt, null);
      throw undone;
    };
    await assert.rejects(bench.run(tamper), undone);
  });

  test("many who write at once make one chain, and a writer who gives up leaves no hole", async () => {
    const { entries } = await verified(bench);
    await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        index % 4 === 3
          ? assert.rejects(
              bench.run(async (transaction) => {
                await appendAudit(transaction, { kind: "done", data: { index } }, NOW);
                throw new Error("given up");
              }),
              /given up/,
            )
          : append(bench, { index }),
      ),
    );
    const whole = await verified(bench);
    assert.deepEqual([whole.entries, whole.brokenAt], [entries + 9, null]);
  });
});

const record = (bench: StoreBench, ...keys: readonly string[]): Promise<void> =>
  bench.run(
    recordAudit,
    keys.map((key) => ({ kind: "done", data: { key } })),
    NOW,
  );

const keysInChain = async (bench: StoreBench): Promise<readonly string[]> => {
  const rows = await bench.run(
    rowsOf,
    z.object({ key: z.string() }),
    sql`select data ->> 'key' as key from audit where data ? 'key' order by seq`,
  );
  return rows.map(({ key }) => key);
};

async function sealAll(bench: StoreBench): Promise<void> {
  while ((await bench.run(entriesWaiting)) > 0) await sealAudit(bench);
}

onEveryDatabase("audit entries that wait", (bench) => {
  test("are counted until they are sealed, in their order, between entries that were chained at once", async () => {
    await bench.run(appendAudit, { kind: "vote", data: { key: "first" } }, NOW);
    await record(bench, "a", "b");
    await record(bench, "c");
    const before = await bench.run(verifyAudit);
    assert.deepEqual([before.entries, before.waiting, before.brokenAt], [1, 3, null]);
    assert.equal(await sealAudit(bench), 3);
    await bench.run(appendAudit, { kind: "vote", data: { key: "last" } }, later(1));
    const after = await bench.run(verifyAudit);
    assert.deepEqual([after.entries, after.waiting, after.brokenAt], [5, 0, null]);
    assert.deepEqual(await keysInChain(bench), ["first", "a", "b", "c", "last"]);
    assert.equal(await sealAudit(bench), 0);
  });

  test("are sealed once, however many processes seal and append at the same time", async () => {
    const before = await bench.run(verifyAudit);
    const keys = Array.from({ length: SEALED_AT_ONCE + 40 }, (_, index) => `many ${index}`);
    await record(bench, ...keys);
    await Promise.all([
      ...Array.from({ length: 4 }, () => sealAudit(bench)),
      ...Array.from({ length: 4 }, (_, index) =>
        bench.run(appendAudit, { kind: "vote", data: { vote: index } }, NOW),
      ),
    ]);
    await sealAll(bench);
    const after = await bench.run(verifyAudit);
    assert.deepEqual(
      [after.entries, after.waiting, after.brokenAt],
      [before.entries + keys.length + 4, 0, null],
    );
    const chained = await keysInChain(bench);
    assert.deepEqual(
      chained.filter((key) => key.startsWith("many ")),
      keys,
    );
  });

  test("whatever they hold, the chain stays whole, and a later change is found", async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string({ unit: "grapheme" }), json), async (data) => {
        await bench.run(recordAudit, [{ kind: "done", data: JsonObject.parse(data) }], NOW);
        await sealAll(bench);
        assert.equal((await bench.run(verifyAudit)).brokenAt, null);
      }),
      { numRuns: runs(25) },
    );
    const undone = bench.run(async (transaction) => {
      await transaction.execute(sql`update audit set kind = 'failed' where data ->> 'key' = 'b'`);
      assert.notEqual((await verifyAudit(transaction)).brokenAt, null);
      throw new Error("undone");
    });
    await assert.rejects(undone, /undone/);
  });
});
