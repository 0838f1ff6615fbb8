/** Recorded answers show what ourshop payments sends, and whose records it takes. */
import { proveRead } from "#test/systems/recorded/prove.ts";
import { tools } from "./index.ts";
import { ourshopPayments } from "./ourshop-payments.ts";

proveRead(
  ourshopPayments,
  {
    input: { id: "id-175" },
    answer: [
      {
        order_id: "id-175",
        amount: 197,
        currency: "currency-99",
        method: "card",
        status: "captured",
        paid_on: "2026-01-15",
      },
    ],
    sent: { method: "GET", path: "/orders/id-175/payments", query: {}, headers: {}, body: {} },
    parent: {
      id: "id-175",
      customer_id: "1001",
      item: "item-240",
      amount: 197,
      currency: "currency-99",
      status: "processing",
      paid: 361,
      refunded: 208,
      ordered_on: "2026-01-15",
      shipped_on: "2026-01-15",
      delivered_on: "2026-01-15",
      due_on: "2026-01-15",
      tracking: "tracking-46",
    },
  },
  tools,
);
