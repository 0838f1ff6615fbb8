/** Limits that all processes keep together, and what is left of them when the database cannot be asked. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { zendeskLimiter } from "#zendesk/api/rate-limit.ts";
import {
  type Allowance,
  type Allowances,
  inProcessAllowances,
} from "#core/connection/rate-limit.ts";
import { type SharedRateLimits, sharedRateLimits } from "#connections/shared-rate-limits.ts";
import { silentLog } from "#test/store/bench.ts";
import { type FreshRedis, freshRedis } from "#test/support/redis.ts";
import { until } from "#test/support/waiting.ts";
import { benchFor, signal } from "#test/zendesk/bench.ts";
import { runs } from "#test/support/tiers.ts";

const URL_OF_ACCOUNT = "https://example.zendesk.com";
const GET = { method: "GET", path: "tickets/1" };
const PUT = { method: "PUT", path: "tickets/1" };
const OTHER_PUT = { method: "PUT", path: "tickets/2" };
const EXPORT = { method: "GET", path: "incremental/tickets/cursor" };

/** How many calls may start within a moment. */
async function booked(
  allowances: Allowances,
  allowance: Allowance,
  wishes: number,
): Promise<number> {
  let count = 0;
  for (let wish = 0; wish < wishes; wish += 1)
    if ((await allowances.take([allowance], 0)).booked) count += 1;
  return count;
}

describe("an allowance", () => {
  test("is never exceeded in any window, however the calls come", async () => {
    const wish = fc.record({
      afterMs: fc.integer({ min: 0, max: 900 }),
      patienceMs: fc.nat(2_000),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(wish, { minLength: 20, maxLength: 120 }), async (wishes) => {
        const clock = { ms: 0 };
        const allowances = inProcessAllowances(() => clock.ms);
        const allowance = { name: "a", max: 12, windowMs: 10_000, burst: 4 };
        const starts: number[] = [];
        for (const { afterMs, patienceMs } of wishes) {
          clock.ms += afterMs;
          const { booked: isBooked, waitMs } = await allowances.take([allowance], patienceMs);
          if (isBooked) starts.push(clock.ms + waitMs);
        }
        for (const from of starts) {
          const within = starts.filter((at) => at >= from && at < from + 10_000);
          assert.ok(within.length <= 12, `${within.length} calls`);
        }
      }),
      { numRuns: runs(50), seed: 7 },
    );
  });
});

describe("two processes on one account", () => {
  const opened: { redis?: FreshRedis; processes: SharedRateLimits[] } = { processes: [] };
  const process = async (url?: string): Promise<SharedRateLimits> => {
    const made = sharedRateLimits({ url: url ?? opened.redis?.url ?? "", log: silentLog });
    opened.processes.push(made);
    return made;
  };
  /** Connected when a hold of the one is known to the other. */
  const connected = async (one: SharedRateLimits, other: SharedRateLimits): Promise<void> => {
    const probe = { name: `probe ${opened.processes.length}`, max: 2, windowMs: 1_000, burst: 1 };
    await until("both are connected", async () => {
      await one.hold([probe], 1_000);
      return (await other.heldMs([probe])) > 0;
    });
  };
  before(async () => {
    opened.redis = await freshRedis();
  });
  after(async () => {
    for (const process of opened.processes) process.close();
    await opened.redis?.drop();
  });

  test("share one burst, and what one was told the other keeps to", async () => {
    const [one, other] = [await process(), await process()];
    await connected(one, other);
    await connected(other, one);
    const allowance = { name: "shared", max: 30, windowMs: 600_000, burst: 20 };
    const counts = await Promise.all([booked(one, allowance, 25), booked(other, allowance, 25)]);
    assert.equal(counts[0] + counts[1], 20);
    const account = { name: "account", max: 100, windowMs: 60_000, burst: 50 };
    await one.hold([account], 3_000);
    const refused = await other.take([account], 1_000);
    assert.equal(refused.booked, false);
    assert.ok(refused.waitMs > 1_000 && refused.waitMs <= 3_000, `${refused.waitMs}`);
    // After a pause no process starts with a burst: calls come evenly.
    assert.equal((await one.take([account], 3_500)).booked, true);
    assert.ok((await other.take([account], 10_000)).waitMs > 3_500);
  });

  test("without Redis each keeps to a quarter, and what it used is booked when Redis is there", async () => {
    const allowance = { name: "alone", max: 40, windowMs: 600_000, burst: 20 };
    const away = await process("redis://127.0.0.1:1");
    assert.equal(await booked(away, allowance, 50), 5);
    const [early, other] = [await process(), await process()];
    // Its connection is not made yet: that is no permission to do without.
    assert.equal(await booked(early, { ...allowance, name: "early" }, 50), 5);
    await connected(early, other);
    assert.equal(await booked(early, { ...allowance, name: "early" }, 50), 15);
  });
});

describe("the limits of Zendesk", () => {
  const limiterWith = (callsPerMinute?: number) =>
    zendeskLimiter({ url: URL_OF_ACCOUNT, callsPerMinute });
  const started = async (
    limiter: ReturnType<typeof limiterWith>,
    call: typeof GET,
    wishes: number,
  ): Promise<number> => {
    let count = 0;
    for (let wish = 0; wish < wishes; wish += 1)
      await limiter.take(call, 0, signal).then(
        () => (count += 1),
        () => undefined,
      );
    return count;
  };
  const answered = (status: number, headers: Record<string, string>, retryAfterMs?: number) => ({
    status,
    headers: new Headers(headers),
    retryAfterMs,
  });

  test("a 429 stops what reached its limit: the account, an endpoint, or one ticket", async () => {
    const limiter = limiterWith(6_000);
    const roomLeft = { "ratelimit-remaining": "500" };
    await limiter.learn(PUT, answered(429, roomLeft, 300_000));
    assert.equal(await started(limiter, PUT, 1), 0);
    assert.equal(await started(limiter, OTHER_PUT, 1), 1);
    await limiter.learn(PUT, answered(429, roomLeft, 20_000));
    assert.equal(await started(limiter, OTHER_PUT, 1), 0);
    assert.equal(await started(limiter, EXPORT, 1), 1);
    await limiter.learn(EXPORT, answered(429, roomLeft, 30_000));
    assert.equal(await started(limiter, EXPORT, 1), 0);
    assert.equal(await started(limiter, GET, 1), 1);
    await limiter.learn(GET, answered(429, {}));
    assert.equal(await started(limiter, GET, 1), 0);
  });
});

describe("replies that come faster than Zendesk takes updates", () => {
  /** One update each half minute. */
  const few = (kept: Allowances): Allowances => ({
    ...kept,
    take: (wanted, ...how) =>
      kept.take(
        wanted.map((one) =>
          one.name.endsWith(":updates") ? { ...one, max: 3, windowMs: 60_000, burst: 1 } : one,
        ),
        ...how,
      ),
  });

  test("have their turns one after the other, and none is waited for where the call is made", async (context) => {
    const { channel, ask, replyTo } = await benchFor(context, {
      allowances: few(inProcessAllowances()),
    });
    const tickets = [await ask("One?"), await ask("Two?"), await ask("Three?")];
    const [first, second, third] = await Promise.all(tickets.map((id) => replyTo(id, "Soon.")));
    assert.ok(first && second && third);
    const turn = async (action: typeof first, key: string): Promise<number> =>
      Math.round(((await channel.reserve?.(action, key, signal)) ?? Number.NaN) / 10_000);
    assert.equal(await turn(first, "first"), 0);
    await channel.commit(first, "first", signal);
    // A process that has just started books ahead; the call finds its place, and does not wait for it.
    assert.equal(await turn(second, "second"), 3);
    const began = performance.now();
    await assert.rejects(channel.commit(second, "second", signal), {
      code: "channel.rate_limited",
      notTried: true,
    });
    assert.ok(performance.now() - began < 10_000);
    assert.deepEqual([await turn(third, "third"), await turn(second, "second")], [6, 3]);
  });
});
