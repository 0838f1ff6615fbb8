/** How WooCommerce is reached: its REST API version 3 with a consumer's key and secret. */
import type { Connection } from "#systems/contract.ts";

/** The address is that of the site with `/wp-json/wc/v3` at its end. The key needs read and write access. */
export const WOOCOMMERCE: Connection = {
  name: "WooCommerce",
  addressFrom: "WOOCOMMERCE_ADDRESS",
  address: null,
  authentication: { kind: "basic", user: "WOOCOMMERCE_KEY", secret: "WOOCOMMERCE_SECRET" },
  // A site of one's own, so it is spared; a refund waits for the payment company behind it.
  limits: { timeoutMs: 30_000, answerBytesMax: 2_000_000, perMinute: 120 },
  customer: {
    request: {
      method: "GET",
      path: "/customers",
      query: {
        email: { from: "requester", is: "email" },
        role: { from: "fixed", value: "all" },
      },
    },
    records: "",
    id: "id",
    email: "email",
  },
};
