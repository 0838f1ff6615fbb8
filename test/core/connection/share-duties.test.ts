/** How duties spread over processes that live, come and go: by moves that each process decides for itself. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { dutyMoves } from "#core/connection/share-duties.ts";

const duties = fc.integer({ min: 0, max: 12 });
const members = fc.integer({ min: 1, max: 6 });

/** Lets every member look in turn, as many rounds as it takes, and gives the holders after each round. */
function settled(count: number, names: readonly string[], from: ReadonlyMap<string, string>) {
  const holders = new Map<string, string | null>();
  for (let index = 0; index < count; index += 1) {
    const name = `inbox:${String(index).padStart(2, "0")}`;
    holders.set(name, from.get(name) ?? null);
  }
  const moves = { count: 0 };
  for (let round = 0; round < 3 * count + 3; round += 1) {
    moves.count = 0;
    for (const self of names) {
      const { take, give } = dutyMoves({ holders, members: names, self });
      for (const name of take) {
        assert.equal(holders.get(name), null, "a held duty is never taken");
        holders.set(name, self);
      }
      if (give !== null) {
        assert.equal(holders.get(give), self, "only one's own is given away");
        holders.set(give, null);
      }
      moves.count += take.length + (give === null ? 0 : 1);
    }
  }
  const shares = names.map((name) => [...holders.values()].filter((one) => one === name).length);
  return { holders, shares, lastMoves: moves.count };
}

test("a process that is alone takes everything at its first look", () => {
  fc.assert(
    fc.property(duties, (count) => {
      const holders = new Map(Array.from({ length: count }, (_, index) => [`d${index}`, null]));
      const { take, give } = dutyMoves({ holders, members: ["a"], self: "a" });
      assert.deepEqual([take.length, give], [count, null]);
    }),
  );
});

test("whatever was held before, every duty ends with one process, each has its share, and then nothing moves", () => {
  fc.assert(
    fc.property(duties, members, fc.array(fc.nat({ max: 20 })), (count, living, earlier) => {
      const names = Array.from({ length: living }, (_, index) => `process-${index}`);
      // Some were held by processes of now, others by ones that are gone.
      const from = new Map<string, string>();
      for (const [index, holder] of earlier.entries()) {
        const name = names[holder];
        if (name !== undefined) from.set(`inbox:${String(index).padStart(2, "0")}`, name);
      }
      const { holders, shares, lastMoves } = settled(count, names, from);
      assert.ok(![...holders.values()].includes(null), "a duty is left over");
      const [least, most] = [Math.min(...shares), Math.max(...shares)];
      assert.ok(most - least <= 1, `uneven: ${shares.join(", ")}`);
      assert.equal(lastMoves, 0);
    }),
  );
});

test("what a process that takes no more still holds is left to it", () => {
  const holders = new Map([
    ["inbox:a", "leaving"],
    ["inbox:b", null],
  ]);
  assert.deepEqual(dutyMoves({ holders, members: ["here"], self: "here" }), {
    take: ["inbox:b"],
    give: null,
  });
});
