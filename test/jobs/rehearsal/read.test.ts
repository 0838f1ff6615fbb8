/** Past tickets are read from lines and from conversations, and what people did from what there is. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Order } from "#core/contracts/shop.ts";
import type { Message } from "#core/values/message.ts";
import { pastTicketOf, ticketsInLines } from "#jobs/rehearsal/past-tickets.ts";
import { shopAsOf } from "#jobs/rehearsal/shop-as-of.ts";
import { actionsTold } from "#jobs/rehearsal/taken-actions.ts";
import { pastTicket } from "#test/store/rehearsal/examples.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

const LINE = {
  id: "1",
  customer: "Ann@Customer.test",
  messages: [{ by: "customer", name: "Ann", text: "Where is it?", at: "2026-10-05T10:00:00.000Z" }],
  answer: { by: "Sam", text: "On its way.", at: "2026-10-05T11:00:00.000Z" },
};

test("a line needs little, each bad line is named with field and reason, and the rest goes on", () => {
  const text = [
    JSON.stringify(LINE),
    "",
    "{",
    JSON.stringify({ ...LINE, id: "2", answer: { by: "Sam", text: "", at: "yesterday" } }),
    JSON.stringify(LINE),
    JSON.stringify({ ...LINE, id: "3", messages: [{ ...LINE.messages[0], by: "team" }] }),
    JSON.stringify({ ...LINE, id: "4", actions: [], identityAssumed: false }),
    JSON.stringify(pastTicket({ id: "5", identityAssumed: false })),
  ].join("\n");
  const { tickets, leftOut } = ticketsInLines(text);
  assert.deepEqual(
    tickets.map(({ id, customer, identityAssumed, actions }) => [
      id,
      customer,
      identityAssumed,
      actions?.length,
    ]),
    [
      ["1", "ann@customer.test", true, undefined],
      ["4", "ann@customer.test", true, 0],
      ["5", "ann@customer.test", false, 1],
    ],
  );
  assert.deepEqual(
    leftOut.map((line) => line.replace(/(: \S+: \w+).*/, "$1")),
    [
      "line 3: is no JSON",
      "line 4: answer.text: Too",
      "line 5: a second ticket 1",
      "line 6: messages: the",
    ],
  );
  assert.match(leftOut[1] ?? "", /answer\.at: /);
});

describe("a conversation", () => {
  const message = (kind: Message["author"]["kind"], text: string, more: object = {}) => ({
    author: { kind, id: `${kind}:1`, name: kind },
    visibility: "public" as const,
    text,
    sentAt: "2026-10-05T10:00:00.000Z",
    identity: pastTicket().identity,
    ignore: null,
    ...more,
  });
  const read = (...messages: ReturnType<typeof message>[]) =>
    pastTicketOf({
      id: "7",
      link: "",
      channel: "zendesk",
      brand: "",
      subject: "Lamp",
      customer: "Ann@customer.test",
      identityAssumed: false,
      messages,
    });

  test("ends with the first public answer of a person; notes, bulk and the bot are no answer", () => {
    const ticket = read(
      message("requester", "Broken."),
      message("requester", "Out of office", { ignore: "auto-reply" }),
      message("bot", "A person will look."),
      message("teammate", "refund it?", { visibility: "internal" }),
      message("teammate", "Refunded."),
      message("teammate", "Anything else?"),
    );
    assert.ok("answer" in ticket);
    assert.equal(ticket.answer.text, "Refunded.");
    assert.deepEqual(
      ticket.messages.map(({ by, text }) => [by, text]),
      [
        ["customer", "Broken."],
        ["team", "A person will look."],
      ],
    );
  });
});

describe("what people did", () => {
  const usd = (minor: number) => ({ minor, currency: "USD" });
  const order = (refunds: Order["refunds"]): Order => ({
    id: "789",
    customerId: "42",
    item: "lamp",
    amount: usd(12_000),
    status: "delivered",
    paid: usd(12_000),
    refunds,
    orderedOn: "2026-09-20",
    shippedOn: "2026-09-22",
    deliveredOn: "2026-10-02",
    dueOn: null,
    returning: null,
    tracking: "T1",
    shippingAddress: "Street 1",
  });
  const refund = (minor: number, createdAt: string) => ({
    id: "r",
    amount: usd(minor),
    key: "k",
    createdAt,
  });

  test("is read from an answer in English", () => {
    const told = (text: string) =>
      actionsTold(text).map(({ operation, orderId, amount }) => [
        operation,
        orderId,
        amount?.minor ?? null,
      ]);
    assert.deepEqual(told("I have refunded 120.00 USD for order 789."), [
      ["refund", "789", 12_000],
    ]);
    assert.deepEqual(told("We have cancelled order 456."), [["cancel_order", "456", null]]);
    assert.deepEqual(told("Wir haben Bestellung 456 storniert."), []);
    assert.deepEqual(told("Order 456 is cancelled and I refunded 60.00 USD."), [
      ["cancel_order", "456", 6_000],
    ]);
    assert.deepEqual(told("You can get a refund within 30 days. We cannot refund order 789."), []);
  });

  test("orders are shown as of the question where their days tell, and as today where they do not", async () => {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const at = async (day: string, one: Order, named = false) => {
      const none = async () => null;
      const view = shopAsOf(
        {
          customer: none,
          customerByEmail: none,
          orders: async () => [one],
          order: async () => one,
          payments: async () => [],
        },
        new Date(`${day}T10:00:00.000Z`),
        () => named,
      );
      const seen = await view.shop.order("789", signal);
      return [
        view.answered(),
        seen?.status,
        seen?.deliveredOn,
        seen?.refunds.length,
        seen?.tracking,
      ];
    };
    const refunded = order([refund(12_000, "2026-10-05T12:00:00.000Z")]);
    assert.deepEqual(await at("2026-10-06", refunded), [
      "then",
      "delivered",
      "2026-10-02",
      1,
      "T1",
    ]);
    assert.deepEqual(await at("2026-10-03", refunded), [
      "then",
      "delivered",
      "2026-10-02",
      0,
      "T1",
    ]);
    assert.deepEqual(await at("2026-09-25", refunded), ["then", "shipped", null, 0, "T1"]);
    assert.deepEqual(await at("2026-09-21", refunded), ["then", "processing", null, 0, null]);
    assert.deepEqual(await at("2026-09-01", refunded), ["then", ...Array(4).fill(undefined)]);
    assert.equal((await at("2026-09-01", refunded, true))[0], "today");
    assert.equal((await at("2026-10-06", { ...refunded, orderedOn: null }))[0], "today");
    assert.equal((await at("2026-10-06", { ...refunded, status: "cancelled" }))[0], "today");
  });
});
