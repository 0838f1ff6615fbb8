/** The write tools about one order: to refund or cancel it, to take it back, to send it elsewhere, to mail its invoice. */
import { z } from "zod";
import { sealedOrderFacts, isCancelled, type Order, type Shop } from "#core/contracts/shop.ts";
import {
  type CalledAction,
  ORDER_NOT_FOUND,
  type ProposeResult,
  type ToolContext,
  writeTool,
  type WriteTool,
} from "#core/contracts/tool.ts";
import {
  type CancelOrderArguments,
  type ChangeAddressArguments,
  type OrderArguments,
  type RefundArguments,
  refundKey,
  type UnprovenValue,
} from "#core/values/action.ts";
import { digest } from "#core/values/canonical-json.ts";
import { amountAsked, formatMoney, RefundAmount } from "#core/values/money.ts";
import { oneLine } from "#core/values/words.ts";
import { standsIn, amountDoubt } from "#text/about-text.ts";
import { refundableAmount, ACCOUNT_LEVEL, OrderId, ownOrder, unprovenOrder } from "./own-order.ts";

interface PlannedChange {
  /** The same for the same request, on whatever channel. */
  readonly key: string;
  /** The words of the card. */
  readonly label: string;
  /** What the shop is told. */
  readonly given: OrderArguments | CancelOrderArguments | ChangeAddressArguments | RefundArguments;
  /** Values beside the order that the customer did not choose, or that stand in no record. */
  readonly unproven?: readonly UnprovenValue[];
}

type Change = PlannedChange | { readonly reason: string };

interface OrderTool<More extends z.ZodRawShape> {
  readonly name: string;
  /** The shop's operation; left out where it has the tool's name. */
  readonly operation?: string;
  readonly description: string;
  readonly personDecides?: true;
  readonly called?: CalledAction;
  /** What the model fills in beside the order's number. */
  readonly more: More;
  /** Why it cannot be done with an order, in a sentence for the customer, or null. */
  readonly whyNot: (order: Order) => string | null;
  /** Which orders the request could be about at all; left out for those that it can be done with. */
  readonly fits?: (order: Order) => boolean;
  readonly planned: (
    order: Order,
    input: z.output<z.ZodObject<More>>,
    context: ToolContext,
  ) => Change | Promise<Change>;
}

const BY_NUMBER = z.object({ order_id: OrderId });

/** A tool that proposes an operation for one order of the writer's own account. */
function orderTool<More extends z.ZodRawShape>(shop: Shop, tool: OrderTool<More>): WriteTool {
  const { name, operation = name, description, personDecides, called, whyNot, planned } = tool;
  const { fits = (order: Order) => whyNot(order) === null } = tool;
  const more = z.object(tool.more);
  return writeTool({
    kind: "write",
    name,
    operation,
    description,
    minimumLevel: ACCOUNT_LEVEL,
    accountData: true,
    ...(personDecides === undefined ? {} : { personDecides }),
    ...(called === undefined ? {} : { called }),
    input: z.strictObject({ order_id: OrderId, ...tool.more }),
    async propose(input, context): Promise<ProposeResult> {
      const { order_id } = BY_NUMBER.parse(input);
      const order = await ownOrder(shop, order_id, context);
      if (order === null) return { kind: "impossible", reason: ORDER_NOT_FOUND };
      const reason = whyNot(order);
      if (reason !== null) return { kind: "impossible", reason };
      const change = await planned(order, more.parse(input), context);
      if ("reason" in change) return { kind: "impossible", reason: change.reason };
      const { key, label, given, unproven = [] } = change;
      return {
        kind: "proposed",
        unproven: [...(await unprovenOrder(shop, order, context, fits)), ...unproven],
        planned: {
          key,
          action: { target: "shop", operation, arguments: given },
          label,
          facts: [sealedOrderFacts(order)],
        },
      };
    },
  });
}

/** Proposes to cancel one order; what was paid for it goes back to its original payment method and nowhere else. */
export function cancelOrder({ shop }: { readonly shop: Shop }): WriteTool {
  return orderTool(shop, {
    name: "cancel_order",
    description: "Cancels an order that has not been shipped; what was paid goes back with it.",
    more: {},
    whyNot: whyNotCancelled,
    planned: (order) => {
      const amount = refundableAmount(order);
      if (amount === null) return { reason: `What goes back of order ${order.id} is not known.` };
      return {
        key: `cancel:shop:${order.id}`,
        label: `Cancel order ${order.id}, ${formatMoney(amount)} goes back to the original payment method`,
        given: { orderId: order.id, amount },
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
      "Takes back a delivered order: a label is e-mailed to the address on file, the money goes back when the parcel has arrived.",
    called: {
      verbs: ["start", "register", "open", "set up", "arrange", "book"],
      things: ["return"],
    },
    more: {},
    whyNot: whyNotTakenBack,
    planned: ({ id }) => ({
      given: { orderId: id },
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
      "Exchanges a delivered order for the same item: a label is e-mailed to the address on file, the new one leaves when the parcel has arrived. Another item is a return and a new order.",
    called: { verbs: ["exchange", "swap"], things: [] },
    more: {},
    whyNot: whyNotTakenBack,
    planned: ({ id }) => ({
      given: { orderId: id },
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
    description: "Mails an order's invoice to the address on file and nowhere else.",
    more: {},
    whyNot: () => null,
    planned: ({ id }, _input, { answers }) => ({
      given: { orderId: id },
      // Asking again in a later message is a new mail.
      key: `invoice:shop:${id}:${digest(answers.toSorted()).slice(0, 32)}`,
      label: `Send the invoice of order ${id} to the address on file`,
    }),
  });
}

/**
 * The reason the shop records for every refund. The model's own reason stays in the trace, for the team only: it may
 * repeat text of a third party, and the shop's journal, receipts and exports have other readers.
 */
const REASON_FOR_SHOP = "Asked for by the customer";

const AMOUNT_FROM_NOWHERE = "This amount stands neither in the customer's message nor in a record.";

/** Proposes a refund to the original payment method; there is no other destination. */
export function issueRefund({ shop }: { readonly shop: Shop }): WriteTool {
  return orderTool(shop, {
    name: "issue_refund",
    operation: "refund",
    description:
      "Refunds to the original payment method for a fault, a missing part, or where a page says nothing has to come back; never more than they ask. Not shipped takes cancel_order, without a fault start_return.",
    more: {
      amount: RefundAmount,
      reason: z.string().trim().min(1).max(500),
    },
    whyNot: (order) => {
      const all = amountAsked(null, sealedOrderFacts(order), `Order ${order.id}`);
      return "reason" in all ? all.reason : null;
    },
    planned(order, { amount: typed }, { ownWords }) {
      const facts = sealedOrderFacts(order);
      const amount = amountAsked(typed, facts, `Order ${order.id}`);
      if ("reason" in amount) return amount;
      const known = [refundableAmount(order) ?? amount, order.paid, order.amount].map(formatMoney);
      const words = amountDoubt(ownWords, formatMoney(amount), known);
      if (words === "") return { reason: AMOUNT_FROM_NOWHERE };
      return {
        key: refundKey(order.id, facts.refundCount),
        label: `Refund ${formatMoney(amount)} to the original payment method, order ${order.id}`,
        given: { orderId: order.id, amount, reason: REASON_FOR_SHOP },
        unproven: words === null ? [] : [{ argument: "amount", words }],
      };
    },
  });
}

/** Proposes another shipping address for one order. */
export function changeAddress({ shop }: { readonly shop: Shop }): WriteTool {
  return orderTool(shop, {
    name: "change_address",
    description: "A new shipping address, whole",
    // A new address stands in no record, so a person always decides, however it is asked for.
    personDecides: true,
    more: {
      new_address: z
        .string()
        .max(1_000)
        .transform((text) => oneLine(text))
        .pipe(z.string().min(5).max(500)),
    },
    whyNot: () => null,
    fits: ({ shippedOn, deliveredOn }) => shippedOn === null && deliveredOn === null,
    async planned(
      { id, shippingAddress },
      { new_address: address },
      { ownWords, requester, signal },
    ) {
      if (shippingAddress === address) return { reason: `Order ${id} has this address already.` };
      const { customerId } = requester;
      const orders = customerId === null ? [] : await shop.orders(customerId, signal);
      const isOnRecord = orders.some((order) => order.shippingAddress === address);
      if (!isOnRecord && !standsIn(ownWords, address))
        return {
          reason:
            "This address stands neither in the customer's own message nor in an order of theirs. Copy it exactly, or ask them for it.",
        };
      // The old address is part of the identity, so that going back to an earlier address is a new change.
      const identity = digest({ from: shippingAddress, to: address }).slice(0, 32);
      return {
        key: `address:shop:${id}:${identity}`,
        label: `Change the shipping address of order ${id} to ${address}`,
        given: { orderId: id, address },
        // No record can prove a new address, so a person always checks it.
        unproven: [{ argument: "address", words: address }],
      };
    },
  });
}
