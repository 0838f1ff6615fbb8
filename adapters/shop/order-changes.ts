/** The operations of the shop on a whole order besides refunds: cancellation, return, exchange and invoice. */

import type { CancelOrderArguments, OrderArguments } from "#core/values/action.ts";
import type { Order as ShopOrder } from "#core/contracts/shop.ts";
import { isCancelled } from "#core/contracts/shop.ts";
import { toDecimal } from "#core/values/money.ts";
import { parseAnswer, type ShopClient } from "./client.ts";
import { findOperation, type Order, OTHER, pathId, type Receipt, UNREADABLE } from "./operation.ts";
import { CancelReceipt, InvoiceReceipt, ReturnReceipt, WireOrder } from "./schema.ts";

/** Cancels an order; the shop refuses when another amount would go back than the one that was decided. */
export function cancelOrder(client: ShopClient, { orderId, amount }: CancelOrderArguments): Order {
  const ref = `cancellation:${orderId}`;
  return foundOnOrder(client, orderId, {
    path: "cancellation",
    body: { refund: toDecimal(amount), currency: amount.currency },
    ref,
    isDone: isCancelled,
    receipt(body) {
      const parsed = parseAnswer(CancelReceipt, body);
      if (!parsed.ok) return UNREADABLE;
      const { refunded } = parsed.data;
      const same = refunded.minor === amount.minor && refunded.currency === amount.currency;
      return same && parsed.data.orderId === orderId ? { kind: "done", ref } : OTHER;
    },
  });
}

/** Starts a return, or an exchange for another one of the item. An order has one of them at most. */
export function takeBack(
  client: ShopClient,
  { orderId }: OrderArguments,
  kind: "return" | "exchange",
): Order {
  const ref = `${kind}:${orderId}`;
  return foundOnOrder(client, orderId, {
    path: kind,
    body: {},
    ref,
    isDone: (order) => order.returning?.kind === kind,
    receipt(body) {
      const parsed = ReturnReceipt.safeParse(body);
      if (!parsed.success) return UNREADABLE;
      const same = parsed.data.order_id === orderId && parsed.data.kind === kind;
      return same ? { kind: "done", ref } : OTHER;
    },
  });
}

/** Mails the invoice of an order to the address on file once more. */
export function resendInvoice(client: ShopClient, { orderId }: OrderArguments): Order {
  const order = {
    path: `/orders/${pathId(orderId)}/invoice-mail`,
    body: {},
    receipt(body: unknown): Receipt {
      const parsed = InvoiceReceipt.safeParse(body);
      if (!parsed.success) return UNREADABLE;
      return parsed.data.order_id === orderId ? { kind: "done", ref: `invoice:${orderId}` } : OTHER;
    },
  };
  return { ...order, find: (key, signal) => findOperation(client, order, key, signal) };
}

/** An operation that the order itself shows as done, so that a shop without keys can tell too. */
function foundOnOrder(
  client: ShopClient,
  orderId: string,
  operation: {
    readonly path: string;
    readonly body: unknown;
    readonly ref: string;
    readonly receipt: (body: unknown) => Receipt;
    readonly isDone: (order: ShopOrder) => boolean;
  },
): Order {
  const place = `/orders/${pathId(orderId)}`;
  const { body, ref, receipt } = operation;
  return {
    path: `${place}/${operation.path}`,
    body,
    receipt,
    async find(key, signal) {
      const byKey = await findOperation(client, { receipt }, key, signal);
      if (byKey.state !== "absent") return byKey;
      const stands = await client.read(place, WireOrder, signal);
      return stands !== null && operation.isDone(stands)
        ? { state: "done", committed: { ref, conversationKeys: [] } }
        : byKey;
    },
  };
}
