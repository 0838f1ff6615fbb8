import assert from "node:assert/strict";
import { test } from "node:test";
import { allFound, allPass, objections, refundPage, tool } from "./evidence-world.ts";

const page = { passages: [refundPage] };

const REFUSED: readonly string[] = [
  ...[
    "bitcoin:bcaqkgdygjrsqtzqnnpgxsjkfjhx",
    "upi:payevilcorpnow",
    "skype:evilcorpsupport",
    "zoommtg:joinevilroom",
    "myapp:loginwithtokenabc",
    "evil . com",
    "evil .support",
    "evil,com",
    "evil·com",
    "evil·photography",
    "evil/com/pay",
    "e v i l . c o m",
    "e v i l dot c o m",
  ].map((place) => `Pay at ${place}.`),
  "Look at [the page](https://evil.test/x).",
  "Look at <https://evil.test/x>.",
  "Look at evil.test now.",
  // Endings no list would have.
  "Look at evil.support now.",
  "Look at www.evil-page.photography.",
  "Look at \u043F\u0440\u0438\u043C\u0435\u0440.\u0440\u0444.",
  "Look at sub.evil.zip/a.",
  "Look at //evil.test/x.",
  String.raw`Look at \\evil.test\x.`,
  "Look at https:/evil.test/x.",
  "Look at https:evil.test/x.",
  String.raw`Look at https:\\evil.test/x.`,
  "Look at https://help.ourshop.test@evil.test/.",
  "Look at https://help.ourshop.test%2eevil.test/.",
  "Look at https://help.ourshop.test:8443/refund-policy.",
  "Look at http://192.168.0.1/x.",
  "Look at 192.168.0.1/x.",
  "Look at https://xn--hlp-5cd.ourshop.test/.",
  // A Cyrillic letter in the middle, a whole host of them, and dots of another script.
  "Look at https://h\u0435lp.ourshop.test/refund-policy.",
  "Look at h\u0435lp.ourshop.test/refund-policy.",
  "Look at evil\u3002test/x.",
  "Look at https://evil\uFF0Etest/x.",
  // Split by an invisible character.
  "Look at evil\u200B.test/x.",
  "Look at ht\u2060tps://ev\u00ADil.test/x.",
  "Look at data:text/html,hi.",
  "Look at JaVaScRiPt:alert(1).",
  "Write to us: whatsapp:123, or sms:456.",
  "Look at ftp://help.ourshop.test/refund-policy.",
  "Look at https&#58;&#47;&#47;evil&#46;test&#47;x.",
  "[here][1]\n\n[1]: evil.test/x",
  // Whatever stands behind the slashes.
  "Look at https://[dead:beef::cafe]/pay",
  "Look at http://[fe80::a:b]/login?u=ann",
  "Look at https://'.evil.com/x",
  "Look at https://(evil.com)/x",
  "Look at https://{evil}.com/x",
  "Look at _https://evil.test/x_",
  "Look at 1https://evil.test/x",
  "Look at https://help.ourshop.test/[ann@customer.test",
  "Look at help.ourshop.test/'ann",
  "Look at [https://help.ourshop.test/](https://evil.test/).",
  "Look at [your order](/redirect?to=ann).",
  // What no program makes a link of.
  "Go to evil dot com slash pay.",
  "Go to evil[.]com or evil (dot) com.",
  "Gehen Sie zu evil punkt com.",
  "Message @ourshop_pay on Telegram.",
  "Pay to bitcoin:1BoatSLRHtKNngkdXEeobR76b53LETtpyT please.",
  "Pay to upi:pay?pa=evil@bank please.",
];

for (const text of REFUSED) {
  test(`a link that is not on the list is found: ${JSON.stringify(text)}`, () => {
    allFound([text], page, "link:");
  });
}

const ALLOWED: readonly string[] = [
  "Look at https://help.ourshop.test/refund-policy.",
  "Look at help.ourshop.test/refund-policy!",
  "Look at https://HELP.ourshop.test/refund-policy/.",
  "Look at [our page](https://help.ourshop.test/refund-policy).",
  "Look at <https://help.ourshop.test/>.",
  "Look at [https://help.ourshop.test/refund-policy](https://help.ourshop.test/refund-policy).",
  'See "https://help.ourshop.test/refund-policy" (or https://help.ourshop.test/).',
  "Two dots, the dot on the label, order:789, at 10:00, Tracking:ok, der Punkt ist, un point important.",
  "The attached invoice.pdf of 9.50 kg, at 9 a.m. in the U.S. by version 1.2.3 of 31.12.2026.",
  "Paid, and shipped: order 2001 · phone · paid; red/blue, a/b, 1,5 kg. Ja , gerne . Danke. Plan a b c. status:paid",
  "It is done. Thanks a lot, e.g. for waiting; fish & chips; 3/4 of it; and/or.",
];

test("a link that a page has, in any of its spellings, may be given", () => {
  for (const text of ALLOWED)
    assert.deepEqual(
      objections(text, page).filter((words) => words.startsWith("link:")),
      [],
      text,
    );
});

test("a name on another service, a host that is spelled out and a payment address need a person, whatever a page says", () => {
  const text =
    "Message @ourshop_help, go to ourshop dot test, or pay to bitcoin:1BoatSLRHtKNngkdXEeo.";
  const pages = [{ ...refundPage, text }];
  assert.deepEqual(objections(text, { passages: pages }), [
    "contact: bitcoin:1BoatSLRHtKNngkdXEeo.",
    "contact: @ourshop_help",
    "contact: ourshop dot test",
  ]);
  // The customer's words are no source.
  assert.notDeepEqual(objections(text, { asked: text }), []);
});

test("a day without its space and a mention of the requester lead nowhere else", () => {
  for (const text of [
    "Die Lieferung kam am 22.Februar an.",
    "Zwischen dem 1.März und dem 3.april.",
    "Hello @ann, hello @Ann.Fields, hello @fields!",
    "Hello <@U0123ABCD>!",
  ])
    assert.deepEqual(
      objections(text).filter((words) => words.startsWith("link:")),
      [],
      text,
    );
  allFound(
    [
      "Look at 22.februar.shop.",
      "Look at 22.Februar/pay.",
      "Write to @ann_pay.",
      "Write to @bob.fields.",
      "Write to <@ourshop_pay>.",
    ],
    {},
    "link:",
  );
});

test("a number in a listed link is part of the link, and none of an order", () => {
  allPass(["See https://shop2024.test/", "See https://shop2024.test/."], {});
  assert.deepEqual(objections("See order shop2024."), ["order: shop2024"]);
});

test("a link that a tool gives in data ends at its quotation mark", () => {
  const data = '{"page":"https://help.ourshop.test/returns","more":"x"}';
  allPass(["Look at https://help.ourshop.test/returns."], { toolResults: [tool(data)] });
});
