/** What is quoted word for word may not be turned into its opposite; whether other words say yes or no, the reader tells. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Source } from "#core/contracts/guard.ts";
import type { Statement } from "#verifier/request.ts";
import { judged, reasons, said } from "./samples.ts";
import fc from "fast-check";

const ORDER = "order 2001";
const PAGE = "Refunds";

/** How many sentences are found where one rests on a quote of a page, or of another source of this text. */
const onPage = (
  page: string,
  text: string,
  quote = page,
  { kind = "page", as = "fact" }: { kind?: Source["kind"]; as?: Statement["kind"] } = {},
) =>
  judged([{ text, kind: as, source: 1, quote }], {
    sources: [{ kind, name: "P", orderId: null, text: page }],
  }).findings.length;

describe("yes and no", () => {
  test("what was left as it is was not changed, and what has left or what is but for one thing was", () => {
    const none = "done with this reply: none";
    const onLedger = (text: string, as: Statement["kind"]) =>
      onPage(`${none}. not changed`, text, none, { kind: "refusal", as });
    for (const as of ["fact", "done"] as const) {
      for (const text of [
        "I've left everything as it is.",
        "I have left the order and its address alone.",
        "Ich habe alles so gelassen.",
        "J'ai tout laissé tel quel.",
        "Lo he dejado todo como estaba.",
        "Ho lasciato tutto com'era.",
        "Ik heb alles gelaten zoals het is.",
        "Deixei tudo como estava.",
        "Zostawiłem wszystko tak, jak jest.",
      ])
        assert.equal(onLedger(text, as), 0, `${as}: ${text}`);
      for (const text of [
        "The parcel has left the warehouse.",
        "I've left everything as it is except for the address.",
        "Ich habe den Schlüssel beim Nachbarn gelassen.",
      ])
        assert.equal(onLedger(text, as), 1, `${as}: ${text}`);
    }
  });

  test("adding a not to a sentence that is quoted word for word always makes it unbacked", () => {
    const sentences = [
      "You can ask for a refund within 30 days.",
      "We have sent a new invoice to your address.",
    ];
    fc.assert(
      fc.property(fc.constantFrom(...sentences), fc.nat(), (sentence, place) => {
        const from = sentence.startsWith("We") ? "our earlier reply" : PAGE;
        assert.deepEqual(reasons(said("fact", sentence, from, sentence)), []);
        const words = sentence.split(" ");
        const at = 1 + (place % (words.length - 1));
        const denied = [...words.slice(0, at), "not", ...words.slice(at)].join(" ");
        assert.equal(reasons(said("fact", denied, from, sentence)).length, 1, denied);
      }),
    );
  });

  test("a word for word no is no yes, in any of the languages and in short as well", () => {
    for (const [page, text] of [
      ["Gift cards cannot be returned.", "Gift cards can be returned."],
      ["Gift cards can't be returned.", "Gift cards can be returned."],
      ["Auctions are left out.", "Auctions aren't left out."],
      ["Der Versand wird nicht erstattet.", "Der Versand wird erstattet."],
      ["Shipping is not refunded.", "Shipping is refunded."],
    ] as const) {
      assert.equal(onPage(page, text), 1, text);
      assert.equal(onPage(text, page), 1, page);
      assert.equal(onPage(page, page), 0);
    }
  });

  test("in other words, in another language and beside a field the reader knows them", () => {
    for (const [text, quote] of [
      ["Normale Abnutzung ist davon ausgenommen.", "Normal wear isn't covered."],
      ["Returning it isn't possible any more.", "You can return it within 30 days."],
      ["Om ingen är hemma försöker budet igen.", "If you are out, the carrier tries again."],
      ["Por isso não precisa de fita métrica.", "You find the measurements under Details."],
      ["Elle ne peut donc plus être annulée.", "It can be cancelled until it is shipped."],
    ] as const)
      assert.equal(onPage(quote, text), 0, text);
    const text = "It has not arrived.";
    assert.deepEqual(reasons(said("fact", text, ORDER, "delivered on none")), []);
  });

  test("a no, and a field without a value, back a yes only for a reader that was asked again", () => {
    const page = (quote: string): readonly Source[] => [
      { kind: "page", name: "P", orderId: null, text: quote },
    ];
    const cards = "Gift cards cannot be returned.";
    const empty = (text: string) => said("fact", text, ORDER, "delivered on none");
    for (const [statement, sources] of [
      [{ text: "You can return gift cards.", source: 1, quote: cards }, page(cards)],
      [empty("Leider nein:"), undefined],
      [empty("Sie haben recht."), undefined],
      [empty("Das Telefon wurde Ihnen schon zugestellt."), undefined],
    ] as const) {
      const given = { kind: "fact" as const, ...statement };
      const more = sources === undefined ? {} : { sources };
      assert.equal(judged([given], more).doubted.length, 1, given.text);
      const doubtedBefore = [{ text: given.text, reason: "", isDeed: false }];
      const again = judged([given], { ...more, doubtedBefore });
      assert.deepEqual(again.findings, [], given.text);
      // What code reads as a claim of ours stays one, whoever stands by it.
      const claimed = judged([given], { ...more, doubtedBefore, claims: () => true });
      assert.equal(claimed.findings.length, 1, given.text);
    }
  });

  test("what is said of every day is said of each, and of a few days of no other", () => {
    const there = "Somebody is there";
    assert.equal(onPage(`${there} every day.`, `${there} on Sundays too.`), 0);
    assert.equal(onPage(`${there} from Monday to Friday.`, `${there} on Sundays.`, there), 1);
  });
});
