/** Limits hold for concurrent callers: what is booked never exceeds the count or the sum. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import fc from "fast-check";
import type { Reservation } from "#core/contracts/policy.ts";
import { releaseReservations, reserve, limitUsage } from "#store/effects/policy-limits.ts";
import { later, NOW, onEveryDatabase, type StoreBench } from "#test/store/bench.ts";
import { runs } from "#test/support/tiers.ts";

function limit(name: string, changes: Partial<Reservation> = {}): Reservation {
  return {
    limit: name,
    subject: "u456",
    minor: 900,
    since: NOW.toISOString(),
    countMax: null,
    minorMax: null,
    ...changes,
  };
}

function book(
  bench: StoreBench,
  key: string,
  reservations: readonly Reservation[],
  at = NOW,
): Promise<boolean> {
  return bench.run((transaction) => reserve(transaction, [{ key, reservations }], at));
}

async function used(bench: StoreBench, name: string, subject = "u456", since = NOW) {
  const usage = await bench.run((transaction) =>
    limitUsage(transaction, [{ limit: name, subject, since }]),
  );
  return usage[name];
}

/** Which of these were booked when all asked at once. */
async function atOnce(
  bench: StoreBench,
  bookings: readonly (readonly Reservation[])[],
): Promise<readonly string[]> {
  const results = await Promise.all(
    bookings.map(async (reservations) => {
      const key = bench.id("refund");
      return (await book(bench, key, reservations)) ? [key] : [];
    }),
  );
  return results.flat();
}

onEveryDatabase("limits", (bench) => {
  test("a limit without a booking counts as unused", async () => {
    assert.deepEqual(await used(bench, bench.id("limit")), { count: 0, minor: 0 });
  });

  test("of many who ask at once exactly as many get in as the count allows", async () => {
    const name = bench.id("limit");
    const booked = await atOnce(
      bench,
      Array.from({ length: 20 }, () => [limit(name, { countMax: 3 })]),
    );
    assert.equal(booked.length, 3);
    assert.deepEqual(await used(bench, name), { count: 3, minor: 2_700 });
  });

  test("of many amounts at once never more is booked than the sum allows", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 2, maxLength: 8 }),
        fc.integer({ min: 1, max: 2_500 }),
        async (amounts, minorMax) => {
          const name = bench.id("limit");
          const booked = await atOnce(
            bench,
            amounts.map((minor) => [limit(name, { minor, minorMax })]),
          );
          const usage = await used(bench, name);
          assert.ok(usage && usage.minor <= minorMax, `${usage?.minor} of ${minorMax}`);
          assert.equal(usage.count, booked.length);
          const smallest = Math.min(...amounts);
          if (smallest <= minorMax)
            assert.ok(booked.length > 0, "there was room and no booking was made");
        },
      ),
      { numRuns: runs(12) },
    );
  });

  test("of fifty who ask at once over connections of their own, one gets a limit of one", async () => {
    const name = bench.id("limit");
    const results = await bench.overManyConnections((run) =>
      Array.from({ length: 50 }, (_, index) =>
        run(index, (transaction) =>
          reserve(
            transaction,
            [{ key: `${name}:${index}`, reservations: [limit(name, { countMax: 1 })] }],
            NOW,
          ),
        ),
      ),
    );
    assert.equal(results.filter(Boolean).length, 1);
    assert.deepEqual(await used(bench, name), { count: 1, minor: 900 });
  });

  test("of fifty amounts at once over connections of their own, the sum stays below its limit and is used up", async () => {
    const name = bench.id("limit");
    const results = await bench.overManyConnections((run) =>
      Array.from({ length: 50 }, (_, index) =>
        run(index, (transaction) =>
          reserve(
            transaction,
            [
              {
                key: `${name}:${index}`,
                reservations: [limit(name, { minor: 700, minorMax: 5_000 })],
              },
            ],
            NOW,
          ),
        ),
      ),
    );
    assert.equal(results.filter(Boolean).length, 7);
    assert.deepEqual(await used(bench, name), { count: 7, minor: 4_900 });
  });

  test("effects that name the same limits in opposite orders do not block each other", async () => {
    const [first, second] = [limit(bench.id("limit")), limit(bench.id("limit"))];
    const booked = await atOnce(
      bench,
      Array.from({ length: 10 }, (_, index) =>
        index % 2 === 0 ? [first, second] : [second, first],
      ),
    );
    assert.equal(booked.length, 10);
  });

  test("an effect books all of its limits or none", async () => {
    const [wide, narrow] = [bench.id("limit"), bench.id("limit")];
    await book(bench, bench.id("refund"), [limit(narrow, { countMax: 1 })]);
    const both = [limit(wide, { countMax: 9 }), limit(narrow, { countMax: 1 })];
    assert.equal(await book(bench, bench.id("refund"), both), false);
    assert.deepEqual(await used(bench, wide), { count: 0, minor: 0 });
    assert.deepEqual(await used(bench, narrow), { count: 1, minor: 900 });
  });

  test("each customer has a limit of their own", async () => {
    const name = bench.id("limit");
    const one = (subject: string) =>
      book(bench, bench.id("refund"), [limit(name, { subject, countMax: 1 })]);
    assert.deepEqual(
      [await one("u123"), await one("u456"), await one("u123")],
      [true, true, false],
    );
  });

  test("what was booked before the window opened does not count any more", async () => {
    const name = bench.id("limit");
    await book(bench, bench.id("refund"), [limit(name)], later(-1));
    assert.deepEqual(await used(bench, name), { count: 0, minor: 0 });
    await book(bench, bench.id("refund"), [limit(name)], NOW);
    assert.deepEqual(await used(bench, name), { count: 1, minor: 900 });
    assert.equal(await book(bench, bench.id("refund"), [limit(name, { countMax: 1 })]), false);
    const nextDay = [limit(name, { countMax: 1, since: later(1).toISOString() })];
    assert.equal(await book(bench, bench.id("refund"), nextDay, later(2)), true);
  });

  test("what will not happen after all makes room again", async () => {
    const [name, other, key] = [bench.id("limit"), bench.id("limit"), bench.id("refund")];
    const once = [limit(name, { countMax: 1 })];
    assert.equal(await book(bench, key, [...once, limit(other)]), true);
    assert.equal(await book(bench, bench.id("refund"), once), false);
    await bench.run((transaction) => releaseReservations(transaction, [key]));
    assert.deepEqual(await used(bench, other), { count: 0, minor: 0 });
    assert.equal(await book(bench, bench.id("refund"), once), true);
  });

  test("a booking that is undone with its transaction leaves nothing behind", async () => {
    const name = bench.id("limit");
    await assert.rejects(
      bench.run(async (transaction) => {
        await reserve(transaction, [{ key: bench.id("refund"), reservations: [limit(name)] }], NOW);
        throw new Error("overtaken");
      }),
      /overtaken/,
    );
    assert.deepEqual(await used(bench, name), { count: 0, minor: 0 });
  });

  test("sums beyond 32 bits are counted", async () => {
    const name = bench.id("limit");
    await bench.execute(
      sql`insert into reservation (effect_key, limit_name, subject, minor, at)
          select 'many_' || n, ${name}, 'all', 100000000, ${NOW.toISOString()} from generate_series(1, 50) n`,
    );
    assert.deepEqual(await used(bench, name, "all"), { count: 50, minor: 5_000_000_000 });
  });
});
