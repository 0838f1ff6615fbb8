/** Recorded answers show what ourshop orders sends, and whose records it takes. */
import { proveRead } from "#test/systems/recorded/prove.ts";
import { tools } from "./index.ts";
import { ourshopOrders } from "./ourshop-orders.ts";

proveRead(
  ourshopOrders,
  {
    input: {},
    answer: [
      {
        id: "id-25",
        customer_id: "1001",
        item: "item-240",
        amount: 197,
        currency: "currency-99",
        status: "processing",
        ordered_on: "2026-01-15",
      },
    ],
    sent: { method: "GET", path: "/customers/1001/orders", query: {}, headers: {}, body: {} },
    parent: null,
  },
  tools,
);
