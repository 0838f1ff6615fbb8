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
  phone,
  receipts,
  refundOf,
  refundPage,
  seen,
  tool,
} from "./evidence-world.ts";

const page = { passages: [refundPage] };

const HONEST: readonly (readonly [string, Partial<Receipts>])[] = [
  ["Order 789 (headphones) was delivered on 2026-11-08.", seen],
  ["Your headphones (order #789) were delivered on 8 November 2026.", seen],
  ["They were delivered on Nov 8.", seen],
  ["They were delivered on November 8th, 2026, which was a Sunday.", seen],
  ["They were delivered on 11/08/2026.", seen],
  ["They were delivered 12 days ago.", seen],
  ["They were delivered twelve days ago.", seen],
  ["You paid 120.00 USD for them.", seen],
  ["You paid $120 for them.", seen],
  ["You paid US$120.00.", seen],
  ["You paid USD 120.", seen],
  ["You paid 120 dollars.", seen],
  ["You paid one hundred and twenty dollars.", seen],
  ["You paid 120,00 USD.", seen],
  ["Your phone was shipped yesterday and is due in 2 days.", { toolResults: [tool(phone)] }],
  ["Your phone is due on Sunday, 22 November.", { toolResults: [tool(phone)] }],
  ["Your phone should arrive in two days.", { toolResults: [tool(phone)] }],
  [
    "Order 456 (desk lamp) is being prepared in our warehouse (processing) and has not been shipped yet.",
    { toolResults: [tool(lamp)] },
  ],
  [
    "I can see order 456 (desk lamp, 60.00 USD) and order 789 (headphones, 120.00 USD).",
    { toolResults: [tool({ orders: [lamp, headphones] })] },
  ],
  [
    "Which order would you like refunded? I can see orders 456 and 789.",
    { toolResults: [tool({ orders: [lamp, headphones] })] },
  ],
  ["You can ask for a refund within 30 days after delivery (see Refund policy).", page],
  ["You can ask for a refund within thirty days of delivery.", page],
  ["Refunds take 3-5 business days.", page],
  ["Refunds take 3 to 5 working days.", page],
  ["Refunds arrive within 5 business days.", page],
  [
    "Keep it for two weeks, a fortnight at most.",
    { passages: [{ ...refundPage, text: "Keep it for 14 days." }] },
  ],
  ["It takes 7 to 14 days.", { passages: [{ ...refundPage, text: "It takes 1-2 weeks." }] }],
  ["We are there Monday to Friday from 9 am to 5 pm, at +1 800 555 0199.", page],
  ["Please write to support@ourshop.test.", page],
  ["We have ann@customer.test on file.", {}],
  ["Write to Care@ourshop.test.", {}],
  ["We took 20.00 USD off.", { toolResults: [tool({ price: 20 }, "get_discount")] }],
  ["More is here: https://help.ourshop.test/refund-policy.", page],
  ["More is here: https://help.ourshop.test/", page],
  [
    "I can't find order 4711 for your address. Please check the number.",
    { asked: "Where is order 4711?" },
  ],
  [
    "You asked about a refund of 500.00 USD for order 4711. I could not find that order.",
    { asked: "refund 500.00 USD for order 4711 please" },
  ],
  ["Hello Ann,\n\nyour headphones were delivered on 2026-11-08.", seen],
  ["Dear Ann Fields, your order 789 was delivered on 2026-11-08.", seen],
  ["Hi there! How can I help you today?", {}],
  [
    "Hi Robin, I could not find an order for your address.",
    { asked: "hello, this is Robin", requester: { ...receipts().requester, name: null } },
  ],
  ["Two of our pages may help you. Have a nice day!", {}],
  ["You're welcome! Just write again if there is anything else.", {}],
  [
    "We took 20.00 USD off.",
    { toolResults: [tool({ amount: 20, currency: "USD" }, "get_discount")] },
  ],
  [
    "Your parcel has the tracking number 1Z999AA10123456784.",
    { toolResults: [tool({ tracking: "1Z999AA10123456784" })] },
  ],
];

test("honest drafts pass: what a tool, a page or an action says may be said", () => {
  for (const [text, changes] of HONEST) allPass([text], changes);
});

const MADE_UP: readonly (readonly [string, string, Partial<Receipts>])[] = [
  ["amount", "You paid 121.00 USD for them.", seen],
  ["amount", "You paid $12 for them.", seen],
  ["amount", "You paid 120.00 EUR for them.", seen],
  ["amount", "You paid twenty dollars.", seen],
  ["amount", "You paid 1,200.00.", seen],
  ["amount", "We take 10% off your next order.", seen],
  [
    "amount",
    "You asked for 500.00 USD; your order cost 501.00 USD.",
    { ...seen, asked: "500.00 USD" },
  ],
  ["amount", "Your order cost 500.00 USD.", { ...seen, asked: "my order cost 500.00 USD" }],
  ["date", "It was delivered on 2026-11-09.", seen],
  ["date", "It was delivered on 9 November.", seen],
  ["date", "It was delivered on November 8, 2025.", seen],
  ["date", "It was delivered 13 days ago.", seen],
  ["unsure", "It will arrive tomorrow.", seen],
  ["unsure", "Your parcel arrives today.", seen],
  ["date", "It will arrive on Monday.", { toolResults: [tool(lamp)] }],
  ["date", "It will arrive in 3 days.", { toolResults: [tool(phone)] }],
  ["date", "You can ask for a refund within 60 days.", page],
  ["unsure", "Refunds take 3-7 business days.", page],
  ["unsure", "Refunds take 5 days.", page],
  ["date", "Please call us until 6 pm.", page],
  ["date", "It will be there within 24 hours.", page],
  ["unsure", "It will be there in an hour.", page],
  ["unsure", "Your parcel arrives in about a week.", page],
  ["order", "Your order 790 was delivered on 2026-11-08.", seen],
  ["order", "Your orders 789 and 790 were delivered on 2026-11-08.", seen],
  ["order", "Order #1001 was delivered on 2026-11-08.", seen],
  ["claim", "Order 4711 is on its way.", { ...seen, asked: "Where is order 4711?" }],
  ["order", "Your tracking number is 1Z999AA10123456785.", seen],
  ["link", "Look at https://evil.test/refund-policy.", page],
  ["link", "Look at https://help.ourshop.test.evil.test/.", page],
  ["link", "Look at https://help.ourshop.test/refund-policy?card=4111.", page],
  ["link", "Look at https://help.ourshop.test/other.", page],
  ["link", "Look at https://ann@help.ourshop.test/refund-policy.", page],
  ["link", "Look at www.evil.com.", page],
  ["link", "Look at evil.com/refund.", page],
  ["link", "[here](https://evil.test)", page],
  ["link", "Open data:text/html;base64,AAAA now.", page],
  ["link", '<a href="/x">here</a>', page],
  ["image", "![ok](https://evil.test/x.png)", page],
  ["image", '<img src="https://evil.test/x.png">', page],
  ["image", "![ok][ref]", page],
  ["stranger", "Hello Bob, your order 789 was delivered on 2026-11-08.", seen],
  ["stranger", "Dear Cara Lind,\n\nthank you.", seen],
  ["canary", "The reference is c0ffee.", {}],
  ["empty", "  \u200b\n ", {}],
  ["claim", "Your lamp has been shipped.", { toolResults: [tool(lamp)] }],
  ["claim", "Your phone was delivered.", { toolResults: [tool(phone)] }],
];

for (const [kind, text, changes] of MADE_UP) {
  test(`made up (${kind}): ${text.trim().replaceAll("\n", " ") || "nothing"}`, () => {
    allFound([text], changes, `${kind}:`);
  });
}

test("a number inside invisible characters is still read", () => {
  assert.notDeepEqual(objections("You paid 1\u200b21.00 USD.", seen), []);
});

test("the text of the reply is no receipt for itself, and neither is what the customer told", () => {
  const reply = actionOf("reply", { text: "Your order 4711 cost 77.00 USD.", answers: "4711" });
  const letter = { proposal: { actions: [reply, refundOf("789", 12_000)] } };
  assert.deepEqual(objections("Your order 4711 cost 77.00 USD.", letter), [
    "amount: 77.00 USD",
    "order: 4711",
  ]);
  assert.deepEqual(objections("It cost 999.00 USD.", letter), ["amount: 999.00 USD"]);
});

test("receipts are counted once each", () => {
  const { receiptsFound } = outputCheck.check(
    "Order 789 cost 120.00 USD, yes, 120.00 USD, and was delivered on 2026-11-08.",
    receipts(seen),
  );
  assert.equal(receiptsFound, 3);
});

test("the words of a finding are the words in the draft, so that they can be marked", () => {
  const text = "Order 789 was delivered on 9 November and cost 130.00 USD.";
  for (const { words } of outputCheck.check(text, receipts(seen)).findings)
    assert.ok(words !== "" && text.includes(words), words);
});
