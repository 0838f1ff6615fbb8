/** When a turn has to write who has a conversation: a click may have changed it since the turn began. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isSameOwnership, type Ownership, ownerAfter, toldReason } from "#core/cases/ownership.ts";
import { messageOf } from "#test/store/bench.ts";

test("the same teammate who answers again changes nothing about who has it", () => {
  const answer = (key: string) =>
    messageOf(key, { author: { kind: "teammate", id: "t", name: "Ana" } });
  const before: Ownership = { owner: "bot", reason: toldReason("") };
  const first = ownerAfter(before, answer("1"));
  assert.deepEqual([first.owner, first.reason.words], ["human", "Ana answered"]);
  assert.ok(isSameOwnership(first, ownerAfter(first, answer("2"))));
  assert.ok(!isSameOwnership(before, first));
  for (const fact of [{ holder: "Ben" }, { delicate: "legal" } as const, { words: "else" }])
    assert.ok(!isSameOwnership(first, { ...first, reason: { ...first.reason, ...fact } }));
});
