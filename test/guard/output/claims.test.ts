import assert from "node:assert/strict";
import { test } from "node:test";
import type { Receipts } from "#core/contracts/guard.ts";
import {
  actionOf,
  allFound,
  allPass,
  headphones,
  lamp,
  objections,
  outputCheck,
  page as pageOf,
  receipts,
  refundOf,
  refundPage,
  tool,
} from "./evidence-world.ts";

const both = [tool({ found: true, orders: [headphones, lamp] })];
const nothing: Partial<Receipts> = { toolResults: both };
const refund: Partial<Receipts> = { ...nothing, proposal: { actions: [refundOf("789", 12_000)] } };
const partial: Partial<Receipts> = { ...nothing, proposal: { actions: [refundOf("789", 6_000)] } };
const address: Partial<Receipts> = {
  ...nothing,
  proposal: {
    actions: [actionOf("change_address", { orderId: "456", address: "12 Mill Lane, 90210 Town" })],
  },
};
const reset: Partial<Receipts> = {
  ...nothing,
  proposal: { actions: [actionOf("reset_password", { customerId: "u123" })] },
};
const handed: Partial<Receipts> = { ...nothing, escalates: true };
const page: Partial<Receipts> = { ...nothing, passages: [refundPage] };
const says = (text: string): Partial<Receipts> => ({ ...nothing, ...pageOf(text) });
const refundedBefore: Partial<Receipts> = {
  toolResults: [
    tool(
      {
        found: true,
        order_id: "789",
        refunds: [{ amount: "25.00 USD", refunded_on: "2026-11-15" }],
      },
      "get_payments",
    ),
  ],
};

const TRUE: readonly (readonly [string, Partial<Receipts>])[] = [
  [
    "I have refunded 120.00 USD for order 789 (headphones) to your original payment method.",
    refund,
  ],
  ["I've issued a full refund for order 789.", refund],
  ["Your refund of $120 has been processed.", refund],
  ["The money is on its way to you.", refund],
  ["You will receive 120.00 USD.", refund],
  ["Thank you for telling us. Your headphones, order 789, are refunded in full.", refund],
  ["I refunded 60.00 USD of order 789.", partial],
  ["I have changed the shipping address of order 456 to 12 Mill Lane, 90210 Town.", address],
  ["The address of order 456 has been updated.", address],
  ["I have sent a password reset link to the e-mail address on file for your account.", reset],
  ["A reset link is on its way.", reset],
  ["I have passed your question on to our team, and a person will get back to you.", handed],
  ["Our team will look into it.", handed],
  ["25.00 USD of it was refunded on 2026-11-15.", refundedBefore],
  ["Order 789: 25.00 USD has been refunded.", refundedBefore],
  // Nothing is claimed here, so nothing has to go with it.
  ["The money is refunded after they have reached us.", nothing],
  ["Your payment went through, so please do not pay again. Your message arrived.", nothing],
  [
    "The invoice is in your account; your headphones (order 789) were shipped on 5 November 2026.",
    nothing,
  ],
  ["I'm sorry, I can't refund order 789 (headphones).", nothing],
  ["Unfortunately your order cannot be refunded.", nothing],
  ["Your order has not been refunded.", nothing],
  ["No refund has been made for order 789.", nothing],
  ["Would you like a refund for order 789?", nothing],
  ["Which order would you like refunded?", nothing],
  ["You can ask for a refund within 30 days after delivery.", page],
  ["Refunds go to the original payment method.", page],
  ["We will refund the shipping costs of 4.90 USD when the item was faulty.", page],
  ["If the parcel is lost, we will refund you.", nothing],
  ["Once a teammate has approved it, the refund will be made.", nothing],
  [
    "If you would like a person from our team to look at it, just say so and I will pass it on.",
    nothing,
  ],
  ["Order 789 has left the warehouse, so its address can no longer be changed.", nothing],
  ["I'm sorry, I can't change the shipping address of order 456.", nothing],
  ["I can't send a password reset link now.", nothing],
  ["Has the refund been issued by your bank?", nothing],
  ["Please check your spam folder too if you don't see it.", reset],
  ["Please write from the e-mail address you ordered with.", nothing],
  ["I have checked your order 456 and it is being prepared.", nothing],
  ["I have found two orders. I looked at both.", nothing],
  ["I can't refund order 789. It was paid by card.", nothing],
  ["You would like a refund for order 789, and you are within the window.", nothing],
  ["I can't see that order 789 has been refunded.", nothing],
  ["Order 789 has not yet been refunded.", nothing],
  ["To get a refund, please send the item back.", nothing],
  ["You can reset your password on the sign-in page. Reset it there.", nothing],
  ["We are happy to help with a refund.", nothing],
  [
    "I can't find it for your e-mail address. Could you check the number? I'll then gladly look up where it is.",
    nothing,
  ],
  [
    "Please check the number, or write from the address you ordered with; I'll look it up.",
    nothing,
  ],
  ["You did not ask for a refund. I'll look up the order for you.", nothing],
  ["Please confirm the full new address, and I'll change it for you.", nothing],
  ["Send me the number. We will then refund what you paid.", nothing],
  [
    "You can choose a full refund. Just confirm that it has not arrived, and we will pass this on.",
    nothing,
  ],
  ["Tell us and we will look into it.", nothing],
  ["Should nothing come by then, write to us and we'll look into it.", nothing],
  ["We keep it a while; after that the order is cancelled and you get everything back.", nothing],
  ["The choice between a new one and your 120.00 USD is yours.", nothing],
  ["I'm sorry: its return period ended long ago.", nothing],
  ["You'll find the tracking link in your account under Orders.", nothing],
  ["You ordered the lamp and paid 60.00 USD, so I cannot promise more.", nothing],
  ["Refunded – no.", nothing],
  ["Refunded - no.", nothing],
  ["Refunded, no.", nothing],
  ["Refunded: not yet.", nothing],
  ["Your refund of 120.00 USD is being processed.", refund],
  ["The difference would be 60.00 USD, and you get it as a gift card.", nothing],
  ["Your balances are lost with the account.", nothing],
  ["I made a mistake in my last message.", nothing],
  ["I assumed you meant the lamp.", nothing],
  ["I counted the 30 days from delivery.", page],
  ["I've linked the page below.", nothing],
  ["I overlooked that.", nothing],
  ["I've indeed found it.", nothing],
  ["We've changed our opening hours.", says("We have changed our opening hours.")],
  ["It has been tested for outdoor use.", says("The lamp has been tested for outdoor use.")],
  ["We've stopped making this model.", says("We stopped making this model.")],
  ["Some was delivered to you, but you have lost the receipt.", nothing],
];

test("true drafts pass: done with the same order and amount, promised to people who know, or not claimed at all", () => {
  for (const [text, changes] of TRUE) allPass([text], changes);
});

const FALSE: readonly (readonly [string, Partial<Receipts>])[] = [
  ["The money is refunded.", nothing],
  ["Your refund, as promised, is approved.", nothing],
  ["Your payment has gone through to your bank account.", nothing],
  ["Our payment to you went through.", nothing],
  ["When it came (late) we refunded you.", nothing],
  ["The courier has lost your parcel.", nothing],
  ["We have lost your parcel.", nothing],
  ["I have set it aside for you until 3 December.", says("Until 3 December.")],
  ["I've swapped the cable you needed.", nothing],
  ["I've engraved it the way you wanted.", nothing],
  ["I have dealt with it.", nothing],
  ["I've written to the depot.", nothing],
  ["I gave it to the driver.", nothing],
  ["We've sewn it up for you.", nothing],
  ["I've passed it on.", nothing],
  ["I've handed it over.", nothing],
  ["I've covered the return costs for you.", nothing],
  ["I've included a small gift.", nothing],
  ["Consider it done.", nothing],
  ["I have refunded 120.00 USD for order 789.", nothing],
  ["Your refund is confirmed.", nothing],
  ["Refund issued!", nothing],
  ["Just refunded 120.00 USD.", nothing],
  ["I could not find a fault, and I have refunded 120.00 USD.", nothing],
  ["I am processing your refund now.", nothing],
  ["You will receive 120.00 USD on your card; the refund was started.", nothing],
  ["After you wrote, I refunded the order.", nothing],
  ["I have refunded 60.00 USD for order 789.", refund],
  ["I have refunded 120.00 USD for order 456.", refund],
  ["Your order is 456. I have refunded it.", refund],
  ["I've issued a full refund for order 789.", partial],
  ["I have refunded 120.00 USD for order 789.", partial],
  ["I have refunded order 789 and changed your address.", refund],
  ["I have changed the shipping address of order 789.", address],
  ["The address has been updated.", nothing],
  ["I've updated your address.", refund],
  ["I have sent you a password reset link.", nothing],
  ["Your password has been reset.", nothing],
  ["We have sent a replacement.", refund],
  ["I have added a discount to your account.", nothing],
  ["Here is your voucher.", nothing],
  ["Your refund: completed.", nothing],
  ["Consider it refunded.", nothing],
  ["Order 789 refunded.", nothing],
  ["You've been refunded.", nothing],
  ["The refund went through.", nothing],
  ["Refunding 120.00 USD now.", nothing],
  ["I did the refund.", nothing],
  ["I've credited 120.00 USD to your card.", nothing],
  ["120.00 USD has been returned to your card.", nothing],
  ["We've reversed the charge.", nothing],
  ["I have refunded 120.00 USD for order 789, ok?", nothing],
  ["I can't wait to tell you that we have refunded you.", nothing],
  ["I have extended your warranty.", nothing],
  ["Your delivery has been rescheduled.", nothing],
  ["I've changed the date of delivery.", nothing],
  ["The address change is under way.", nothing],
  ["I have refunded 120.00 USD (no action needed on your side).", nothing],
  ["I e-mailed the link again.", nothing],
  ["I have refunded 120.00 USD: no further action is needed.", nothing],
  ["I've cancelled order 789: no charges follow.", nothing],
  ["A specialist will call you: no need to ring us.", nothing],
  ["The choice between the two is yours and I have refunded 120.00 USD.", nothing],
  ["The choice between the two is yours and a refund of 120.00 USD has been issued.", nothing],
  ["You could choose between two lamps and I have refunded 120.00 USD.", nothing],
  ["I've gone ahead and refunded order 789.", nothing],
  ["I've gone ahead with your refund.", nothing],
  ["We will be in touch.", refund],
  ["You will hear from us.", nothing],
  ["We will pass this on.", nothing],
  ["I have updated your e-mail address.", refund],
  ["The new address is fine. I'll change it.", nothing],
  ["Your refund is with us. I'll look at it and you will get it.", nothing],
  ["Order 789: 30.00 USD has been refunded.", refundedBefore],
  ["Your refund (order 789) has been issued.", nothing],
  ["Refund for order 789: approved.", nothing],
  ["Your refund of 120.00 USD is being processed.", nothing],
  ["Your parcel has been lost.", nothing],
  ["I passed it on, so that the return of order 789 has been stopped.", handed],
];

for (const [text, changes] of FALSE) {
  test(`a false claim is found: ${text}`, () => {
    allFound([text], changes, "claim:");
  });
}

test("what is promised and nobody does is for a reader or a person to tell", () => {
  const promised = [
    "We will refund you the 60.00 USD as you wish.",
    "Tomorrow would be fine, and you get 60.00 USD back.",
    "We will refund you.",
    "You'll get your money back.",
    "A prepaid label will be sent to you.",
  ];
  allFound(promised, nothing, "unsure:");
  allFound(["I passed it on, so that the return of order 789 is stopped."], handed, "unsure:");
});

test("a reason names the words that were read, and what they were read as", () => {
  const reason = (text: string, changes: Partial<Receipts>) =>
    outputCheck.check(text, receipts(changes)).findings.map((found) => found.reason)[0];
  assert.equal(
    reason("Good news: I've just refunded it.", nothing),
    "“I've just refunded” is read as a refund, and no action of this reply does it: propose it first or leave it out",
  );
  assert.match(
    reason("We will send you a voucher.", nothing) ?? "",
    /^“will send” .*promised, and/,
  );
  assert.match(
    reason("I have refunded 120.00 USD for order 789.", partial) ?? "",
    /^“have refunded” is read as a refund, other than/,
  );
});

test("the same claim is true with its action and false without", () => {
  const text = "I have refunded 120.00 USD for order 789.";
  assert.deepEqual(objections(text, refund), []);
  assert.equal(objections(text, nothing).length, 1);
  const euros = { actions: [refundOf("789", 12_000, { currency: "EUR" })] };
  assert.ok(
    objections(text, { ...nothing, proposal: euros }).some((words) => words.startsWith("claim")),
  );
});

test("an amount has the digits of its currency, in a claim, an action and a record", () => {
  const yen = { actions: [refundOf("789", 12_000, { paid: 12_000, currency: "JPY" })] };
  const text = "I have refunded 12,000 JPY for order 789.";
  assert.deepEqual(objections(text, { ...nothing, proposal: yen }), []);
  assert.ok(objections(text.replace("12,000", "120"), { ...nothing, proposal: yen }).length > 0);
  const record = tool({ order_id: "789", total: 12_000, refunded: 500, currency: "JPY" });
  const told = { ...nothing, toolResults: [record] };
  assert.deepEqual(objections("It cost 12,000 JPY, and we refunded 500 JPY.", told), []);
  assert.ok(objections("It cost 120 JPY.", told).length > 0);
  const cents = tool({ order_id: "789", total_cents: 4_900, fee: "3.50", currency: "EUR" });
  const inCents = { ...nothing, toolResults: [cents] };
  assert.deepEqual(objections("It cost 49.00 EUR, and 3.50 EUR to send.", inCents), []);
  assert.ok(objections("It cost 4,900 EUR.", inCents).length > 0);
});

test("what Shopify calls fulfilled is told as shipped, and what is not is not", () => {
  const told = (displayFulfillmentStatus: string): readonly string[] =>
    objections("Your order 789 has been shipped.", {
      ...nothing,
      toolResults: [tool({ order_id: "789", displayFulfillmentStatus })],
    });
  assert.deepEqual(told("FULFILLED"), []);
  for (const state of ["UNFULFILLED", "PARTIALLY_FULFILLED", "READY"])
    assert.ok(told(state).length > 0, state);
});

test("a return, and any deed of ours about an order, needs its action, whatever its verb", () => {
  allFound(
    [
      "I have started the return of your headphones (order 789).",
      "Your return is registered.",
      "We have polished the headphones of order 789.",
    ],
    nothing,
  );
  const started = {
    ...nothing,
    proposal: { actions: [actionOf("start_return", { orderId: "789" })] },
  };
  assert.deepEqual(
    objections("I have started the return of your headphones (order 789).", started),
    [],
  );
  assert.deepEqual(objections("I have looked at order 789.", nothing), []);
});

test("a record's day of what a tool does shows that it was done, and on that day", () => {
  const told = (return_started_on: string | null, text: string): readonly string[] => {
    const order = { ...headphones, return_started_on };
    return objections(text, {
      ...nothing,
      toolResults: [tool({ found: true, orders: [order, lamp] })],
    });
  };
  const started = "The return of order 789 has been started";
  for (const text of [
    `${started}.`,
    `${started} today.`,
    "The headphones: their return has been started.",
  ])
    assert.deepEqual(told("2026-11-20", text), [], text);
  assert.equal(told(null, `${started}.`).length, 1);
  assert.equal(told("2026-11-19", `${started} today.`).length, 1);
  for (const text of [
    "The return of order 456 has been started.",
    "I will start the return.",
    "I am starting the return of order 789.",
  ])
    assert.ok(told("2026-11-20", text).length > 0, text);
  const ofNoOrder = tool({ customer_id: "u123", return_started_on: "2026-11-20" });
  assert.ok(objections(`${started}.`, { ...nothing, toolResults: [ofNoOrder] }).length > 0);
});

test("what is named in a sentence is what its “it” means, and a payment is no refund", () => {
  for (const text of [
    "You may choose a refund of 120.00 USD. The lamp isn't late: it was sent by van.",
    "Both payments of 120.00 USD were made on one day.",
    "The address in your account stays as it is.",
    "Leave it to dry, net of cloth, or hang it up.",
  ])
    assert.deepEqual(
      objections(text, nothing).filter((words) => !/^(?:amount|unsure)/.test(words)),
      [],
      text,
    );
  assert.equal(objections("See ourshop,com for more.", nothing).length, 1);
  assert.ok(objections("Your refund of 120.00 USD is through: it was sent.", nothing).length > 0);
});
