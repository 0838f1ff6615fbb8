/**
 * Shopify: the customer's orders, and refunds of them.
 *
 * Written after Shopify's reference of the GraphQL Admin API: `customerByIdentifier`, `order`, `refundCreate`, and
 * idempotent requests. The older REST interface is not used, because Shopify no longer develops it.
 */
import type { SystemTool } from "#systems/contract.ts";
import { listOrders } from "./list-orders.ts";
import { refundOrder } from "./refund-order.ts";

/** All tools for Shopify. */
export const tools: readonly SystemTool[] = [listOrders, refundOrder];
