/** How Shopify is reached: its GraphQL Admin API with the access token of an app of one's own. */
import type { Connection } from "#systems/contract.ts";

/**
 * The address is that of the shop with `/admin/api/2026-10` at its end; Shopify serves a version for a year. The app needs
 * `read_orders`, `write_orders` and `read_customers`, and `read_all_orders` for orders older than 60 days.
 */
export const SHOPIFY: Connection = {
  name: "Shopify",
  addressFrom: "SHOPIFY_ADDRESS",
  address: null,
  authentication: {
    kind: "api-key",
    in: "header",
    name: "X-Shopify-Access-Token",
    secret: "SHOPIFY_TOKEN",
  },
  // GraphQL says in the body of an answer with status 200 that it was too busy or failed.
  failsWith: "errors",
  limits: { timeoutMs: 20_000, answerBytesMax: 1_000_000, perMinute: 120 },
};
