/** All tools of OurShop. */
import type { SystemTool } from "#systems/contract.ts";
import { changeOurshopAddress } from "./change-ourshop-address.ts";
import { ourshopOrder } from "./ourshop-order.ts";
import { ourshopOrders } from "./ourshop-orders.ts";
import { ourshopPayments } from "./ourshop-payments.ts";
import { refundOurshopOrder } from "./refund-ourshop-order.ts";

export const tools: readonly SystemTool[] = [
  changeOurshopAddress,
  ourshopOrder,
  ourshopOrders,
  ourshopPayments,
  refundOurshopOrder,
];
