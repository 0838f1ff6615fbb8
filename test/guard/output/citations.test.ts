/** Which evidence supports which text of a draft. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { draftCitations } from "#guard/output/citations.ts";
import { epochDay, namesOfDay } from "#guard/output/dates.ts";
import { evidenceFrom } from "#guard/output/evidence.ts";
import { asEvidence } from "#tools/search-faq.ts";
import { headphones, lamp, phone, receipts, refundOf, refundPage, tool } from "./evidence-world.ts";

const TODAY = new Date("2026-11-20T12:00:00Z");
const EMPTY = { toolResults: [], passages: [], proposal: null, today: TODAY };

const ADDRESS_PAGE = {
  id: "address#order",
  title: "Address change",
  url: "https://help.ourshop.test/address-change",
  text: "You can change the shipping address of an order only before it is shipped. Once an order is shipped, its address cannot be changed any more, and we cannot redirect the parcel.",
  score: 0.9,
};

/** The words behind each source, as "source: words, words". */
function told(
  text: string,
  given: Partial<Parameters<typeof draftCitations>[1]>,
): readonly string[] {
  return draftCitations(text, { ...EMPTY, ...given }).map(
    ({ source, words }) => `${source}: ${words.join(", ")}`,
  );
}

test("amount, order, day and state each lead to what backs them, in the order of the draft", () => {
  const notes = told(
    "Your order 789 was delivered on 8 November 2026. We have refunded 120.00 USD, which takes 3-5 business days.",
    {
      toolResults: [tool({ found: true, order: headphones })],
      passages: [refundPage],
      proposal: { actions: [refundOf("789", 12_000)] },
    },
  );
  assert.deepEqual(
    notes.map((line) => line.split(":")[0]),
    ["order 789, from the shop", "refund of order 789, proposed here", "Refund policy (https"],
  );
  assert.match(notes[0] ?? "", /shop: 789, was delivered, 8 November 2026$/);
  assert.match(notes[1] ?? "", /proposed here: 120\.00 USD$/);
  assert.match(notes[2] ?? "", /refund-policy\): 3-5 business days$/);
});

test("of two orders with the same amount the one counts that the sentence names", () => {
  const twin = { ...lamp, amount: "640.00 USD", paid: "640.00 USD" };
  const notes = told("Order 2001 costs 640.00 USD.", {
    toolResults: [tool({ orders: [twin, phone] }, "list_orders")],
  });
  assert.deepEqual(notes, ["order 2001, from the shop: 2001, 640.00 USD"]);
});

test("a page that is cited by name is listed without a figure, and one that was only read is not", () => {
  const other = { ...refundPage, id: "shipping#1", title: "Shipping", url: "", text: "By post." };
  assert.deepEqual(told("See our Refund policy.", { passages: [refundPage, other] }), [
    "Refund policy (https://help.ourshop.test/refund-policy): ",
  ]);
  assert.deepEqual(told("It goes by post.", { passages: [other] }), []);
});

test("a page is listed with the day it was last changed, as far as its source tells it", () => {
  const dated = { ...refundPage, updated: "2024-09-14" };
  assert.deepEqual(told("See our Refund policy.", { passages: [dated] }), [
    "Refund policy, as of 14 Sep 2024 (https://help.ourshop.test/refund-policy): ",
  ]);
});

test("the day a page was changed is no evidence for a day that a reply tells", () => {
  const result = { hits: [{ ...refundPage, updated: "2024-09-14" }], around: [] };
  const days = (result: unknown): readonly string[] => {
    const { keys } = evidenceFrom(receipts({ toolResults: [tool(result, "search_faq")] }));
    return [...keys].filter((key) => namesOfDay(epochDay(new Date("2024-09-14"))).includes(key));
  };
  assert.ok(days(result).length > 0, "as it stands it would count as a record's day");
  assert.equal(days(asEvidence(result)).length, 0);
});

test("a page is listed where the draft takes a sentence from it, though it names neither page nor figure", () => {
  const text =
    "After that its address cannot be changed any more, and we cannot redirect the parcel.";
  assert.deepEqual(
    told(text, { passages: [ADDRESS_PAGE] }).map((line) => line.split(":")[0]),
    ["Address change (https"],
  );
});

test("no source is called by the name of a tool, whatever the figure came from", () => {
  const passages = [refundPage];
  const notes = told(
    "It takes 3-5 business days. Ann wrote on 5 November 2026. At most 31.00 USD can be refunded.",
    {
      passages,
      toolResults: [
        tool({ passages }, "search_faq"),
        tool({ found: true, name: "Ann", since: "2026-11-05" }, "get_customer"),
        tool({ status: "denied", reason: "At most 31.00 USD can be refunded." }, "issue_refund"),
      ],
    },
  );
  assert.deepEqual(
    notes.map((line) => line.split(/[:(]/)[0]?.trim()),
    ["Refund policy", "a record of the shop", "the decision on the change"],
  );
});

test("text without evidence gets no number, and neither does an order that was not found", () => {
  assert.deepEqual(told("We will pay 999.00 USD by 3 May 2027.", { passages: [] }), []);
  assert.deepEqual(
    told("Order 777 is unknown to us.", {
      toolResults: [tool({ found: false, order_id: "777", remark: "There is no such order." })],
    }).filter((line) => line.includes("from the shop")),
    [],
  );
});

test("two pieces of one page are one source", () => {
  const piece = { ...refundPage, id: "refund-policy#time", text: "It takes 3-5 business days." };
  const first = { ...refundPage, text: "Within 30 days after delivery." };
  const notes = told("Within 30 days; it takes 3-5 business days.", { passages: [first, piece] });
  assert.equal(notes.length, 1);
  assert.match(notes[0] ?? "", /30 days, 3-5 business days$/);
});

test("a sentence taken from a page is cited with the page's passage, not with an order of the same state", () => {
  const found = draftCitations(
    "Once an order is shipped, its address cannot be changed any more. Your order 2001 was shipped.",
    {
      ...EMPTY,
      toolResults: [tool({ found: true, order: { ...phone, status: "shipped" } })],
      passages: [ADDRESS_PAGE],
    },
  );
  const page = found.find(({ source }) => source.startsWith("Address change"));
  assert.equal(
    page?.quote,
    "Once an order is shipped, its address cannot be changed any more, and we cannot redirect the parcel.",
  );
  assert.ok(page.words.length > 0, JSON.stringify(found));
  const order = found.find(({ source }) => source.startsWith("order 2001"));
  assert.ok(order !== undefined && order.words.includes("2001"), JSON.stringify(found));
  assert.equal(order.quote, "");
});
