/** Two conversations are one case by what they name, say and refer to; what is not proven or not private never is. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type CaseFacts, unansweredNumber, placeInCase } from "#core/cases/same-case.ts";

const NOW = Date.parse("2026-03-01T10:00:00.000Z");
const MINUTE = 60_000;

function factsOf(minutes: number, more: Partial<CaseFacts> = {}): CaseFacts {
  return {
    customerId: "u123",
    isPrivate: true,
    brand: "default",
    writtenAt: new Date(NOW + minutes * MINUTE),
    orders: [],
    calledOrders: [],
    topic: "refund",
    words: new Set(),
    refersBack: "no",
    ...more,
  };
}

function placed(newer: CaseFacts, ...older: readonly CaseFacts[]) {
  const others = older.map((facts, at) => ({ conversationId: `c${at}`, caseId: null, facts }));
  const { kind, other } = placeInCase(newer, others);
  return [kind, other?.conversationId ?? null];
}

describe("placing a conversation in a case", () => {
  const named = (minutes: number, more: Partial<CaseFacts> = {}) =>
    factsOf(minutes, { orders: ["789"], ...more });

  test("one order is one case, whatever is asked; another order is another", () => {
    assert.deepEqual(placed(named(600, { topic: "address" }), named(0)), ["same", "c0"]);
    assert.deepEqual(placed(factsOf(600, { orders: ["790"] }), named(0)), ["apart", null]);
  });

  test("nothing else than the same proven customer, alone, at the same brand, within seven days", () => {
    const others: readonly Partial<CaseFacts>[] = [
      { customerId: "u456" },
      { customerId: null },
      { isPrivate: false },
      { brand: "outlet" },
      { writtenAt: new Date(NOW - 8 * 24 * 60 * MINUTE) },
    ];
    for (const other of others)
      assert.deepEqual(placed(named(0), named(0, other)), ["apart", null], JSON.stringify(other));
    assert.deepEqual(placed(named(0, { customerId: null }), named(0, { customerId: null })), [
      "apart",
      null,
    ]);
  });

  test("a channel without brands is at home with the brand that has no name", () => {
    assert.deepEqual(placed(named(1, { brand: "" }), named(0)), ["same", "c0"]);
    assert.deepEqual(placed(named(1, { brand: "" }), named(0, { brand: "outlet" })), [
      "apart",
      null,
    ]);
  });

  test("“still nothing” is about what waits alone; of several a teammate is asked", () => {
    const still = factsOf(600, { refersBack: "clearly" });
    assert.deepEqual(placed(still, named(0)), ["same", "c0"]);
    assert.deepEqual(placed(still, named(0), factsOf(1, { orders: ["790"] })), ["unsure", "c1"]);
    assert.deepEqual(placed(still, named(0), factsOf(1, { topic: "faq" })), ["same", "c0"]);
  });

  test("two mails within two minutes are one, unless the second is about something else", () => {
    assert.deepEqual(placed(factsOf(1), named(0)), ["same", "c0"]);
    assert.deepEqual(placed(factsOf(1, { topic: "password" }), named(0)), ["apart", null]);
    assert.deepEqual(placed(factsOf(1, { topic: "faq" }), named(0)), ["apart", null]);
    assert.deepEqual(placed(factsOf(1, { calledOrders: ["999"] }), named(0)), ["apart", null]);
  });
});

describe("the number of a message", () => {
  const at = (minutes: number, kind: "requester" | "bot") => ({
    author: { kind },
    visibility: "public" as const,
    sentAt: new Date(NOW + minutes * MINUTE).toISOString(),
  });

  test("counts what the customer wrote since the last answer, in whatever conversation", () => {
    assert.equal(unansweredNumber([], [at(0, "requester")]), 1);
    assert.equal(
      unansweredNumber([at(2, "requester"), at(1, "requester")], [at(3, "requester")]),
      3,
    );
    assert.equal(unansweredNumber([at(2, "bot"), at(1, "requester")], [at(3, "requester")]), 1);
  });
});
