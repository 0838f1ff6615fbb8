/**
 * WooCommerce: the customer's orders, and refunds of them.
 *
 * Written after WooCommerce's REST reference, version 3: Authentication, Customers, Orders, Order refunds.
 */
import type { SystemTool } from "#systems/contract.ts";
import { getOrder, listOrders } from "./orders.ts";
import { refundOrder } from "./refund-order.ts";

/** All tools for WooCommerce. */
export const tools: readonly SystemTool[] = [listOrders, getOrder, refundOrder];
