/** What a draft says of the records and changes of a connected system. */
import { test } from "node:test";
import type { PlannedAction } from "#core/values/action.ts";
import assert from "node:assert/strict";
import { checkWith, receipts, refundPage, tool } from "./evidence-world.ts";
import type { Receipts } from "#core/contracts/guard.ts";
import { judged, KNOWN } from "#test/verifier/samples.ts";
import { numberedSources } from "#verifier/sources.ts";

const OPERATIONS = [
  { operation: "kiosk_refund", name: "kiosk_refund", description: "Gives money of an order back." },
  { operation: "cancel_stay", name: "cancel_stay", description: "Cancels a stay." },
  { operation: "add_licences", name: "add_licences", description: "Adds licences to a plan." },
];
const check = checkWith({ operations: OPERATIONS, linkHosts: ["help.ourshop.test"] });

const kinds = (text: string, changes: Partial<Receipts>): readonly string[] =>
  check
    .check(text, receipts(changes))
    .findings.map(({ kind, words }) => `${kind}: ${words}`)
    .filter((one) => !one.startsWith("unread"));

const passes = (text: string, changes: Partial<Receipts>): void =>
  assert.deepEqual(kinds(text, changes), [], text);
const found = (text: string, changes: Partial<Receipts>, kind: string): void =>
  assert.ok(
    kinds(text, changes).some((one) => one.startsWith(kind)),
    `it passed: ${text}`,
  );

const records = (...own: Record<string, unknown>[]): Partial<Receipts> => ({
  toolResults: [tool({ found: true, records: own }, "find_records")],
});

function change(
  operation: string,
  label: string,
  { input = {}, record = {}, moved = 0 }: { input?: {}; record?: {}; moved?: number },
): PlannedAction {
  const currency = "EUR";
  const order = {
    orderId: "gid://kiosk/Order/91",
    customerId: "u123",
    status: "paid",
    paid: { minor: 7_000, currency },
    refunded: { minor: 0, currency },
    refundCount: 0,
    deliveredOn: null,
  };
  const money = moved === 0 ? null : { amount: { minor: moved, currency }, order };
  return {
    key: `${operation}:1`,
    action: {
      target: "system",
      operation,
      arguments: { system: "kiosk", input, record, requester: {}, money, findable: true },
    },
    label,
    facts: [],
  };
}

const kiosk = records(
  {
    id: "gid://kiosk/Order/91",
    name: "#3301",
    state: "sent",
    total: "70.00 EUR",
    record_id: "#3301",
  },
  {
    id: "gid://kiosk/Order/92",
    name: "#3302",
    state: "packed",
    total: "95.00 EUR",
    record_id: "#3302",
  },
);
const refund = change("kiosk_refund", "Refund of order #3301 at Kiosk, 25.00 EUR", {
  input: { order_id: "gid://kiosk/Order/91", amount: "25.00" },
  record: { id: "gid://kiosk/Order/91" },
  moved: 2_500,
});
const refunding = { ...kiosk, proposal: { actions: [refund] } };

test("a deed is compared with the change of a connected system", () => {
  passes("I've refunded 25.00 EUR for order #3301.", refunding);
  found("I've refunded 70.00 EUR for order #3301.", refunding, "claim");
  found("I've refunded 25.00 EUR for order #3302.", refunding, "claim");
  found("I've refunded order #3301 in full.", refunding, "claim");
});

test("a connected change tells its own record, and the days and counts it is made with", () => {
  const stays = records(
    { stay: "K-710", arrival: "2026-12-10", record_id: "K-710" },
    { stay: "K-711", arrival: "2026-12-20", record_id: "K-711" },
  );
  const cancelled = change("cancel_stay", "Cancel stay K-710", { record: { stay: "K-710" } });
  passes("I've cancelled your stay K-710.", { ...stays, proposal: { actions: [cancelled] } });
  found(
    "I've cancelled your stay K-711.",
    { ...stays, proposal: { actions: [cancelled] } },
    "claim",
  );
  const input = { licences: 4, starts_on: "2026-12-08" };
  const added = change("add_licences", "4 licences more for P-20", {
    input,
    record: { plan: "P-20" },
  });
  const proposal = { proposal: { actions: [added] } };
  passes("I've added 4 licences from 8 December.", proposal);
  found("I've added 6 licences from 8 December.", proposal, "claim");
  found(
    "I've added 4 licences from 7 December.",
    { ...proposal, asked: "From 7 December?" },
    "claim",
  );
});

test("a record that names another one tells of it, and an amount names none", () => {
  const plan = records(
    { subscription: "SUB-881", status: "active", record_id: "SUB-881" },
    { invoice: "INV-7001", subscription: "SUB-881", total: "120.00 EUR", due: "2026-12-14" },
  );
  passes("The last invoice for SUB-881 came to 120.00 EUR and is due on 14 December.", plan);
  const orders = records(
    { id: "120", total: "45.00 EUR", record_id: "120" },
    { id: "121", total: "120.00 EUR", record_id: "121" },
  );
  passes("You paid 120.00 EUR for it.", orders);
  found("Order 120 came to 120.00 EUR.", orders, "amount");
});

test("the number of a record and what is moved are no counts of a change", () => {
  const given = change("kiosk_refund", "Refund of order 7001 at Kiosk, 30.00 EUR", {
    input: { order: 7_001, amount: 30 },
    record: { order: 7_001 },
    moved: 3_000,
  });
  passes("I've refunded 30.00 EUR for the 2 lamps.", { proposal: { actions: [given] } });
});

test("what became of a thing, by its record, is no deed of ours", () => {
  const bill = records({ bill: "B-52", status: "paid", record_id: "B-52" });
  passes("Your bill has been paid.", bill);
  found("We've paid your hotel bill.", bill, "claim");
});

test("an amount whose currency stands beside it is quoted with it", () => {
  for (const name of [{}, { record_id: "L-44" }]) {
    const { toolResults = [] } = records({ deposit: "80.00", fee: 5, currency: "EUR", ...name });
    const text = numberedSources({ ...KNOWN, toolResults })
      .map((source) => source.text)
      .join("\n");
    assert.match(text, /deposit 80\.00 EUR$/m);
    assert.match(text, /fee 5 EUR$/m);
  }
});

test("the reader's quote of a connected change backs nothing of another order, nor what was paid", () => {
  const read = (reply: string) => {
    const { toolResults = [] } = kiosk;
    const sources = numberedSources({ ...KNOWN, toolResults, actions: [refund] });
    const quote = "Refund of order #3301";
    const source = sources.findIndex(({ text }) => text.includes(quote)) + 1;
    return judged([{ text: reply, kind: "done", source, quote }], { sources }).findings;
  };
  assert.deepEqual(read("I've refunded 25.00 EUR for order #3301."), []);
  assert.match(read("I've refunded 70.00 EUR for order #3301.")[0]?.reason ?? "", /70\.00 EUR/);
  assert.match(
    read("I've refunded 25.00 EUR for order #3302.")[0]?.reason ?? "",
    /about order 3301/,
  );
});

test("what is true of one record is said of no other", () => {
  passes("Order #3302 came to 95.00 EUR, and order #3301 to 70.00 EUR.", kiosk);
  found("Order #3302 came to 70.00 EUR.", kiosk, "amount");
  passes("Order #3302 came to 70.00 EUR.", { ...kiosk, asked: "It was 70.00 EUR, wasn't it?" });
});

test("a second record is named by what was bought", () => {
  const bought = records(
    { order_id: "1002", item: "USB cable", total: "9.00 EUR" },
    { order_id: "1003", item: "Phone case", total: "8.00 EUR" },
  );
  passes("The cable (order 1002) cost more: 9.00 EUR, and the phone case 8.00 EUR.", bought);
  for (const text of [
    "The cable (order 1002) cost more: 8.00 EUR.",
    "In this case order 1002 cost 8.00 EUR.",
    "If you phone us: order 1002 cost 8.00 EUR.",
  ])
    found(text, bought, "amount");
});

test("a number of anything needs a source, or follows from what is known", () => {
  const page = {
    ...refundPage,
    text: "The pump makes 16 bar, weighs 1,250 g and takes code FROTH20.",
  };
  const known = { passages: [page], ...records({ used_gb: 37.5, plan_gb: 50, record_id: "P-20" }) };
  passes("The pump makes 16 bar, weighs 1.250 g and takes code FROTH20.", known);
  for (const text of ["It makes 61 bar.", "It weighs 1,520 g.", "The code is FROTH25."])
    found(text, known, "order");
  passes("Of 50 GB you have used 37.5, so 12.5 are left.", known);
  passes("You have 4 of them, and 2 more ways to get there.", known);
});

test("words and values are read as they are meant", () => {
  const page = { ...refundPage, text: "It has a two-year warranty. Open from 9 am to 6 pm." };
  passes("It has two years of warranty and we are open from 9 to 6 pm.", { passages: [page] });
  found("It has three years of warranty.", { passages: [page] }, "unsure");
  found("We are open from 7 to 6 pm.", { passages: [page] }, "date");
  const due = records({ due_on: "2026-12-10", record_id: "L-44" });
  passes("Das Buch ist am 10.12. fällig.", due);
  found("Das Buch ist am 12.12. fällig.", due, "date");
  passes("ご注文は12月10日の予定です。二日以内に発送します。", due);
  found("ご注文は12月11日の予定です。", due, "date");
  const { url } = refundPage;
  passes(`（${url}）をご覧ください。`, { passages: [{ ...page, url }] });
  found("Siehe evil。com dazu.", {}, "link");
  found("It comes tomorrow, on 21 November.", records({ due_on: "2026-11-23" }), "date");
});

test("what records say in forms of their own", () => {
  const visit = records({
    planned: "2026-11-24T14:30:00Z",
    state: "paid",
    price: "0.1489",
    currency: "EUR",
    deposit: "80.00",
  });
  passes("The visit is on 24 November at 14:30. It has been paid.", visit);
  passes("The deposit is 80.00 EUR, and one costs 14.89 cents.", visit);
  found("The visit is at 15:30.", visit, "date");
  found("Your booking has been changed to a room with a view.", visit, "claim");
});

test("a name on a page that may be read as a link is for a person to send", () => {
  const page = { ...refundPage, text: "Install Node.js first." };
  assert.deepEqual(kinds("Please install Node.js first.", { passages: [page] }), [
    "contact: Node.js",
  ]);
  found("Please install Bun.sh first.", { passages: [page] }, "link");
});
