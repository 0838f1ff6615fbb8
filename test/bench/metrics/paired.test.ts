/** What is said of a cost from pairs: the cost that is there, and none that only drift brings. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Pair, ratioOf } from "./paired.ts";

/** Pairs of a machine that becomes slower all the time, with a little noise that is the same in each run. */
function pairs(cost: number, count = 60): readonly Pair[] {
  return Array.from({ length: count }, (_, index) => {
    const slow = 100 + index;
    const noise = ((index * 37) % 11) - 5;
    return { with: slow * cost + noise / 10, without: slow };
  });
}

test("a cost is found within its interval although the machine drifts", () => {
  for (const cost of [1, 1.004, 1.03]) {
    const { ratio, low, high } = ratioOf(pairs(cost));
    assert.ok(low < cost && cost < high, `${low} ${high}`);
    assert.ok(Math.abs(ratio - cost) < 0.001);
    assert.ok(high - low < 0.002);
  }
});
