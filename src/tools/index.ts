import type { Knowledge } from "#core/contracts/knowledge.ts";
import type { Shop } from "#core/contracts/shop.ts";
import { changeAddress } from "./change-address.ts";
import { createSupportTicket } from "./create-support-ticket.ts";
import type { AgentTool } from "./ending-tool.ts";
import { escalate } from "./escalate.ts";
import { getCustomer } from "./get-customer.ts";
import { getOrderStatus } from "./get-order-status.ts";
import { getPayments } from "./get-payments.ts";
import { issueRefund } from "./issue-refund.ts";
import { listOrders } from "./list-orders.ts";
import { reply } from "./reply.ts";
import { resetPassword } from "./reset-password.ts";
import { searchFaq } from "./search-faq.ts";
import { sendCode } from "./send-code.ts";

/** Every tool Deskhand comes with. Adding one is a file here, a line below, and a policy rule when it writes. */
export function allTools(ports: {
  readonly shop: Shop;
  readonly knowledge: Knowledge;
}): readonly AgentTool[] {
  return [
    searchFaq(ports),
    getOrderStatus(ports),
    listOrders(ports),
    getPayments(ports),
    getCustomer(ports),
    issueRefund(ports),
    changeAddress(ports),
    resetPassword(ports),
    sendCode(),
    createSupportTicket(),
    escalate(),
    reply(),
  ];
}
