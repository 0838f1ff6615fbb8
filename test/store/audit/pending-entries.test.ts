/** Entries written beside the chain get their place in it once, in order, and are found changed from then on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import { JsonObject } from "#core/values/canonical-json.ts";
import { appendAudit, verifyAudit } from "#store/audit/audit-log.ts";
import { entriesWaiting, sealAudit, SEALED_AT_ONCE } from "#store/audit/pending-entries.ts";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { json } from "#test/store/arbitraries.ts";
import { later, NOW, onEveryDatabase, type StoreBench } from "#test/store/bench.ts";
import { runs } from "#test/support/tiers.ts";
import { recordAudit } from "#test/support/stored-rows.ts";

const record = (bench: StoreBench, ...keys: readonly string[]): Promise<void> =>
  bench.run((transaction) =>
    recordAudit(
      transaction,
      keys.map((key) => ({ kind: "done", data: { key } })),
      NOW,
    ),
  );

const keysInChain = async (bench: StoreBench): Promise<readonly string[]> => {
  const rows = await bench.run((transaction) =>
    rowsOf(
      transaction,
      z.object({ key: z.string() }),
      sql`select data ->> 'key' as key from audit where data ? 'key' order by seq`,
    ),
  );
  return rows.map(({ key }) => key);
};

async function sealAll(bench: StoreBench): Promise<void> {
  while ((await bench.run(entriesWaiting)) > 0) await sealAudit(bench);
}

onEveryDatabase("audit entries that wait", (bench) => {
  test("are counted until they are sealed, in their order, between entries that were chained at once", async () => {
    await bench.run((transaction) =>
      appendAudit(transaction, { kind: "vote", data: { key: "first" } }, NOW),
    );
    await record(bench, "a", "b");
    await record(bench, "c");
    const before = await bench.run(verifyAudit);
    assert.deepEqual([before.entries, before.waiting, before.brokenAt], [1, 3, null]);
    assert.equal(await sealAudit(bench), 3);
    await bench.run((transaction) =>
      appendAudit(transaction, { kind: "vote", data: { key: "last" } }, later(1)),
    );
    const after = await bench.run(verifyAudit);
    assert.deepEqual([after.entries, after.waiting, after.brokenAt], [5, 0, null]);
    assert.deepEqual(await keysInChain(bench), ["first", "a", "b", "c", "last"]);
    assert.equal(await sealAudit(bench), 0);
  });

  test("of a transaction that is undone are not there", async () => {
    const undone = bench.run(async (transaction) => {
      await recordAudit(transaction, [{ kind: "done", data: { key: "undone" } }], NOW);
      throw new Error("given up");
    });
    await assert.rejects(undone, /given up/);
    assert.equal(await bench.run(entriesWaiting), 0);
  });

  test("are sealed once, however many processes seal and append at the same time", async () => {
    const before = await bench.run(verifyAudit);
    const keys = Array.from({ length: SEALED_AT_ONCE + 40 }, (_, index) => `many ${index}`);
    await record(bench, ...keys);
    await Promise.all([
      ...Array.from({ length: 4 }, () => sealAudit(bench)),
      ...Array.from({ length: 4 }, (_, index) =>
        bench.run((transaction) =>
          appendAudit(transaction, { kind: "vote", data: { vote: index } }, NOW),
        ),
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
        await bench.run((transaction) =>
          recordAudit(transaction, [{ kind: "done", data: JsonObject.parse(data) }], NOW),
        );
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
