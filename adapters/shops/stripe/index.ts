/**
 * Stripe: the customer's payments, and refunds of them.
 *
 * Written after Stripe's API reference: Customers, PaymentIntents, Refunds, Idempotent requests, Currencies.
 */
import type { SystemTool } from "#systems/contract.ts";
import { listPayments } from "./list-payments.ts";
import { refundPayment } from "./refund-payment.ts";

/** All tools for Stripe. */
export const tools: readonly SystemTool[] = [listPayments, refundPayment];
