/** What code doubts is put to the reader once more: which doubts there are, and what a second answer may not make of them. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { numberedSources } from "#verifier/sources.ts";
import { judged, KNOWN, said } from "./samples.ts";

const ORDER = "order 2001";
const THEIRS = "the customer's own words";
const SAW = said("echo", "Glad that it was there at last!", THEIRS, "was at the depot");
const WITH_PERSON = numberedSources({ ...KNOWN, writer: "a program" });
const doubt = (text: string, isDeed = false) => ({ text, reason: "", isDeed });

describe("what is doubted", () => {
  test("is what the reader holds for backed, and what it left out", () => {
    const loose = said("promise", "It is on its way.", "Refunds", "Shipping is not refunded.");
    assert.deepEqual(
      judged([loose]).doubted.map(({ text }) => text),
      ["It is on its way."],
    );
    const left = judged([], { reply: "It is blue." });
    assert.deepEqual(
      left.doubted.map(({ text }) => text),
      ["It is blue."],
    );
  });

  test("is nothing where the reader found something itself, with an empty quote as well", () => {
    const loose = said("promise", "It is on its way.", "Refunds", "Shipping is not refunded.");
    for (const own of [
      said("fact", "It is blue."),
      { ...said("fact", "It is blue.", ORDER, ""), quote: "" },
    ]) {
      const { doubted, findings } = judged([loose, own]);
      assert.deepEqual([doubted.length, findings.length], [0, 2]);
    }
  });
});

describe("what was a statement", () => {
  test("may be called kind when it is read again, as the reader was asked to, and only what names no value", () => {
    const doubtedBefore = [doubt(SAW.text)];
    assert.equal(judged([SAW], { doubtedBefore }).findings.length, 0);
    const unknown = said("courtesy", "I do not know where it was.");
    assert.equal(judged([unknown], { doubtedBefore: [doubt(unknown.text)] }).findings.length, 0);
    assert.equal(
      judged([unknown], { doubtedBefore: [doubt(unknown.text, true)] }).findings.length,
      1,
    );
    const amount = said("courtesy", "You get 20.00 USD.");
    assert.equal(judged([amount], { doubtedBefore: [doubt(amount.text)] }).findings.length, 1);
  });

  test("is the customer's though it does not say so, where a reader stands by it and it has no amount and no deed", () => {
    const quote = "was at the depot in Chicago on December 14. I paid 640 dollars";
    const again = (text: string, more: Parameters<typeof judged>[1] = {}): number => {
      const echo = said("echo", text, THEIRS, quote);
      const [first] = judged([echo], more).doubted;
      return judged([echo], { ...more, doubtedBefore: first === undefined ? [] : [first] }).findings
        .length;
    };
    const text = "As your phone was in the Chicago depot,";
    assert.equal(judged([said("echo", text, THEIRS, quote)]).findings.length, 1);
    assert.equal(again(text), 0);
    assert.equal(again("As your phone was in the depot on December 14,"), 0, "their day");
    assert.equal(again("As your phone was in the depot on December 15,"), 1, "no day of theirs");
    assert.equal(again("As your phone cost you 640 dollars,"), 1, "an amount");
    assert.equal(again(text, { claims: () => true }), 1, "a deed of ours");
    assert.equal(judged([said("fact", text, THEIRS, quote)]).findings.length, 1);
  });

  test("is an offer of a person in a language whose words for it are not listed, where a reader stands by it", () => {
    const again = (text: string): number => {
      const offer = said("fact", text, "what we can do", "a person then looks at it and answers");
      const more = { sources: WITH_PERSON };
      const { doubted } = judged([offer], more);
      assert.equal(doubted.length, 1, text);
      return judged([offer], { ...more, doubtedBefore: doubted }).findings.length;
    };
    assert.equal(again("Hvis du vil at noen i teamet ser på saken, er det bare å si fra."), 0);
    assert.equal(again("Jestli si přejete, aby se na to někdo podíval, napište nám."), 0);
    assert.equal(again("En person i teamet ser på saken nå."), 1, "supposes nothing");
    assert.equal(again("If you would like that, just tell me and I pass it on."), 0);
    assert.equal(
      again("If you would like that, I pass it on and you keep it."),
      1,
      "something given",
    );
    assert.equal(again("Hvis du vil, ser noen på saken innen 2 timer."), 1, "a time");
    assert.equal(again("Hvis du vil, ser noen på saken og lar deg beholde 20.00 USD."), 1, "money");
  });

  test("may name an order in words of its own, and an amount of theirs that a record has, where a reader stands by it", () => {
    const paid = { found: true, order: { order_id: "2001", item: "phone", paid: "640.00 USD" } };
    const sources = numberedSources({
      ...KNOWN,
      toolResults: [{ tool: "get_order_status", result: paid }],
    });
    const again = (one: ReturnType<typeof said>): number => {
      const { doubted } = judged([one], { sources });
      assert.equal(doubted.length, 1, one.text);
      return judged([one], { sources, doubtedBefore: doubted }).findings.length;
    };
    const named = (text: string) => said("naming", text, "order 2001, from the shop", "item phone");
    assert.equal(again(named("But your phone is order 2001, so I took it for that one.")), 0);
    assert.equal(again(named("But your phone is order 2001, so it comes within 3 days.")), 1);
    const theirs = (text: string) => said("echo", text, THEIRS, "I paid 640 dollars");
    assert.equal(again(theirs("Seeing 640 dollars leave is a fright, I know.")), 0);
    assert.equal(again(theirs("Seeing 650 dollars leave is a fright, I know.")), 1);
  });

  test("has the year of a day that is quoted, in a language whose months are not read", () => {
    const shipped = { found: true, order: { order_id: "2001", shipped_on: "2026-11-19" } };
    const sources = numberedSources({
      ...KNOWN,
      toolResults: [{ tool: "get_order_status", result: shipped }],
    });
    const found = (text: string): number =>
      judged([said("fact", text, "order 2001, from the shop", "shipped on 2026-11-19")], {
        sources,
      }).findings.length;
    assert.equal(found("Η παραγγελία 2001 στάλθηκε στις 19 Νοεμβρίου 2026."), 0);
    assert.equal(found("Η παραγγελία 2001 στάλθηκε στις 19 Νοεμβρίου 2025."), 1);
  });

  test("may count business days of a page from today, where a reader stands by it", () => {
    const [page] = KNOWN.passages;
    assert.ok(page);
    const text = "Express takes 1 to 2 business days.";
    const sources = numberedSources({ ...KNOWN, passages: [{ ...page, text }] });
    const again = (told: string): number => {
      const fact = said("fact", told, "Refunds", "1 to 2 business days");
      const { doubted } = judged([fact], { sources });
      assert.equal(doubted.length, 1, told);
      return judged([fact], { sources, doubtedBefore: doubted }).findings.length;
    };
    // Today is a Saturday.
    assert.equal(again("Which makes it Monday or Tuesday."), 0);
    assert.equal(again("Which makes it Monday or Wednesday."), 1);
  });

  test("may be counted or named otherwise where a reader stands by it, and never in what is done", () => {
    const again = (text: string, kind: "fact" | "promise" = "fact"): number => {
      const fact = said(kind, text, "refund of order 77", "Refund 30.00 USD, order 77");
      const { doubted } = judged([fact]);
      assert.equal(doubted.length, 1, text);
      return judged([fact], { doubtedBefore: doubted }).findings.length;
    };
    assert.equal(again("That was four days ahead of the 14th."), 0);
    assert.equal(again("It goes to your account in Illinois."), 0);
    assert.equal(again("It is there in four days.", "promise"), 1);
  });

  test("is no kind echo, and no page's name, where it claims a deed", () => {
    const page = said("naming", "See Refunds.");
    assert.equal(judged([page]).findings.length, 0);
    for (const one of [SAW, page])
      assert.equal(judged([one], { claims: () => true }).findings.length, 1);
  });

  test("is what a refusal is for, where a reader stands by its reason, and never what was refused", () => {
    const again = (
      text: string,
      quote: string,
      more: Parameters<typeof judged>[1] = {},
    ): number => {
      const fact = said("fact", text, "what the policy refused", quote);
      const { doubted, findings } = judged([fact], more);
      assert.equal(findings.length, 1);
      return judged([fact], { ...more, doubtedBefore: doubted }).findings.length;
    };
    assert.equal(again("For that it would have to be here.", "It is shipped."), 0);
    assert.equal(again("Order 2001 has its new address.", "New address, order 2001"), 1);
    assert.equal(again("It goes there.", "It is shipped.", { claims: () => true }), 1, "a deed");
    const address = "New address, order 2001";
    assert.equal(again("Η διεύθυνση της παραγγελίας 2001 δεν μπορεί να αλλάξει.", address), 0);
  });
});
