/** Recorded answers show what ourshop order sends, and whose records it takes. */
import { proveRead } from "#test/systems/recorded/prove.ts";
import { tools } from "./index.ts";
import { ourshopOrder } from "./ourshop-order.ts";

proveRead(
  ourshopOrder,
  {
    input: { id: "id-175" },
    answer: {
      id: "id-25",
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
    sent: { method: "GET", path: "/orders/id-175", query: {}, headers: {}, body: {} },
    parent: null,
  },
  tools,
);
