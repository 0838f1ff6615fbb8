/** Statements that rest on two quotes, and on what is so in every installation: who writes here, and who gets a person. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Statement } from "#verifier/request.ts";
import { numberedSources } from "#verifier/sources.ts";
import { judged, KNOWN } from "./samples.ts";

const order = (order_id: string, delivered_on: string) => ({
  tool: "get_order_status",
  result: { found: true, order: { order_id, item: "backpack", delivered_on } },
});

const SOURCES = numberedSources({
  ...KNOWN,
  actions: [],
  toolResults: [order("790", "2026-10-06"), order("791", "2026-11-16")],
  writer: "an AI assistant, a computer program",
});

const OFFER =
  "who would like a person of our team to look at it just has to say so, and a person then looks at it and answers";
const PERIOD = "You can ask for a refund within 30 days.";

function quoteOf(quote: string) {
  return { source: SOURCES.findIndex(({ text }) => text.includes(quote)) + 1, quote };
}

/** What is objected to in a reply that is one statement with these quotes. */
function objections(
  text: string,
  [first, second]: readonly string[],
  kind: Statement["kind"] = "fact",
): readonly string[] {
  const [one, also] = [quoteOf(first ?? ""), second === undefined ? null : quoteOf(second)];
  const given = { sources: SOURCES, claims: () => false };
  const { findings, miscopied } = judged([{ text, kind, ...one, also }], given);
  return [...findings.map(({ reason }) => reason), ...miscopied];
}

test("asking to write back is a courtesy, whatever stands beside it", () => {
  assert.deepEqual(objections("Just write back if you'd like that.", [OFFER]), []);
  assert.notDeepEqual(objections("Just write back and a person has it.", [OFFER]), []);
});

describe("two quotes of one statement", () => {
  test("both have to stand in a source", () => {
    const text = "It was delivered on 6 October 2026, and you can ask for a refund within 30 days.";
    const day = "order 790: delivered on 2026-10-06";
    assert.deepEqual(objections(text, [day, PERIOD]), []);
    assert.deepEqual(objections(text, [day, "within 14 days of its purchase"]), [
      "its quote stands in no source",
      "within 14 days of its purchase",
    ]);
  });

  test("are not two orders, whose days could be changed for each other", () => {
    const quotes = ["order 790: delivered on 2026-10-06", "order 791: delivered on 2026-11-16"];
    const text = "790 came on 16 November 2026 and 791 on 6 October 2026.";
    assert.match(objections(text, quotes).join(), /say of each order what its own record says/);
  });

  test("repeat the customer with the order that a look-up found, and never with a page alone", () => {
    const wrote = "My phone of order 2001 was at the depot in Chicago on December 14.";
    const text = "You wrote that your backpack (790) was at the depot in Chicago on December 14.";
    assert.deepEqual(objections(text, [wrote, "order 790: item backpack"], "echo"), []);
    const day = "You wrote that it was at the depot in Chicago on 6 October 2026.";
    const delivered = "order 790: delivered on 2026-10-06";
    assert.match(
      objections(day, [wrote, delivered], "echo").join(),
      /does not stand in what backs/,
    );
    for (const quote of ["order 790: item backpack", PERIOD])
      assert.match(objections(text, [quote], "echo").join(), /not what the customer wrote/);
  });

  test("apply a rule to what the customer has in the basket, and give them nothing by it", () => {
    const asked =
      "My basket is at 38 dollars, and I get 38 dollars from you on the 25th of next month.";
    const passages = [
      { id: "s#1", title: "Shipping", url: "", text: "Delivery costs 4.90 USD.", score: 1 },
    ];
    const sources = numberedSources({ ...KNOWN, passages, asked });
    const numberOf = (words: string): number =>
      sources.findIndex((one) => one.text.includes(words)) + 1;
    const told = (
      text: string,
      rule = "Delivery costs 4.90 USD.",
      kind: Statement["kind"] = "fact",
    ) => {
      const also = { source: numberOf(asked), quote: asked };
      const statement = { text, kind, source: numberOf(rule), quote: rule, also };
      return judged([statement], { sources, claims: () => false }).findings.length;
    };
    assert.equal(told("With 38 dollars in the basket, delivery adds 4.90 USD."), 0);
    assert.equal(told("For your basket of 38 dollars delivery costs 4.90 USD."), 0);
    for (const text of [
      "With 39 dollars in the basket, delivery adds 4.90 USD.",
      "With 4.90 USD in the basket, delivery adds 38 dollars.",
      "For 38 dollars, delivery is on us.",
      "We take 38 dollars off your next order.",
    ])
      assert.equal(told(text), 1, text);
    assert.equal(
      told("With 38 dollars in the basket, delivery adds 4.90 USD.", undefined, "promise"),
      1,
    );
    const shipped = "With 38 dollars in the basket, it is shipped.";
    assert.equal(told(shipped, "order 2001: status shipped"), 1);
    assert.equal(told("You wrote that it is on December 25."), 0);
    assert.equal(told("You wrote that it is on December 24."), 1);
  });

  test("of which none shows a deed prove no deed", () => {
    const quotes = [PERIOD, OFFER];
    const text = "We have passed it on to our team.";
    assert.match(objections(text, quotes, "done").join(), /nothing shows that this was done/);
  });
});

describe("who writes, and who gets a person", () => {
  test("is said with a source where a program wrote the reply, and with none where a person did", () => {
    const writes = "an AI assistant, a computer program, writes the replies";
    const read =
      "people of our team read all but those marked as automatic before they are sent, and take over";
    assert.deepEqual(objections("Yes, you are writing with an AI assistant.", [writes]), []);
    const none = "what writes here is a program and no person";
    for (const text of ["I'm a program, not a person.", "No, you are not writing to a person."])
      assert.deepEqual(objections(text, [none]), [], text);
    assert.deepEqual(objections("People of our team read my replies or take over.", [read]), []);
    assert.ok(numberedSources(KNOWN).every(({ text }) => !text.includes("who writes")));
  });

  test("is offered as a fact or a promise, and nothing else is", () => {
    for (const text of [
      "If you would like a person to look at it, just say so.",
      "A colleague looks at it if you like.",
      "Would you like a person of our team to look at it?",
    ])
      for (const kind of ["fact", "promise"] as const)
        assert.deepEqual(objections(text, [OFFER], kind), [], text);
    for (const text of [
      "If you say so, we'll refund you in full.",
      "If you want, we'll answer this.",
      "If you say so, a person takes it back.",
      "If you say so, a person cancels it today.",
      "Ein Mensch aus unserem Team sieht es sich an, falls noch etwas fehlt.",
    ])
      for (const kind of ["fact", "promise"] as const)
        assert.notDeepEqual(objections(text, [OFFER], kind), [], text);
  });

  test("is not said as if a person had it", () => {
    for (const text of [
      "A person of our team looks at it and answers.",
      "Ein Mensch aus unserem Team sieht sich das an.",
    ]) {
      assert.match(objections(text, [OFFER]).join(), /no person has it yet/);
      assert.match(objections(text, [OFFER], "promise").join(), /nothing shows/);
      assert.match(objections(text, [OFFER], "done").join(), /nothing shows/);
    }
  });
});
