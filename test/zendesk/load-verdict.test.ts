/** The judge of the load on Zendesk, which itself is run by hand: `npm run figures -- zendesk-load`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Load, problemsOf } from "#test/figures/zendesk-verdict.ts";

const GOOD: Load = {
  minutes: 10,
  tickets: 200,
  comments: 4_000,
  handled: 200,
  drainSeconds: 300,
  traffic: {
    statuses: { 200: 1_800 },
    paths: {},
    busiestMinute: 180,
    webhooks: { count: 4_200, failed: 0, p50Ms: 5, p95Ms: 299, maxMs: 900 },
  },
};

test("a run is good when everything is handled, nothing was refused and webhooks were quick", () => {
  assert.deepEqual(problemsOf(GOOD), []);
  const { traffic } = GOOD;
  const webhooks = (changed: object) => ({
    ...GOOD,
    traffic: { ...traffic, webhooks: { ...traffic.webhooks, ...changed } },
  });
  const bad: readonly (readonly [Load, RegExp])[] = [
    [{ ...GOOD, handled: 199 }, /1 of 200/],
    [{ ...GOOD, traffic: { ...traffic, statuses: { 200: 9, 429: 1 } } }, /refused 1 calls/],
    [webhooks({ p95Ms: 300 }), /300 ms/],
    [webhooks({ failed: 2 }), /2 webhooks/],
    [webhooks({ count: 0, p95Ms: 0 }), /no webhook/],
  ];
  for (const [load, reason] of bad) {
    assert.equal(problemsOf(load).length, 1);
    assert.match(problemsOf(load)[0] ?? "", reason);
  }
});
