/** The faults of tools a case may name: which request at the shop's door fails, how, and how often. */
import { z } from "zod";

/** Where a fault can be: a tool of the shop, a look-up behind it, or any request. */
const FaultyTool = z.enum([
  "get_customer",
  "list_orders",
  "get_order_status",
  "get_payments",
  "get_refunds",
  "find_operation",
  "issue_refund",
  "change_address",
  "cancel_order",
  "start_return",
  "exchange_item",
  "resend_invoice",
  "reset_password",
  "any",
]);

/** Requests at the shop's door by the tool, or the part of a tool, that sends them. */
const REQUESTS: Readonly<Record<z.infer<typeof FaultyTool>, RegExp>> = {
  get_customer: /^GET \/customers(?:\?|\/[^/?]+$)/,
  list_orders: /^GET \/customers\/[^/]+\/orders/,
  get_order_status: /^GET \/orders\/[^/?]+$/,
  get_payments: /^GET \/orders\/[^/]+\/payments/,
  /** What has been refunded so far; also how a refund whose answer was lost is looked up. */
  get_refunds: /^GET \/orders\/[^/]+\/refunds/,
  /** How any other change whose answer was lost is looked up by its key. */
  find_operation: /^GET \/operations\//,
  issue_refund: /^POST \/orders\/[^/]+\/refunds/,
  change_address: /^POST \/orders\/[^/]+\/address/,
  cancel_order: /^POST \/orders\/[^/]+\/cancellation/,
  start_return: /^POST \/orders\/[^/]+\/return/,
  exchange_item: /^POST \/orders\/[^/]+\/exchange/,
  resend_invoice: /^POST \/orders\/[^/]+\/invoice-mail/,
  reset_password: /^POST \/customers\/[^/]+\/password-reset/,
  any: /^/,
};

/**
 * How a request fails. `timeout`: taken and never answered, and nothing is done. `lost_answer`: done, but the answer is
 * lost. `error`: 500, and nothing is done. `error_after`: done, and answered with 500. `slow`: answered late.
 * `broken_json`: done, and the answer ends in the middle. `not_found`: 404, and nothing is done. `rate_limited`: 429.
 */
export const FaultKind = z.enum([
  "timeout",
  "lost_answer",
  "error",
  "error_after",
  "slow",
  "broken_json",
  "not_found",
  "rate_limited",
]);
export type FaultKind = z.infer<typeof FaultKind>;

/** One fault. Without `times` every such request fails; a read that fails once is asked again at once. */
export const ToolFault = z.strictObject({
  tool: FaultyTool,
  fault: FaultKind,
  times: z.int().min(1).max(20).optional(),
});
export type ToolFault = z.infer<typeof ToolFault>;

/** True when this request, such as "GET /orders/789", is one that the fault is about. */
export function concerns({ tool }: Pick<ToolFault, "tool">, request: string): boolean {
  return REQUESTS[tool].test(request);
}
