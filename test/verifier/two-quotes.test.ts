/** Statements that rest on two quotes, and on what is so in every installation: who writes here, and who gets a person. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { judge } from "#verifier/judge.ts";
import type { Statement } from "#verifier/request.ts";
import { numberedSources } from "#verifier/sources.ts";
import { KNOWN, TODAY } from "./samples.ts";

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
  const given = { reply: text, sources: SOURCES, customer: null, today: TODAY };
  const { findings, miscopied } = judge(
    { statements: [{ text, kind, ...one, also }] },
    { ...given, claims: () => false },
  );
  return [...findings.map(({ reason }) => reason), ...miscopied];
}

describe("two quotes of one statement", () => {
  const over = "A refund is not possible, since it was delivered on 6 October 2026.";

  test("prove that the time of a page is over since the day of a record, and one of them does not", () => {
    const day = "order 790: delivered on 2026-10-06";
    assert.deepEqual(objections(over, [day, PERIOD]), []);
    assert.deepEqual(objections(over, [PERIOD, day]), []);
    for (const quote of [day, PERIOD])
      assert.match(objections(over, [quote]).join(), /the source says that it is so/, quote);
  });

  test("prove nothing of the kind while that time runs, and nothing where one stands nowhere", () => {
    const running = "A refund is not possible, since it was delivered on 16 November 2026.";
    const quotes = ["order 791: delivered on 2026-11-16", PERIOD];
    assert.match(objections(running, quotes).join(), /the source says that it is so/);
    const nowhere = ["order 790: delivered on 2026-10-06", "within 14 days of its purchase"];
    assert.deepEqual(objections(over, nowhere), [
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
    for (const quotes of [["order 790: item backpack"], [wrote, PERIOD]])
      assert.match(objections(text, quotes, "echo").join(), /not what the customer wrote/);
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

  test("is offered in whatever language, as a fact or a promise", () => {
    for (const text of [
      "If you would like a person to look at it, just say so.",
      "A colleague looks at it if you like.",
      "Would you like a person of our team to look at it?",
      "Wenn Sie möchten, sieht sich das ein Mensch aus unserem Team an.",
      "Si vous le souhaitez, une personne de notre équipe regarde cela.",
    ])
      for (const kind of ["fact", "promise"] as const)
        assert.deepEqual(objections(text, [OFFER], kind), [], text);
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
