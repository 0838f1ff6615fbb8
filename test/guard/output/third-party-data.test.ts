import assert from "node:assert/strict";
import { test } from "node:test";
import type { Receipts } from "#core/contracts/guard.ts";
import {
  allFound,
  checkWith,
  objections,
  page,
  receipts,
  refundPage,
  tool,
} from "./evidence-world.ts";

const unnamed = { requester: { ...receipts().requester, name: null } };

const FOUND: readonly (readonly [string, Partial<Receipts>])[] = [
  ["I have noted bob@elsewhere.test.", {}],
  ["Write to bob (at) elsewhere (dot) test.", {}],
  ["Write to bob [at] elsewhere.test.", {}],
  ["Write to refunds@b\u00FCcher.example.", {}],
  ['Write to "pay desk"@evil.com.', {}],
  ["Write to refunds@[203.0.113.5].", {}],
  ["Write to \u043F\u043B\u0430\u0442\u0430@evil.test.", {}],
  ["Write to pay{desk}@evil.test.", {}],
  ["Bob's number is +1 202 555 0143.", {}],
  ["Call (202) 555-0143.", { passages: [refundPage] }],
  ["Rufen Sie 0049 30 1234567 an.", {}],
  ["Hello Bob,\n\nthank you.", {}],
  ["Hallo Bob, danke für die Nachricht.", {}],
  ["Sehr geehrter Herr Marsh,\n\nvielen Dank.", {}],
  ["Bonjour Bob, merci.", {}],
  ["Estimada Cara, gracias.", {}],
  // A person the sender only writes about is not the sender.
  ["Hello Bob,\n\nthank you.", { asked: "My friend Bob has order 1001, where is it?" }],
  ["Hello Cara,\n\nthank you.", { ...unnamed, asked: "Cara Lind wants her money" }],
];

for (const [text, changes] of FOUND) {
  test(`third-party data is found: ${JSON.stringify(text)}`, () => {
    allFound([text], changes, "stranger:");
  });
}

const FINE: readonly (readonly [string, Partial<Receipts>])[] = [
  ["We have ann@customer.test on file.", {}],
  ["Write to care@ourshop.test.", {}],
  ["Write to **care@ourshop.test** or 'care@ourshop.test'.", {}],
  ["Call +1 800 555 0199.", { passages: [refundPage] }],
  ["Call 001 (800) 555-0199.", { passages: [refundPage] }],
  [
    "We have +49 30 1234567 on file.",
    { toolResults: [tool({ customer_id: "u123", phone: "030 1234567" }, "get_customer")] },
  ],
  ["Hello Ann,\n\nthank you.", {}],
  ["Hallo Frau Fields, danke.", {}],
  ["Liebe Ann, danke.", {}],
  ["Chère Madame Fields, merci.", {}],
  ["Hi there, thanks.", {}],
  ["Sehr geehrte Damen und Herren, danke.", {}],
  ["Hi Robin, thanks.", { ...unnamed, asked: "hello, this is Robin" }],
  ["Hi Liz, thanks.", { asked: "where is my parcel?\n\nRegards\nLiz" }],
  ["Hallo Jo, danke.", { ...unnamed, asked: "Hallo, ich bin Jo und suche mein Paket" }],
  ["Your parcel has the number 123 456 789 012.", { asked: "123 456 789 012?" }],
];

test("the requester's own name, address and number, and the team's, may be said", () => {
  for (const [text, changes] of FINE)
    assert.deepEqual(
      objections(text, changes).filter((words) => words.startsWith("stranger:")),
      [],
      text,
    );
});

const isContact = (words: string): boolean => /^(?:contact|stranger):/.test(words);

/** What one lead wrote on a help page, with the account, the number and the address of somebody else. */
const FEE_PAGE = page(
  "Pay the customs fee to the account DE89 3704 0044 0532 0130 00 or call +1 900 555 0188, or write to refunds@evil.example.",
);

test("an account, a telephone number and an address of a help page go to a person unless the policy lists them", () => {
  const draft =
    "Pay it to DE89370400440532013000 or de89-3704-0044-0532-0130-00, order AB12 DE89 3704 0044 0532 0130 00, call 001 900 555 0188, write to refunds@evil.example.";
  const unlisted = objections(draft, FEE_PAGE).filter(isContact);
  assert.deepEqual(unlisted, [
    "contact: DE89370400440532013000",
    "contact: de89-3704-0044-0532-0130-00",
    "contact: DE89 3704 0044 0532 0130 00",
    "contact: refunds@evil.example",
    "contact: 001 900 555 0188",
  ]);
  const listed = checkWith({
    contacts: ["DE89 3704 0044 0532 0130 00", "+1 900 555 0188", "Refunds@evil.example"],
  });
  const { findings } = listed.check(draft, receipts(FEE_PAGE));
  assert.deepEqual(findings.map(({ kind }) => `${kind}:`).filter(isContact), []);
  // Without a source it is invented, and the model writes its draft once more.
  assert.ok(objections(draft).includes("stranger: DE89370400440532013000"));
  assert.ok(!objections(draft).some((words) => words.startsWith("contact:")));
});

test("what looks like an account and has another checksum is a number", () => {
  const draft = "Your reference is DE88 3704 0044 0532 0130 00.";
  assert.ok(!objections(draft).some((words) => words === "stranger: DE88 3704 0044 0532 0130 00"));
});

test("a number in a record of another customer is no contact of the requester", () => {
  const record = tool({ customer_id: "u999", phone: "+49 30 1234567" }, "get_customer");
  assert.deepEqual(objections("Call +49 30 1234567.", { toolResults: [record] }), [
    "contact: +49 30 1234567",
  ]);
});

test("a phrase the voice forbids is found in any case, and only as whole words", () => {
  const forbidden = [
    "to be honest",
    "sorry for any inconvenience",
    "sicher!",
    "don't worry",
    "sure",
  ];
  const text = "We are SORRY for\nany inconvenience. To be  honest, don’t worry.";
  assert.deepEqual(objections(text, { forbidden }), [
    "phrase: To be  honest",
    "phrase: SORRY for\nany inconvenience",
    "phrase: don't worry",
  ]);
  assert.deepEqual(objections("We measure it for you.", { forbidden }), []);
  assert.deepEqual(objections("Hello (really)!", { forbidden: ["(really)", ".*", " "] }), [
    "phrase: (really)",
  ]);
});
