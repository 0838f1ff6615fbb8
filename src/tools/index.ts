/**
 * Room: the tools a model can call.
 * In: arguments checked by each tool's strict schema, and the turn's tool context.
 * Out: results of read tools, proposed actions of write tools, or the end of a turn.
 * May touch: the shop and the help pages, read-only; write tools only propose, and the ledger commits.
 * Start here, then own-order.ts and order-tools.ts.
 */
import type { Knowledge } from "#core/contracts/knowledge.ts";
import type { Shop } from "#core/contracts/shop.ts";
import { type AgentTool, reply, escalate, createSupportTicket } from "./ending-tools.ts";
import {
  getOrderStatus,
  listOrders,
  getPayments,
  getCustomer,
  resetPassword,
  sendCode,
} from "./account-tools.ts";
import type { RefundDays } from "./own-order.ts";
import { searchFaq } from "./search-faq.ts";
import {
  cancelOrder,
  changeAddress,
  exchangeItem,
  issueRefund,
  resendInvoice,
  startReturn,
} from "./order-tools.ts";

/** Every built-in tool. Adding one takes a function here, a line below, and a policy rule when it writes. */
export function allTools(ports: {
  readonly shop: Shop;
  readonly knowledge: Knowledge;
  /** Left out where no policy is at hand: then no order says until when it can be refunded. */
  readonly refundDays?: RefundDays;
}): readonly AgentTool[] {
  const orders = { shop: ports.shop, refundDays: ports.refundDays ?? (() => null) };
  return [
    searchFaq(ports),
    getOrderStatus(orders),
    listOrders(orders),
    getPayments(ports),
    getCustomer(ports),
    issueRefund(ports),
    cancelOrder(ports),
    startReturn(ports),
    exchangeItem(ports),
    resendInvoice(ports),
    changeAddress(ports),
    resetPassword(ports),
    sendCode(),
    createSupportTicket(),
    escalate(),
    reply(),
  ];
}

async function neverAsked(): Promise<never> {
  throw new Error("a declaration of a tool looks nothing up");
}

/** The same as declarations alone, for who only reads their names, operations and words. */
export const DECLARED_TOOLS: readonly AgentTool[] = allTools({
  knowledge: { search: neverAsked },
  shop: {
    customer: neverAsked,
    customerByEmail: neverAsked,
    orders: neverAsked,
    order: neverAsked,
    payments: neverAsked,
  },
});
