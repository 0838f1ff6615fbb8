/** Contradictions between help pages: which are found, and what is none. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { contradictionsIn, type CheckedPage, valuesIn } from "#knowledge/lint/compare-pages.ts";

/** A page of one passage. */
function page(title: string, body: string, more: Partial<CheckedPage> = {}): CheckedPage {
  const slug = title.toLowerCase().replaceAll(/\W+/g, "-");
  return {
    slug,
    title,
    url: "",
    language: "",
    brands: [],
    validFrom: null,
    validUntil: null,
    passages: [{ id: `${slug}#top`, heading: "", body }],
    ...more,
  };
}

/** Each pair says two things of one matter. */
const CONTRADICTING: readonly (readonly [CheckedPage, CheckedPage])[] = [
  [
    page("Returns", "You can return any item within 30 days of delivery."),
    page("Sending something back", "Returns are accepted for up to 14 days after delivery."),
  ],
  [
    page("Warranty", "It lasts two years."),
    page("Lamp care", "The warranty lasts 3 years. Wipe a lamp with a dry cloth."),
  ],
  [
    page("Shipping", "Standard delivery costs 4.90 EUR."),
    page("Delivery", "Standard shipping is fast. Standard delivery costs 5,90 €."),
  ],
  [
    page("Loyalty points", "You earn 5 % of each order as points."),
    page("Points", "With loyalty you earn 3 percent of each order as points."),
  ],
  [
    page("Refunds", "A refund takes 5 to 7 working days to reach your bank."),
    page("When is my refund there", "The refund takes 10 working days to reach your bank."),
  ],
  [
    page("Rückgabe", "Die Rückgabe ist innerhalb von 30 Tagen möglich."),
    page("Umtausch und Rückgabe", "Eine Rückgabe ist bis zu 14 Tage nach Erhalt möglich."),
  ],
  [
    page("Retours", "Le retour est gratuit pendant 30 jours."),
    page("Renvoyer un article", "Un retour est gratuit pendant 14 jours."),
  ],
  [
    page("Gift cards", "Gift cards expire after 3 years."),
    page("Vouchers and gift cards", "A gift card expires 12 months after purchase."),
  ],
];

/** Each pair may stand as it is. */
const HARMLESS: readonly (readonly [CheckedPage, CheckedPage])[] = [
  [
    page("Returns", "You can return any item within 30 days."),
    page("Sale", "You can return sale items within 14 days."),
  ],
  [
    page("Delivery to Germany", "Delivery takes 2 days."),
    page("Delivery to France", "Delivery takes 5 days."),
  ],
  [
    page("Delivery", "Delivery takes 2 days. Returns are free."),
    page("International delivery", "Delivery takes 9 days."),
  ],
  [
    page("Warranty", "The warranty lasts 12 months."),
    page("Guarantee", "The warranty lasts one year."),
  ],
  [
    page("Shipping", "Standard delivery takes 3 to 5 days."),
    page("Delivery", "Standard delivery takes 4 days."),
  ],
  [
    page("Returns", "You can return any item within 30 days."),
    page("Labels", "The return label is valid for 14 days."),
  ],
  [
    page("Refunds", "For example, a refund of 20.00 EUR takes 5 days."),
    page("Money back", "A refund of 20.00 EUR takes 9 days."),
  ],
  [
    page("Returns A", "You can return any item within 30 days.", { brands: ["a"] }),
    page("Returns B", "You can return any item within 14 days.", { brands: ["b"] }),
  ],
  [
    page("Old returns", "You can return any item within 30 days.", { validUntil: "2026-01-31" }),
    page("Returns", "You can return any item within 14 days.", { validFrom: "2026-02-01" }),
  ],
  [
    page("Returns", "Can I return an item within 30 days?"),
    page("Sending back", "You can return an item within 14 days."),
  ],
];

describe("pages", () => {
  for (const [one, other] of CONTRADICTING)
    test(`that give one thing two values are found: ${one.title}, ${other.title}`, async () => {
      const [found, ...more] = await contradictionsIn([one, other]);
      assert.deepEqual(more, []);
      assert.equal(found?.one.slug, one.slug);
      assert.equal(found.other.slug, other.slug);
    });

  for (const [one, other] of HARMLESS)
    test(`that speak of two things are let be: ${one.title}, ${other.title}`, async () => {
      assert.deepEqual(await contradictionsIn([one, other]), []);
    });
});

describe("values", () => {
  test("are read in the ways pages write them", () => {
    const read = (text: string) => valuesIn(text).map(({ kind, low, high }) => [kind, low, high]);
    assert.deepEqual(read("within 30 days"), [["period", 720, 720]]);
    assert.deepEqual(read("a 30-day period"), [["period", 720, 720]]);
    assert.deepEqual(read("3–5 business days"), [["working period", 72, 120]]);
    assert.deepEqual(read("3 bis 5 Werktage"), [["working period", 72, 120]]);
    assert.deepEqual(read("5 jours ouvrés"), [["working period", 120, 120]]);
    assert.deepEqual(read("1.000,50 €"), [["amount in EUR", 1_000.5, 1_000.5]]);
    assert.deepEqual(read("$1,000.50"), [["amount in USD", 1_000.5, 1_000.5]]);
    assert.deepEqual(read("USD 20"), [["amount in USD", 20, 20]]);
    assert.deepEqual(read("10 percent"), [["share", 10, 10]]);
    assert.deepEqual(read("version 1.2.3, page 30, call 0800 123"), []);
  });
});
