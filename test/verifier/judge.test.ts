/** What a second model says of a reply counts only where code finds it in the sources. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { numberedSources } from "#verifier/sources.ts";
import { judged, KNOWN, numberOf, reasons, said } from "./samples.ts";
import { anyCharacter } from "#test/support/any-character.ts";
import { runs } from "#test/support/tiers.ts";
import { Reading, readingIn } from "#verifier/request.ts";
import fc from "fast-check";

const ORDER = "order 2001";
const SHIPPED = "order 2001: status shipped";
const PAGE = "Refunds";

const why = (of: ReturnType<typeof said>) => reasons(of)[0] ?? "";

describe("the judge", () => {
  test("a quote that stands in its source backs a sentence, whatever its language, and is kept for the card", () => {
    const { findings, backed, miscopied } = judged([
      said("courtesy", "Danke für Ihre Nachricht."),
      said("fact", "Ihre Bestellung 2001 ist unterwegs.", ORDER, SHIPPED),
      said(
        "done",
        "Wir erstatten Ihnen 30 Dollar.",
        "refund of order 77",
        "Refund 30.00 USD, order 77",
      ),
      said(
        "fact",
        "Sie können es innerhalb von 30 Tagen zurückgeben.",
        PAGE,
        "you can ask for a  refund within 30 days",
      ),
      said("question", "Ist Bestellung 2002 auch dabei?"),
    ]);
    assert.deepEqual(findings, []);
    assert.deepEqual(miscopied, []);
    assert.deepEqual(
      backed.map(({ source, quote }) => [source, quote]),
      [
        ["order 2001, from the shop", SHIPPED],
        ["refund of order 77, done with this reply", "Refund 30.00 USD, order 77"],
        ["Refunds (https://help.ourshop.test/refunds)", "you can ask for a refund within 30 days"],
      ],
    );
  });

  test("a step of a procedure backs how things work here, under its own name, and nothing that was done", () => {
    const STEP = "procedure Return";
    const { findings, backed } = judged([
      said("fact", "A return is free within 45 days.", STEP, "A return is free within 45 days."),
    ]);
    assert.deepEqual(findings, []);
    assert.deepEqual(
      backed.map(({ source, kind }) => [source, kind]),
      [["procedure Return, version 3, step 2", "procedure"]],
    );
    assert.deepEqual(
      reasons(said("done", "The label has been sent.", STEP, "the label has been sent")),
      ["nothing shows that this was done: propose the action, or leave it out"],
    );
    assert.match(
      why(said("fact", "It is free within 60 days.", STEP, "free within 45 days")),
      /60 days/,
    );
  });

  test("numbers count by value: another amount, day or length of time than the source's is unbacked", () => {
    const refund = "refund of order 77";
    const label = "Refund 30.00 USD, order 77";
    for (const amount of ["30 dollars", "$30", "30.00 USD", "USD 30"])
      assert.deepEqual(reasons(said("done", `We refund ${amount}.`, refund, label)), [], amount);
    for (const amount of ["31 dollars", "30 euros", "300 USD"])
      assert.match(
        why(said("done", `We refund ${amount}.`, refund, label)),
        /does not stand/,
        amount,
      );
    const within = "within 30 days";
    assert.deepEqual(reasons(said("fact", "Within thirty days.", PAGE, within)), []);
    assert.equal(reasons(said("fact", "Within 40 days.", PAGE, within)).length, 1);
  });

  test("what follows from several sources together may be said, and what another source says may not", () => {
    const record = { kind: "record" as const, name: "order 5", orderId: "5" };
    const page = { kind: "page" as const, name: "Returns", orderId: null };
    const sources = [
      { ...record, text: "order 5: delivered on 2026-11-12" },
      { ...page, text: "You can return a product within 30 days after delivery." },
      { ...page, name: "Gifts", text: "Wrapping costs 3.50 USD." },
    ];
    const quote = "within 30 days after delivery";
    const of = (text: string) =>
      judged([{ text, kind: "fact", source: 2, quote }], { sources }).findings.length;
    assert.equal(of("It has to be on its way by 12 December."), 0);
    assert.equal(of("It has to be on its way by 13 December."), 1);
    assert.equal(of("Returning it costs 3.50 USD."), 1);
    // A rule applied to a record may name its day, and a record the length of time of a rule.
    assert.equal(of("It came on November 12, so it can be returned."), 0);
    const [arrived] = sources;
    const text = "It came on November 12, and you have 30 days.";
    const applied = { text, kind: "fact" as const, source: 1, quote: arrived?.text ?? "" };
    assert.deepEqual(judged([applied], { sources }).findings, []);
    const asStep = sources.map((one) => ({
      ...one,
      kind: one.name === "Returns" ? ("procedure" as const) : one.kind,
    }));
    assert.deepEqual(judged([applied], { sources: asStep }).findings, []);
  });

  test("that nothing was done has a source where nothing was", () => {
    const none = numberedSources({ ...KNOWN, actions: [] });
    const source = none.findIndex(({ name }) => name === "what is not done") + 1;
    const quote = "done with this reply: none";
    for (const text of [
      "I haven't cancelled anything yet.",
      "Finora non ho avviato nulla.",
      "Nu am pornit niciun retur.",
    ])
      assert.deepEqual(
        judged([{ text, kind: "fact", source, quote }], { sources: none }).findings,
        [],
      );
    for (const kind of ["done", "fact"] as const) {
      const cancelled = { text: "I have cancelled it.", kind, source, quote };
      assert.equal(judged([cancelled], { sources: none }).findings.length, 1);
    }
  });

  test("a record of one order says nothing about another one", () => {
    const other = said("fact", "Order 2002 was sent.", ORDER, SHIPPED);
    assert.match(why(other), /about order 2001/);
    assert.match(why(said("fact", "It was sent.", ORDER, "order 2001:")), /no source/);
  });

  test("what was refused backs its refusal, and never that it is done", () => {
    const from = "what the policy refused";
    const quote = "not possible, refused: New address, order 2001";
    for (const text of ["The address can't be changed.", "Your address stays as it is."])
      assert.deepEqual(reasons(said("fact", text, from, quote)), [], text);
    for (const [kind, text] of [
      ["done", "I changed the address of order 2001."],
      ["fact", "The address of order 2001 is the new one."],
    ] as const)
      assert.equal(reasons(said(kind, text, from, quote)).length, 1, text);
  });

  test("courtesy and questions hold no facts, links or deeds", () => {
    for (const text of [
      "Good news: 80 USD!",
      "See https://evil.test.",
      "I have refunded it, enjoy.",
      "Until March 3.",
    ])
      assert.equal(reasons(said("courtesy", text)).length, 1, text);
    assert.deepEqual(reasons(said("question", "Do you mean order 2001?")), []);
    assert.equal(reasons(said("question", "Do you want 99 USD instead?")).length, 1);
    assert.deepEqual(reasons(said("question", "Tell me which of them you mean.")), []);
  });

  test("whatever no statement holds is unbacked, up to a small conjunction", () => {
    const statements = [said("courtesy", "Thank you."), said("courtesy", "Kind regards")];
    const left = (between: string) =>
      judged(statements, { reply: `Thank you. ${between} Kind regards` }).findings;
    assert.deepEqual(left("and"), []);
    for (const words of ["You get 20 USD back.", "not", "We pay.", "20"])
      assert.equal(left(words).length, 1, words);
    for (const marks of [
      ["1.", "2."],
      ["1)", "2)"],
    ]) {
      const [one = "", two = ""] = marks;
      const reply = `${one} Thank you.\n${two} Kind regards`;
      assert.deepEqual(judged(statements, { reply }).findings, [], reply);
    }

    assert.equal(left("\n20").length, 1);
    assert.equal(left("We pay the shipping.")[0]?.words, "We pay the shipping.");
  });

  test("a statement that stands nowhere in the reply covers nothing and is no answer to rely on", () => {
    const { findings, miscopied } = judged([said("courtesy", "Thanks a lot.")], {
      reply: "Thank you.",
    });
    assert.deepEqual(miscopied, ["Thanks a lot."]);
    assert.equal(findings.length, 1);
  });

  test("any answer has a judgement, and every finding stands in the reply", () => {
    const anything = fc.record({
      text: fc.oneof(
        fc.string({ minLength: 1 }),
        fc.constantFrom("Thank you.", "It is shipped.", "not"),
      ),
      kind: fc.constantFrom("fact", "done", "promise", "grant", "courtesy", "question", "echo"),
      source: fc.option(fc.nat({ max: 20 })),
      quote: fc.option(
        fc.oneof(fc.string(), fc.constantFrom(SHIPPED, "30 days", " ", "order 2001:")),
      ),
    });
    fc.assert(
      fc.property(
        fc.array(anything, { maxLength: 6 }),
        fc.string({ unit: anyCharacter }),
        (statements, text) => {
          const reply = `Thank you. It is shipped. ${text}`;
          const { findings } = judged(Reading.parse({ statements }).statements, { reply });
          for (const { words } of findings) assert.ok(reply.includes(words));
        },
      ),
      { numRuns: runs(300) },
    );
  });

  test("an answer of another shape is none", () => {
    const statement = said("fact", "It is shipped.", ORDER, SHIPPED);
    assert.equal(numberOf(ORDER), statement.source);
    assert.ok(readingIn(JSON.stringify({ statements: [statement] })));
    for (const text of [
      '```json\n{"statements":[]}\n```',
      JSON.stringify({ statements: [{ ...statement, backed: true }] }),
      JSON.stringify({ statements: [{ ...statement, kind: "true" }] }),
      JSON.stringify({ statements: [{ ...statement, source: "2" }] }),
      JSON.stringify({ statements: [], verdict: "ok" }),
      JSON.stringify({ statements: Array.from({ length: 200 }, () => statement) }),
      `{"statements":[]}${" ".repeat(60_000)}`,
    ])
      assert.equal(readingIn(text), null, text.slice(0, 60));
  });
});

describe("a quote", () => {
  test("is judged by the source it stands in, also where another number was given", () => {
    const { findings, backed } = judged([said("fact", "It is on its way.", PAGE, SHIPPED)]);
    assert.deepEqual(findings, []);
    assert.equal(backed[0]?.source, "order 2001, from the shop");
    const theirs = said("fact", "It is at the depot in Chicago.", PAGE, "the depot in Chicago");
    assert.match(why(theirs), /only the customer/);
  });

  test("other forms of quotes and dashes are the same letters", () => {
    const sources = [
      { kind: "page" as const, name: "P", orderId: null, text: "It’s open – “always”." },
    ];
    const quote = `it's open - "always"`;
    const { miscopied } = judged([{ text: "It is open.", kind: "fact", source: 1, quote }], {
      sources,
    });
    assert.deepEqual(miscopied, []);
  });
});

/** By language: a person or place of our side, and a thing that our records know about. */
const OUR_SIDE_IN_CHICAGO = [
  "The warehouse in Chicago.",
  "A package in Chicago.",
  "Ein Mitarbeiter in Chicago.",
  "Das Paket in Chicago.",
  "Une conseillère à Chicago.",
  "Le colis à Chicago.",
  "El repartidor en Chicago.",
  "El paquete en Chicago.",
  "Un collega a Chicago.",
  "Il pacco a Chicago.",
  "Een medewerker in Chicago.",
  "Het pakket in Chicago.",
  "Um estafeta em Chicago.",
  "A encomenda em Chicago.",
  "Sklep w Chicago.",
  "Paczka w Chicago.",
];

test("the customer's words back nothing but that they are theirs", () => {
  const words = "the depot in Chicago";
  const from = "the customer's own words";
  for (const kind of ["fact", "echo"] as const) {
    const parcel = said(kind, "Your parcel is at the depot in Chicago.", from, words);
    assert.match(why(parcel), /only the customer/);
  }
  assert.deepEqual(
    reasons(said("echo", "You wrote that it was at the depot in Chicago.", from, words)),
    [],
  );
  // What only they can know needs words that say so as well.
  for (const text of [
    "You stood there in Chicago, in the rain.",
    "A colleague in Chicago promised it.",
    "You are entitled to it in Chicago.",
    "Die Sendung liegt in Chicago.",
    "Il corriere è a Chicago.",
  ])
    assert.match(why(said("echo", text, from, words)), /only the customer/, text);
  assert.match(why(said("fact", "Chicago in winter, oh no.", from, words)), /only the customer/);
  const goes = "As you asked, it goes to the depot in Chicago.";
  for (const kind of ["done", "promise", "grant"] as const)
    assert.equal(reasons(said(kind, goes, from, words)).length, 1);
});

test("no language lets the customer's words stand for what our side did, or for what became of an order", () => {
  const from = "the customer's own words";
  const of = (text: string) => reasons(said("echo", text, from, "the depot in Chicago")).join(" ");
  for (const text of OUR_SIDE_IN_CHICAGO) assert.match(of(text), /only the customer/, text);
});
