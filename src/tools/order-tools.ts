/** The write tools about one whole order: to cancel it, to take it back, to mail its invoice. */
import {
  ORDER_NOT_FOUND,
  type CalledAction,
  type ProposeResult,
  type ToolContext,
  writeTool,
  type WriteTool,
} from "#core/contracts/tool.ts";
import { z } from "zod";
import type { CancelOrderArguments, OrderArguments } from "#core/values/action.ts";
import { type Money, formatMoney } from "#core/values/money.ts";
import { factsOf, type Order, type Shop, isCancelled } from "#core/contracts/shop.ts";
import { ACCOUNT_LEVEL, calledBy, OrderId, ownOrder, unprovenOrder } from "./find-own-order.ts";
import {
  CANCEL_WISHES,
  EXCHANGE_WISHES,
  RETURN_WISHES,
  INVOICE_WISHES,
} from "#text/plain-request.ts";
import { leftOf } from "./order-view.ts";
import { digest } from "#core/values/canonical-json.ts";

/** What a teammate is asked to approve. */
interface PlannedChange {
  /** The same for the same request, on whatever channel. */
  readonly key: string;
  /** The words of the card. */
  readonly label: string;
  /** What goes back with it; left out where no money moves. */
  readonly amount?: Money;
}

/** What they differ in. */
interface OrderTool {
  /** The tool's name, and the shop's operation. */
  readonly name: "cancel_order" | "start_return" | "exchange_item" | "resend_invoice";
  readonly description: string;
  readonly wishes: readonly RegExp[];
  readonly called?: CalledAction;
  /** Why it cannot be done with this order, in a sentence for the customer, or null. */
  readonly whyNot: (order: Order) => string | null;
  readonly planned: (order: Order, context: ToolContext) => PlannedChange;
}

/** A tool that proposes the operation of this name for one order of the writer's own account. */
function orderTool(
  shop: Shop,
  { name, description, wishes, called, whyNot, planned }: OrderTool,
): WriteTool {
  return writeTool({
    kind: "write",
    name,
    operation: name,
    description,
    minimumLevel: ACCOUNT_LEVEL,
    accountData: true,
    wishes,
    ...(called === undefined ? {} : { called }),
    input: z.strictObject({ order_id: OrderId }),
    async propose({ order_id }, context): Promise<ProposeResult> {
      const order = await ownOrder(shop, order_id, context);
      if (order === null) return { kind: "impossible", reason: ORDER_NOT_FOUND };
      const reason = whyNot(order);
      if (reason !== null) return { kind: "impossible", reason };
      const { key, label, amount } = planned(order, context);
      const given: OrderArguments | CancelOrderArguments =
        amount === undefined ? { orderId: order.id } : { orderId: order.id, amount };
      return {
        kind: "proposed",
        names: calledBy(order),
        unproven: await unprovenOrder(shop, order, context, (other) => whyNot(other) === null),
        planned: {
          key,
          action: { target: "shop", operation: name, arguments: given },
          label,
          facts: [factsOf(order)],
        },
      };
    },
  });
}

/** Proposes to cancel one order; what was paid for it goes back to its original payment method and nowhere else. */
export function cancelOrder({ shop }: { readonly shop: Shop }): WriteTool {
  return orderTool(shop, {
    name: "cancel_order",
    description:
      "Proposes to cancel one order that has not been shipped; what was paid goes back with it. Once it has left it can " +
      "only come back: start_return.",
    wishes: CANCEL_WISHES,
    whyNot: whyNotCancelled,
    planned: (order) => {
      const amount = leftOf(order);
      return {
        key: `cancel:shop:${order.id}`,
        label: `Cancel order ${order.id}, ${formatMoney(amount)} goes back to the original payment method`,
        amount,
      };
    },
  });
}

function whyNotCancelled(order: Order): string | null {
  const { id, shippedOn, deliveredOn } = order;
  if (isCancelled(order)) return `Order ${id} is cancelled already.`;
  if (shippedOn === null && deliveredOn === null) return null;
  const since = deliveredOn === null ? `shipped on ${shippedOn}` : `delivered on ${deliveredOn}`;
  return `Order ${id} was ${since}, so it cannot be cancelled any more.`;
}

/** Proposes a return label for one order. */
export function startReturn({ shop }: { readonly shop: Shop }): WriteTool {
  return orderTool(shop, {
    name: "start_return",
    description:
      "Proposes the return of one delivered order: a label is mailed to the address on file, the money goes back when " +
      "the parcel has arrived. Propose it also if it may be too late.",
    wishes: RETURN_WISHES,
    called: {
      verbs: ["start", "register", "open", "set up", "arrange", "book"],
      things: ["return"],
    },
    whyNot: whyNotTakenBack,
    planned: ({ id }) => ({
      key: `return:shop:${id}`,
      label: `Start the return of order ${id}, label to the address on file`,
    }),
  });
}

/** Proposes an exchange of one order. */
export function exchangeItem({ shop }: { readonly shop: Shop }): WriteTool {
  return orderTool(shop, {
    name: "exchange_item",
    description:
      "Proposes to exchange one delivered order for the same item: a label is mailed to the address on file, the new one " +
      "leaves when the parcel has arrived. Another item or size is a return and a new order.",
    wishes: EXCHANGE_WISHES,
    called: { verbs: ["exchange", "swap"], things: [] },
    whyNot: whyNotTakenBack,
    planned: ({ id }) => ({
      key: `exchange:shop:${id}`,
      label: `Exchange order ${id} for a new one of the same item, label to the address on file`,
    }),
  });
}

function whyNotTakenBack({ id, deliveredOn, returning }: Order): string | null {
  if (returning !== null)
    return `${returning.kind === "return" ? "A return" : "An exchange"} of order ${id} was started on ${returning.since} already.`;
  return deliveredOn === null
    ? `Order ${id} has not been delivered, so it cannot come back yet.`
    : null;
}

/** Proposes to mail the invoice of one order, which the shop sends to the address on file and nowhere else. */
export function resendInvoice({ shop }: { readonly shop: Shop }): WriteTool {
  return orderTool(shop, {
    name: "resend_invoice",
    description:
      "Proposes to mail the invoice of one order once more, to the address on file and nowhere else.",
    wishes: INVOICE_WISHES,
    whyNot: () => null,
    planned: ({ id }, { answers }) => ({
      // Asking again in a later message is a new mail.
      key: `invoice:shop:${id}:${digest(answers.toSorted()).slice(0, 32)}`,
      label: `Send the invoice of order ${id} to the address on file`,
    }),
  });
}
