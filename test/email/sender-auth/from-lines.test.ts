/** Every way we know of to write a From line that looks like a customer. */

import { OF_ANN, testAll, UNSIGNED, type Case } from "./judged.ts";
import { signed, written, openly, topped, type Written } from "#test/email/mails.ts";

const NOT_ONE = "the From header does not name exactly one address";
const NOT_PLAIN = "the From address is not a plain ASCII address";

const CASES: Readonly<Record<string, Case>> = {
  genuine: { mail: () => signed(written({})), level: 2, reason: OF_ANN },
  "genuine and in capitals": {
    mail: () => signed(written({ from: "ANN@CUSTOMER.TEST" }), "Customer.TEST"),
    level: 2,
    reason: OF_ANN,
  },
  "genuine with the line ends of Unix": {
    mail: async () =>
      Buffer.from(
        (await signed(written({}))).toString("latin1").replaceAll("\r\n", "\n"),
        "latin1",
      ),
    level: 2,
    reason: OF_ANN,
  },
  "genuine, signed by the company and by its mail service": {
    mail: async () => signed(await signed(written({})), "evil.test"),
    level: 2,
    reason: OF_ANN,
  },
  "genuine and signed for a part of its domain": {
    mail: () => signed(written({}), "mail.customer.test"),
    level: 2,
    reason: "DKIM signature of mail.customer.test matches the From address",
  },
  "not signed": { mail: () => written({}), level: 1, reason: UNSIGNED },
  "signed by its own sender": {
    mail: () => signed(written({}), "evil.test"),
    level: 1,
    reason:
      "signed by another domain than customer.test: evil.test, and DMARC of customer.test fails",
  },
  "of a stranger who quotes a customer's order number": {
    mail: () =>
      signed(written({ from: "x@evil.test", text: "I am Ann. Where is order 789?" }), "evil.test"),
    level: 2,
    reason: "DKIM signature of evil.test matches the From address",
    handle: "x@evil.test",
  },
  "with the customer's address as the name shown": {
    mail: () => signed(written({ from: '"ann@customer.test" <x@evil.test>' }), "evil.test"),
    level: 2,
    reason: "DKIM signature of evil.test matches the From address",
    handle: "x@evil.test",
  },
  "with the customer's address in an encoded name": {
    mail: () =>
      signed(written({ from: "=?utf-8?q?ann=40customer.test?= <x@evil.test>" }), "evil.test"),
    level: 2,
    reason: "DKIM signature of evil.test matches the From address",
    handle: "x@evil.test",
  },
  "with the customer's address in a comment": {
    mail: () => signed(written({ from: "x@evil.test (ann@customer.test)" }), "evil.test"),
    level: 2,
    reason: "DKIM signature of evil.test matches the From address",
    handle: "x@evil.test",
  },
  "from a domain in other letters": {
    mail: () => signed(written({ from: "ann@xn--cstomer-n2a.test" }), "xn--cstomer-n2a.test"),
    level: 2,
    reason:
      "DKIM signature of xn--cstomer-n2a.test matches the From address; its domain is written in special letters and may look like another one",
    handle: "ann@xn--cstomer-n2a.test",
  },
  ...Object.fromEntries(
    (["evil.test", "customer.test"] as const).flatMap((domain) =>
      [
        ["thief@evil.test", "ann@customer.test"],
        ["ann@customer.test", "thief@evil.test"],
      ].map((both): [string, Case] => [
        `with two From headers, ${both[0]} on top, signed by ${domain}`,
        {
          mail: () => signed(written({ headers: both.map((from) => ["From", from]) }), domain),
          level: 0,
          reason: "the mail has more than one From header",
          handle: null,
        },
      ]),
    ),
  ),
  ...Object.fromEntries(
    (
      [
        ["two addresses", "ann@customer.test, thief@evil.test", NOT_ONE],
        ["an address within an address", "<ann@customer.test<thief@evil.test>>", NOT_PLAIN],
        ["a group", "Customers:<ann@customer.test>;", "the From header names a group"],
        ["an empty group", "Nobody:;", NOT_ONE],
        ["a quoted address as local part", '"ann@customer.test"@evil.test', NOT_PLAIN],
        ["a quoted local part in brackets", '<"ann"@customer.test>', NOT_PLAIN],
        ["an encoded local part", "=?utf-8?q?ann?=@customer.test", NOT_PLAIN],
        ["letters beyond ASCII in the domain", "Ann <ann@cüstomer.test>", NOT_PLAIN],
        ["letters beyond ASCII before the @", "Ann <аnn@customer.test>", NOT_PLAIN],
        [
          "a null byte",
          "ann@customer.test\0@evil.test",
          "the From header has control characters in it",
        ],
        [
          "a lone carriage return",
          "x@evil.test\rFrom: ann@customer.test",
          "the From header has control characters in it",
        ],
        ["a final dot", "ann@customer.test.", NOT_PLAIN],
      ] as const
    ).map(([name, from, reason]): [string, Case] => [
      `whose From has ${name}`,
      {
        mail: () => signed(written({ from })),
        level: 0,
        reason,
        handle: null,
      },
    ]),
  ),
  "without From": {
    mail: () => written({ headers: [["From", ""]] }),
    level: 0,
    reason: NOT_ONE,
    handle: null,
  },
};

testAll(CASES);

const SENT_ON =
  "no address of ours stands in a signed To or Cc, so it may have been written to others and sent on";

const TO_WHOM: Readonly<Record<string, Omit<Case, "mail"> & { readonly mail: Written }>> = {
  "to another address": { mail: { to: "mallory@evil.test" }, level: 1, reason: SENT_ON },
  "to no address, by Bcc": {
    mail: { to: "undisclosed-recipients:;" },
    level: 1,
    reason: SENT_ON,
  },
  "to an address that only begins like ours": {
    mail: { to: "support@ourshop.test.evil.test" },
    level: 1,
    reason: SENT_ON,
  },
  "to us among others": {
    mail: { to: "bob@elsewhere.test, Support@OurShop.test" },
    level: 2,
    reason: OF_ANN,
  },
  "to us with a plus part": {
    mail: { to: "support+t-12ab@ourshop.test" },
    level: 2,
    reason: OF_ANN,
  },
  "to another inbox of ours": {
    mail: { to: "Help <help@ourshop.test>" },
    level: 2,
    reason: OF_ANN,
  },
  "to us in Cc": {
    mail: { to: "bob@elsewhere.test", headers: [["Cc", "support@ourshop.test"]] },
    level: 2,
    reason: OF_ANN,
  },
};

/** Forms of a mail in which its verifier finds a signed field that a reader with other rules does not. */
const HIDDEN: Readonly<Record<string, (mail: string, field: string) => string>> = {
  "below two thousand others": (mail, field) =>
    mail
      .replace(`\r\n${field}`, "")
      .replace("\r\n\r\n", `\r\n${"X: y\r\n".repeat(2_000)}${field}\r\n\r\n`),
  "folded before its colon": (mail, field) => mail.replace(field, field.replace(":", "\r\n :")),
};

const FORGED: readonly (readonly [signed: string, forged: string, to: string])[] = [
  ["To: mallory@evil.test", "To: support@ourshop.test", "mallory@evil.test"],
  ["Cc: eve@evil.test", "Cc: support@ourshop.test", "mallory@evil.test"],
  ["Subject: My order", "Subject: Cancel all", "support@ourshop.test, mallory@evil.test"],
];

const MANY_WAYS = "its headers can be read in more than one way";

testAll(
  Object.fromEntries(
    FORGED.flatMap(([field, forged, to]) =>
      Object.entries(HIDDEN).map(([where, hidden]) => [
        `with "${forged}" on top and the signed one ${where}`,
        {
          mail: async () => {
            const honest = await signed(written({ to, headers: [["Cc", "eve@evil.test"]] }));
            const raw = hidden(honest.toString("latin1"), field);
            return topped(Buffer.from(raw, "latin1"), forged);
          },
          level: 1 as const,
          reason: MANY_WAYS,
        },
      ]),
    ),
  ),
);

testAll({
  "with a field that is one only where any blank counts": {
    mail: async () => topped(await openly({}), "Cc\u00a0: bob@elsewhere.test"),
    level: 1,
    reason: MANY_WAYS,
  },
  ...Object.fromEntries(
    Object.entries(TO_WHOM).map(([name, { mail, ...rest }]) => [
      name,
      { ...rest, mail: () => openly(mail) },
    ]),
  ),
  "with our address in a To that no signature covers": {
    mail: () =>
      signed(written({}), "customer.test", {
        headerList: "from:subject:date:content-type:content-transfer-encoding",
      }),
    level: 1,
    reason: "the signature covers neither To nor Cc, and no second witness is set up",
  },
  "to another address, with ours in a second To on top": {
    mail: async () => topped(await openly({ to: "mallory@evil.test" }), "To: support@ourshop.test"),
    level: 1,
    reason: SENT_ON,
  },
  "to another address, with ours in a Cc on top": {
    mail: async () =>
      topped(
        await signed(written({ to: "mallory@evil.test" }), "customer.test"),
        "Cc: support@ourshop.test",
      ),
    level: 1,
    reason: SENT_ON,
  },
});
