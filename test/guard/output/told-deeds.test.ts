/**
 * Lies about money, goods and people in forms that the check of deeds once let through, and honest sentences beside them.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Receipts } from "#core/contracts/guard.ts";
import type { PlannedAction } from "#core/values/action.ts";
import {
  allFound,
  allPass,
  headphones,
  lamp,
  objections,
  orders,
  page,
  refundOf,
} from "./evidence-world.ts";

const seen: Partial<Receipts> = {
  ...orders(headphones, lamp),
  ...page(
    "We do not refund shipping costs. We cannot change the address after dispatch. We never send a voucher. If a parcel is lost, we refund the money to your card. We send you a prepaid label by e-mail. A person in our team answers with priority.",
  ),
};
const refunded = { ...seen, proposal: { actions: [refundOf("789", 12_000)] } };

const FALSE: Readonly<Record<string, readonly string[]>> = {
  "an amount is sent, approved or credited": [
    "We will send you 60.00 USD.",
    "60.00 USD has been approved.",
    "We approved 60.00 USD for order 456.",
    "60.00 USD will be credited.",
  ],
  "a page denies it, or says it of those whom a condition meets": [
    "We will refund your shipping costs.",
    "We will change the address after dispatch.",
    "We'll send you a voucher.",
    "We will refund the money to your card.",
  ],
  "it was done before something": [
    "I've cancelled order 456 before it is shipped.",
    "We will cancel order 456 before it is packed.",
  ],
  "several things are told of this customer": [
    "Two vouchers have been credited to you.",
    "All charges have been refunded.",
    "My colleagues are looking into it.",
  ],
  "an adverb of several words stands between": [
    "I have of course refunded the order.",
    "I have this morning cancelled order 789.",
  ],
  "a message of ours is said to tell it": [
    "The message says we've cancelled order 456.",
    "Our page shows you that order 456 has been shipped.",
  ],
};

/** What is promised is for a reader or a person to tell; what is said to be done, code tells alone. */
function allFoundDeeds(drafts: readonly string[]): void {
  for (const draft of drafts)
    allFound([draft], seen, /\bwill\b|'ll\b/.test(draft) ? "unsure" : "claim");
}

for (const [how, drafts] of Object.entries(FALSE))
  test(`found: ${how}`, () => allFoundDeeds(drafts));

test("found: a second order beside the one that is refunded", () => {
  allFound(
    [
      "I have refunded order 789, and the lamp (456) as well.",
      "I have refunded 120.00 USD for order 789 and a further 60.00 USD for order 456.",
    ],
    refunded,
  );
});

test("what a page tells everybody, what may be done before something, and what our messages tell pass", () => {
  allPass(
    [
      "We will send you a prepaid label by e-mail.",
      "A person in our team will answer you with priority.",
      "You can still cancel order 456, at any time before it's shipped.",
      "The e-mail that tells you your order is on its way names the carrier.",
      "Reset links only ever go to the e-mail address on file.",
      "The counter is closed then.",
      "Your return is free, and the money is refunded after the parcel has reached us.",
      "I'm sorry your lamp arrived like that.",
      "The warehouse is packing the lamp (order 456, paid in full with 60.00 USD).",
    ],
    seen,
  );
});

test("of two refunds in one sentence each has its own order and amount", () => {
  const [mine, other] = [refundOf("789", 12_000), refundOf("456", 6_000, { paid: 6_000 })];
  const both = { ...seen, proposal: { actions: [mine, other] } };
  const told = (one: string, two: string): string =>
    `I have refunded ${one} for the headphones (order 789) and ${two} for the lamp (order 456).`;
  assert.deepEqual(objections(told("120.00 USD", "60.00 USD"), both), []);
  assert.notDeepEqual(objections(told("60.00 USD", "120.00 USD"), both), []);
  assert.notDeepEqual(objections(told("120.00 USD", "60.00 USD"), refunded), []);
});

/** A cancellation with what goes back. */
function cancelOf(orderId: string, minor: number): PlannedAction {
  const { action, ...rest } = refundOf(orderId, minor);
  return { ...rest, action: { ...action, operation: "cancel_order" } };
}

test("an amount beside that of a cancellation is another refund", () => {
  const cancelled = cancelOf("456", 6_000);
  const done = { ...seen, proposal: { actions: [cancelled] } };
  assert.deepEqual(objections("I have refunded 60.00 USD for order 456.", done), []);
  allFound(
    [
      "I have refunded 4.90 USD for delivery and 60.00 USD for order 456.",
      "I have refunded 60.00 USD and 4.90 USD for order 456.",
    ],
    done,
    "claim",
  );
  const other = cancelOf("789", 12_000);
  const both = { ...seen, proposal: { actions: [cancelled, other] } };
  const swapped = "I have refunded 60.00 USD for order 789 and 120.00 USD for order 456.";
  allFound([swapped], both, "claim");
  const summed = "I have refunded 120.00 USD for order 789 and 180.00 USD for order 456.";
  const refunds = [refundOf("789", 12_000), refundOf("456", 6_000, { paid: 6_000 })];
  allFound([summed], { ...seen, proposal: { actions: refunds } }, "claim");
});

test("what is denied is not the deed told behind it", () => {
  allFoundDeeds([
    "Don't worry, sooner or later we will refund you in full.",
    "Please don't worry, refund or replacement is on its way.",
    "Do not worry, one or both refunds have been made.",
    "We cannot wait, today or tomorrow I will refund you.",
    "We cannot add, remove or swap it: I have cancelled order 456.",
    "We cannot check, refunds or credits have been sent.",
  ]);
});

test("what is noted, or wrapped, is nothing given or waived", () => {
  allPass(
    [
      "Only if it were cancelled and placed again with gift wrapping selected.",
      "I've noted that the first charge is old by your bank's word.",
    ],
    {},
  );
});
