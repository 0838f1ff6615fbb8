/** The rehearsal model never says a sentence with a hole in it, whatever a record lacks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { answerPayments, answerStatus } from "#sandbox/rehearsal/orders.ts";
import { answerAddress, answerRefund } from "#sandbox/rehearsal/changes.ts";
import type { SeenOrder } from "#sandbox/rehearsal/results.ts";
import type { Transcript } from "#sandbox/rehearsal/transcript.ts";
import { calls, play, reply } from "./play.ts";
import { turn } from "#test/support/fixtures/turns.ts";
import { runs } from "#test/support/tiers.ts";

const blankOr = (...values: readonly string[]) => fc.constantFrom("", " ", ...values);
const day = fc.constantFrom(null, "2026-11-02");
const order: fc.Arbitrary<SeenOrder> = fc.record({
  order_id: fc.constantFrom("123", "456"),
  item: blankOr("kettle"),
  status: blankOr("processing", "shipped", "delivered", "lost"),
  amount: blankOr("25.00 USD"),
  refunded: blankOr("0.00 USD", "5.00 USD"),
  refundable: blankOr("0.00 USD", "25.00 USD"),
  shipped_on: day,
  due_on: day,
  delivered_on: day,
});

function transcriptWith(orders: readonly SeenOrder[]): Transcript {
  const values: Readonly<Record<string, unknown>> = {
    list_orders: orders.length === 0 ? { found: false } : { found: true, orders },
    get_payments: { found: true, payments: [], refunds: [] },
    search_faq: { passages: [] },
    issue_refund: { status: "proposed", label: "Refund" },
    change_address: { status: "proposed", label: "Change" },
  };
  return {
    today: "2026-11-20",
    subject: "",
    earlier: [],
    unread: [],
    askedBefore: false,
    unverified: false,
    inChat: false,
    code: null,
    offered: new Set(Object.keys(values)),
    result: ({ name }) => ({ made: true, value: values[name] }),
  };
}

const BROKEN = /\(\s*[,)]|,\s*\)|\(\s|""|\s{2}|\s[.,]|see \.|null|undefined/;

test("whatever an order's record lacks, no sentence has a hole where it would stand", () => {
  const wish = {
    intent: "order_status",
    orderId: null,
    amount: null,
    address: "1 Hill Road",
    text: "?",
  } as const;
  fc.assert(
    fc.property(fc.array(order, { maxLength: 3 }), (orders) => {
      const transcript = transcriptWith(orders);
      for (const answer of [answerStatus, answerPayments, answerRefund, answerAddress]) {
        const told = answer(wish, transcript);
        if ("text" in told) assert.doesNotMatch(told.text, BROKEN, answer.name);
      }
    }),
    { numRuns: runs(500), seed: 4 },
  );
});

test("an answer goes on without the marks of Markdown, and is checked as it goes out", async () => {
  const { result } = await play([calls(reply("**Hello**, see `this`."))], {}, turn(["Hi"]));
  assert.deepEqual(result.ending, { kind: "reply", text: "Hello, see this." });
});
