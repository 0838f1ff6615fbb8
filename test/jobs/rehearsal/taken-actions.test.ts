/** Past tickets: how they are read, and what people did on them by their own data, by what the shop shows, and by what their answer says. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Order } from "#core/contracts/shop.ts";
import type { OrderOnCard } from "#core/values/card-context.ts";
import type { PastAction, PastTicket } from "#core/values/rehearsal.ts";
import { ticketsInLines, ticketToRehearse } from "#jobs/rehearsal/past-tickets.ts";
import type { Message } from "#core/values/message.ts";
import { actionsSince, actionsTaken } from "#jobs/rehearsal/taken-actions.ts";
import { pastTicket } from "#test/store/rehearsal/examples.ts";

const usd = (minor: number) => ({ minor, currency: "USD" });

function order(more: Partial<Order> = {}): Order {
  return {
    id: "789",
    customerId: "u123",
    item: "headphones",
    amount: usd(12_000),
    status: "delivered",
    paid: usd(12_000),
    refunds: [],
    orderedOn: null,
    shippedOn: null,
    deliveredOn: null,
    dueOn: null,
    returning: null,
    tracking: null,
    shippingAddress: "12 Orchard Lane",
    ...more,
  };
}

const refund = (at: string, amount = usd(4_000)): Order["refunds"][number] => ({
  id: at,
  key: "",
  amount,
  createdAt: at,
});
const byShop = (operation: string, amount: PastAction["amount"] = null): PastAction => ({
  operation,
  orderId: "789",
  amount,
  knownFrom: "shop",
});
const inText = (operation: string, orderId: string | null, amount: PastAction["amount"]) => ({
  operation,
  orderId,
  amount,
  knownFrom: "answer" as const,
});

/** The question came on 5 October at ten, the answer an hour later. */
const answered = (text: string): PastTicket => {
  const { answer } = pastTicket();
  return pastTicket({ actions: null, answer: { ...answer, text } });
};

describe("what was done on a past ticket", () => {
  const WITHIN = "2026-10-06T09:00:00Z";
  const rows: readonly (readonly [
    string,
    string,
    readonly Order[],
    readonly PastAction[] | null,
  ])[] = [
    [
      "the only amount of its sentence",
      "I have refunded 40.00 USD for order 789.",
      [],
      [inText("refund", "789", usd(4_000))],
    ],
    [
      "no amount where the sentence has two",
      "I have refunded 40.00 USD of the 120.00 USD for order 789.",
      [],
      [inText("refund", "789", null)],
    ],
    [
      "the shop's refund before the answer's words",
      "I have refunded order 789.",
      [order({ refunds: [refund(WITHIN)] })],
      [byShop("refund", usd(4_000))],
    ],
    [
      "no refund from before the question, or of a day later",
      "Your order is on its way.",
      [order({ refunds: [refund("2026-10-05T09:59:00Z"), refund("2026-10-06T11:01:00Z")] })],
      [],
    ],
    [
      "a cancellation with what the shop gave back for it",
      "I have cancelled order 789.",
      [order({ refunds: [refund(WITHIN)] })],
      [{ ...inText("cancel_order", "789", usd(4_000)), knownFrom: "shop" }],
    ],
    [
      "a refund told beside a cancellation as part of it",
      "I have cancelled order 789. I have refunded 120.00 USD.",
      [],
      [inText("cancel_order", "789", usd(12_000))],
    ],
    ["nothing that is not done", "I have not refunded order 789.", [], []],
    [
      "not known, in a language that is not read",
      "Ich habe Ihnen den Betrag für Ihre Bestellung heute vollständig zurückerstattet, und er ist in einigen Tagen da.",
      [],
      null,
    ],
    [
      "the shop's alone, in a language that is not read",
      "Ich habe Ihnen den Betrag für Ihre Bestellung heute vollständig zurückerstattet, und er ist in einigen Tagen da.",
      [order({ refunds: [refund(WITHIN)] })],
      [byShop("refund", usd(4_000))],
    ],
  ];
  for (const [what, text, orders, expected] of rows)
    test(`is ${what}`, async () => {
      const found = await actionsTaken(answered(text), {
        shop: { orders: () => Promise.resolve(orders) },
        customerId: "u123",
        signal: AbortSignal.timeout(1_000),
      });
      assert.deepEqual(found, expected);
    });

  test("is looked up at no shop for an unknown writer", async () => {
    const found = await actionsTaken(answered("Your order is on its way."), {
      shop: { orders: () => Promise.reject(new Error("asked")) },
      customerId: null,
      signal: AbortSignal.timeout(1_000),
    });
    assert.deepEqual(found, []);
  });
});

describe("what was done to a card's orders since its draft", () => {
  const before: OrderOnCard = {
    orderId: "789",
    item: "headphones",
    paid: usd(12_000),
    paidBy: "",
    refunded: usd(1_000),
    status: "delivered",
    shippedOn: null,
    dueOn: null,
    deliveredOn: null,
    returnSince: null,
  };
  const since = (now: Order | null, text = "Done.", operations = ["refund"]) =>
    actionsSince(
      { orders: [before], operations },
      new Map(now === null ? [] : [["789", now]]),
      text,
    );
  const earlier = refund("2026-10-01T00:00:00Z", usd(1_000));
  const later = refund("2026-10-06T00:00:00Z");

  test("is what came to its refunds, its state and its return", () => {
    assert.deepEqual(since(order({ refunds: [earlier] })), []);
    assert.deepEqual(since(order({ refunds: [earlier, later] })), [byShop("refund", usd(4_000))]);
    assert.deepEqual(since(order({ refunds: [earlier, later], status: "canceled" })), [
      byShop("cancel_order", usd(4_000)),
    ]);
    for (const [kind, operation] of [
      ["return", "start_return"],
      ["exchange", "exchange_item"],
    ] as const)
      assert.deepEqual(
        since(order({ refunds: [earlier], returning: { since: "2026-10-06", kind } })),
        [byShop(operation)],
      );
  });

  test("is in the currency that was given", () => {
    const euros = { minor: 4_000, currency: "EUR" };
    const inEuros = refund("2026-10-06T00:00:00Z", euros);
    assert.deepEqual(since(order({ refunds: [inEuros] })), [byShop("refund", euros)]);
    assert.equal(since(order({ refunds: [earlier, inEuros] })), null, "two are not compared");
  });

  test("is, for what leaves no mark at an order, what the answer says", () => {
    const text = "I have changed the address of order 789. I have refunded 40.00 USD.";
    assert.deepEqual(since(order({ refunds: [earlier] }), text), [
      inText("change_address", "789", null),
    ]);
  });

  test("is not known where an order cannot be read, nor from unread words where the shop shows nothing of the kind", () => {
    assert.equal(since(null), null);
    const german =
      "Ich habe die Lieferadresse Ihrer Bestellung geändert, wie Sie es sich gewünscht haben.";
    assert.equal(since(order(), german, ["change_address"]), null);
    assert.deepEqual(since(order({ refunds: [earlier] }), german), []);
  });
});

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
    ticketToRehearse({
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
