/** Recorded answers show what change ourshop address sends, and whose records it takes. */
import { proveWrite } from "#test/systems/recorded/prove.ts";
import { tools } from "./index.ts";
import { changeOurshopAddress } from "./change-ourshop-address.ts";

proveWrite(
  changeOurshopAddress,
  {
    input: { id: "id-175", shipping_address: "shipping-address-83" },
    answer: { id: "id-175", customer_id: "1001", status: "processing" },
    receipt: { order_id: "id-175", shipping_address: "shipping-address-83" },
    sent: {
      method: "POST",
      path: "/orders/id-175/address",
      query: {},
      headers: {},
      body: { shipping_address: "shipping-address-83" },
    },
    found: { id: "id-34", shipping_address: "shipping-address-83" },
    parent: null,
  },
  tools,
);
