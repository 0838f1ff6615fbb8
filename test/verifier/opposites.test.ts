/** A statement and its quote both say yes, or both say no. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Source } from "#core/contracts/guard.ts";
import type { Statement } from "#verifier/request.ts";
import { judged, reasons, said, SOURCES } from "./samples.ts";
import fc from "fast-check";

const ORDER = "order 2001";
const SHIPPED = "order 2001: status shipped";
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
  test("yes is not backed by no, nor no by yes, in any of the languages", () => {
    const yes = "You can ask for a refund within 30 days.";
    const no = "Shipping is not refunded.";
    for (const text of [
      "You cannot ask for a refund.",
      "Eine Erstattung ist nicht möglich.",
      "Vous ne pouvez pas demander de remboursement.",
      "Usted nunca puede pedir un reembolso.",
    ])
      assert.match(reasons(said("fact", text, PAGE, yes))[0] ?? "", /not that it is not/, text);
    for (const text of ["Shipping is refunded.", "Der Versand wird erstattet."])
      assert.match(reasons(said("fact", text, PAGE, no))[0] ?? "", /is not so/, text);
    assert.deepEqual(reasons(said("fact", "Der Versand wird nicht erstattet.", PAGE, no)), []);
    assert.deepEqual(
      reasons(said("fact", "Order 2001 has not shipped.", ORDER, SHIPPED)).length,
      1,
    );
    assert.deepEqual(
      reasons(said("fact", "It was delivered.", ORDER, "delivered on none")).length,
      1,
    );
    assert.deepEqual(reasons(said("fact", "It has not arrived.", ORDER, "delivered on none")), []);
  });

  test("what a first part denies, the second denies too, and what stands before a comma is so whatever follows", () => {
    const none = "order 2001: delivered on none";
    const split = (text: string) => reasons(said("fact", text, ORDER, none));
    assert.deepEqual(split("or day of delivery for order 2001 so far."), []);
    assert.equal(split("and order 2001 was delivered.").length, 1);
    const goes = "The link always goes to the address on file";
    const page = `${goes}, never to another one.`;
    assert.equal(onPage(page, `${goes}.`, goes), 0);
    assert.equal(onPage(page, "The link goes to another one.", "never to another one"), 1);
  });

  test("a denial cut short is about what was said before, and a page about every day is about each", () => {
    const lasts = "The warranty lasts 2 years.";
    const page = `${lasts} Somebody is there every day of the week.`;
    assert.equal(onPage(page, "The 2 years of warranty aren't, though.", lasts), 0);
    assert.equal(onPage(page, "There aren't 2 years of warranty.", lasts), 1);
    const there = "Somebody is there";
    assert.equal(onPage(page, `${there} on Sundays too.`, `${there} every day`), 0);
    assert.equal(onPage(`${there} from Monday to Friday.`, `${there} on Sundays.`, there), 1);
  });

  test("a quote cut out behind its not still denies", () => {
    const cut = said("fact", "A parcel can be redirected.", PAGE, "be redirected.");
    assert.match(reasons(cut)[0] ?? "", /is not so/);
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

  test("other words for the same yes or no are no contradiction", () => {
    for (const [text, quote] of [
      ["Normale Abnutzung ist davon ausgenommen.", "Normal wear isn't covered."],
      ["Auctions are left out.", "This does not apply to auctions."],
      ["Returning it isn't possible any more.", "You can return it within 30 days."],
      ["Elle ne peut donc plus être annulée.", "It can be cancelled until it is shipped."],
      ["Cadute e danni da acqua restano fuori.", "Drops and water are not covered."],
      ["Nem máquina de lavar nem de secar, por favor.", "Do not machine wash or dry."],
      ["Se já abriu a caixa, não há problema.", "An opened box is fine."],
      ["Um presente pode voltar no prazo de 30 dias.", "You can return it within 30 days."],
      ["The delivery costs nothing extra.", "Delivery costs nothing on top."],
    ] as const)
      assert.equal(onPage(quote, text), 0, text);
  });

  test("a quote is read with its clause, and not with another one of its sentence", () => {
    const page =
      "You do not have to register it: the order number is proof. We keep no copy of it.";
    const of = (text: string, quote: string) => onPage(page, text, quote);
    assert.equal(of("Die Bestellnummer zählt als Beleg.", "the order number is proof"), 0);
    assert.equal(of("Die Bestellnummer zählt nicht.", "the order number is proof"), 1);
    assert.equal(of("Non serve registrarsi.", "have to register it"), 0);
    assert.equal(of("Deve registrarsi.", "have to register it"), 1);
    assert.equal(of("Ne teniamo una copia.", "copy of it"), 1);
  });

  test("a reader that was told of it knows two languages better, and none it was not told of, nor a refusal", () => {
    const page = { kind: "page" as const, name: "P", orderId: null };
    const quote = "Orders you have already placed keep the address.";
    const german = "Leider gilt die neue Anschrift nicht für das Handy.";
    const again = (text: string, kind: "page" | "refusal", isGuess = true) => {
      const doubtedBefore = [{ text, reason: "", tells: true, isGuess }];
      const sources = [{ ...page, kind, text: quote }];
      const statement = { text, kind: "fact" as const, source: 1, quote };
      return judged([statement], { sources, doubtedBefore }).findings.length;
    };
    const first = judged([{ text: german, kind: "fact", source: 1, quote }], {
      sources: [{ ...page, text: quote }],
    });
    assert.deepEqual(
      first.doubted.map(({ isGuess }) => isGuess),
      [true],
    );
    assert.equal(again(german, "page"), 0);
    assert.equal(again(german, "page", false), 1);
    assert.equal(again("The order does not keep the address you placed.", "page"), 1);
    assert.equal(again("The order gets the address that you placed.", "refusal"), 1);
    assert.equal(again("Die Bestellung bekommt die neue Anschrift.", "refusal"), 1);
    const stands = (statement: Statement, sources = SOURCES): number => {
      const doubtedBefore = [{ text: statement.text, reason: "", tells: true, isGuess: true }];
      return judged([statement], { sources, doubtedBefore }).findings.length;
    };
    const days = "Leider gilt die neue Anschrift nicht für 30 Tage.";
    const of30 = { text: days, kind: "fact" as const, source: 1, quote: "It holds for 30 days." };
    assert.equal(stands(of30, [{ ...page, kind: "page", text: of30.quote }]), 1, "a value");
    const came = "Das Telefon wurde Ihnen schon zugestellt.";
    assert.equal(stands(said("fact", came, ORDER, "delivered on none")), 1, "a record");
  });

  test("what is compared says neither yes nor no, but where it is all that is said", () => {
    const rule = "A product under 10.00 USD need not be sent back.";
    const page = { kind: "page" as const, name: "P", text: rule, orderId: null };
    const text = "order 17: amount 9.00 USD";
    const record = { kind: "record" as const, name: "order 17", text, orderId: "17" };
    const tax = { ...page, text: "You pay tax above 150 USD." };
    const sources = [page, record, tax];
    const findings = (said: string, quote: string, also: string): number => {
      const [one, two] = [quote, also].map((words) => ({
        source: sources.findIndex((source) => source.text.includes(words)) + 1,
        quote: words,
      }));
      const statement = { kind: "fact" as const, source: 1, quote, ...one, also: two };
      const reply = `The cable need not be sent back, ${said}`;
      const whole = { kind: "fact" as const, text: "The cable need not be sent back," };
      const first = { ...whole, source: 1, quote: rule, also: null };
      return judged([first, { ...statement, text: said }], { reply, sources }).findings.length;
    };
    const amount = "order 17: amount 9.00 USD";
    assert.equal(findings("as it is under 10.00 USD.", amount, "A product under 10.00 USD"), 0);
    assert.equal(findings("under 10.00 USD it must be sent back.", amount, rule), 1);
    const opposite = { kind: "fact" as const, source: 3, quote: tax.text, also: null };
    for (const text of ["You pay no tax above 150 USD.", "Above 150 USD you do not pay tax."])
      assert.equal(judged([{ ...opposite, text }], { reply: text, sources }).findings.length, 1);
  });

  test("what the customer wrote is read with its clause, since people write without points", () => {
    const asked = "I tried another socket, nothing helps";
    const of = (text: string, quote: string) =>
      onPage(asked, text, quote, { kind: "customer", as: "echo" });
    assert.equal(of("Thank you for trying another socket.", "tried another socket"), 0);
    assert.equal(of("Danke, dass Sie sagen, dass es hilft.", "helps"), 1);
  });

  test("two sentences of English without a word in common are no opposites", () => {
    const enough = "The order number is all the proof we ask for.";
    assert.equal(onPage(enough, "You needn't have the box."), 0);
    assert.equal(onPage(enough, "We don't ask for the number."), 1);
    assert.equal(
      onPage("Opened products cannot be returned to us.", "You can return it to us."),
      1,
    );
  });

  test("a No that answers a question denies nothing of what follows it, and a not does", () => {
    const shipped = (text: string) => reasons(said("fact", text, ORDER, SHIPPED)).length;
    assert.equal(shipped("No, order 2001 has the status shipped."), 0);
    assert.equal(shipped("Nein, Bestellung 2001 ist schon verschickt."), 0);
    assert.equal(shipped("No, order 2001 has not shipped."), 1);
    assert.equal(shipped("No order 2001 has shipped."), 1);
    assert.equal(shipped("No-one has shipped order 2001."), 1);
  });

  test("the name of an order in a list says neither yes nor no, and a sentence does", () => {
    const none = (text: string) => reasons(said("fact", text, ORDER, "delivered on none")).length;
    assert.equal(none("Das Telefon (2001),"), 0);
    assert.equal(none("y el teléfono (2001),"), 0);
    assert.equal(none("Bestellung 2001:"), 0);
    assert.equal(none("Geliefert: 2001."), 1);
    assert.equal(none("Bestellung 2001 ist geliefert,"), 1);
    assert.equal(none("Das Telefon,"), 1);
  });
});
