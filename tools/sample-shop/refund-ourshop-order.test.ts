/** Recorded answers show what refund ourshop order sends, and whose records it takes. */
import { proveWrite } from "#test/systems/recorded/prove.ts";
import { tools } from "./index.ts";
import { refundOurshopOrder } from "./refund-ourshop-order.ts";

proveWrite(
  refundOurshopOrder,
  {
    input: { id: "id-175", amount: null },
    answer: {
      id: "id-175",
      customer_id: "1001",
      item: "item-240",
      currency: "EUR",
      status: "processing",
      paid: 50,
      refunded: 0,
    },
    receipt: { id: "id-199", order_id: "id-175", amount: 50 },
    sent: {
      method: "POST",
      path: "/orders/id-175/refunds",
      query: {},
      headers: {},
      body: { currency: "EUR", reason: "Asked for by the customer", amount: "50" },
    },
    found: [{ id: "id-34", amount: 50, idempotency_key: "<key>" }],
    parent: null,
  },
  tools,
);
