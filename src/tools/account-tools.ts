/**
 * The tools about the requester's own account: what is on file (their name, orders, payments), a link for a new
 * password, a one-time code.
 */
import { addressIn } from "#core/values/identity.ts";
import { z } from "zod";
import type { Shop } from "#core/contracts/shop.ts";
import {
  ORDER_NOT_FOUND,
  readTool,
  type ReadTool,
  type ProposeResult,
  type ToolContext,
  writeTool,
  type WriteTool,
} from "#core/contracts/tool.ts";
import { formatMoney } from "#core/values/money.ts";
import type { ResetPasswordArguments, SendCodeArguments } from "#core/values/action.ts";
import { digest } from "#core/values/canonical-json.ts";
import {
  orderDetails,
  OrderDetails,
  type RefundDays,
  ListedOrder,
  listedOrder,
  ACCOUNT_LEVEL,
  OrderId,
  OrderNotFound,
  ownOrder,
  mayReadAccount,
  NotFound,
} from "./own-order.ts";

/** A read tool for what the shop has on file about the requester. */
function accountTool<In extends z.ZodType, Out extends z.ZodType>(
  tool: Pick<ReadTool<In, Out>, "name" | "description" | "input" | "output" | "run">,
): ReadTool {
  return readTool({
    kind: "read",
    provenance: "own",
    minimumLevel: ACCOUNT_LEVEL,
    accountData: true,
    ...tool,
  });
}

interface OrderPorts {
  readonly shop: Shop;
  readonly refundDays: RefundDays;
}

const OrderStatus = z.discriminatedUnion("found", [
  OrderNotFound,
  z.strictObject({ found: z.literal(true), order: OrderDetails }),
]);

/** Returns where one order is, with its dates, its address, what was refunded and what we have open about it. */
export function getOrderStatus({ shop, refundDays }: OrderPorts): ReadTool {
  return accountTool({
    name: "get_order_status",
    description:
      "Status, dates, amounts, tracking, address of one order, and what is open about it. For every order number named.",
    input: z.strictObject({ order_id: OrderId }),
    output: OrderStatus,
    async run({ order_id }, context): Promise<z.infer<typeof OrderStatus>> {
      const order = await ownOrder(shop, order_id, context);
      if (order === null) return { found: false, order_id, remark: ORDER_NOT_FOUND };
      const matters = await context.openMatters([order.id]);
      return { found: true, order: orderDetails(order, { refundDays, matters }) };
    },
  });
}

/** More would not fit a reply; the count says that there are others. */
const ORDERS_SHOWN_MAX = 20;

const OrderList = z.discriminatedUnion("found", [
  NotFound,
  z.strictObject({
    found: z.literal(true),
    orders: z.array(ListedOrder).min(1).max(ORDERS_SHOWN_MAX),
    /** How many older orders are left out. */
    more: z.int().min(0),
  }),
]);

/** Returns the customer's own orders, for requests that name no order. */
export function listOrders({ shop, refundDays }: OrderPorts): ReadTool {
  return accountTool({
    name: "list_orders",
    description: "The customer's orders, with tracking and address of those not delivered yet",
    input: z.strictObject({}),
    output: OrderList,
    async run(_input, context): Promise<z.infer<typeof OrderList>> {
      const { customerId } = context.requester;
      const orders = customerId === null ? [] : await shop.orders(customerId, context.signal);
      if (orders.length === 0 || !mayReadAccount(context))
        return { found: false, remark: "There are no orders for this customer." };
      const shown = orders.slice(-ORDERS_SHOWN_MAX);
      const matters = await context.openMatters(shown.map(({ id }) => id));
      return {
        found: true,
        orders: shown.map((order) =>
          listedOrder(order, { refundDays, matters, isOnly: orders.length === 1 }),
        ),
        more: Math.max(0, orders.length - ORDERS_SHOWN_MAX),
      };
    },
  });
}

const PaymentsResult = z.discriminatedUnion("found", [
  OrderNotFound,
  z.strictObject({
    found: z.literal(true),
    order_id: z.string(),
    payments: z.array(
      z.strictObject({ amount: z.string(), method: z.string(), paid_on: z.iso.date() }),
    ),
    refunds: z.array(z.strictObject({ amount: z.string(), refunded_on: z.string() })),
  }),
]);

/** Returns how and when an order was paid, and what was refunded. */
export function getPayments({ shop }: { readonly shop: Shop }): ReadTool {
  return accountTool({
    name: "get_payments",
    description: "How one order was paid, and its refunds",
    input: z.strictObject({ order_id: OrderId }),
    output: PaymentsResult,
    async run({ order_id }, context): Promise<z.infer<typeof PaymentsResult>> {
      // Both are requested for every number, so that the calls do not distinguish another customer's order from an
      // absent one.
      const [order, payments] = await Promise.all([
        ownOrder(shop, order_id, context),
        shop.payments(order_id, context.signal),
      ]);
      if (order === null) return { found: false, order_id, remark: ORDER_NOT_FOUND };
      return {
        found: true,
        order_id: order.id,
        payments: payments.map(({ amount, method, paidOn }) => ({
          amount: formatMoney(amount),
          method,
          paid_on: paidOn,
        })),
        refunds: order.refunds.map(({ amount, createdAt }) => ({
          amount: formatMoney(amount),
          refunded_on: createdAt.slice(0, 10),
        })),
      };
    },
  });
}

const CustomerResult = z.discriminatedUnion("found", [
  NotFound,
  z.strictObject({ found: z.literal(true), name: z.string(), email: z.string() }),
]);

/** Returns the name and address on file of the requester. */
export function getCustomer({ shop }: { readonly shop: Shop }): ReadTool {
  return accountTool({
    name: "get_customer",
    description: "Name and e-mail address on file, only when they ask",
    input: z.strictObject({}),
    output: CustomerResult,
    async run(_input, context): Promise<z.infer<typeof CustomerResult>> {
      const { customerId } = context.requester;
      const customer = customerId === null ? null : await shop.customer(customerId, context.signal);
      return customer === null || !mayReadAccount(context)
        ? { found: false, remark: "There is no account for this customer." }
        : { found: true, name: customer.name, email: customer.email };
    },
  });
}

/** Proposes a reset link, which the shop mails to the address on file and never shows here. */
export function resetPassword({ shop }: { readonly shop: Shop }): WriteTool {
  return writeTool({
    kind: "write",
    name: "reset_password",
    operation: "reset_password",
    description: "Mails a password reset link to the address on file.",
    // Its answer tells a writer who is not known where to ask for a link.
    minimumLevel: 0,
    accountData: false,
    input: z.strictObject({}),
    async propose(_input, context): Promise<ProposeResult> {
      // The same for every address, and before the shop is asked: an answer must not tell which ones have an account.
      if (context.requester.level < ACCOUNT_LEVEL) return impossible(UNKNOWN);
      const customerId = await requesterAccount(shop, context);
      if (customerId === null) return impossible("There is no account for this customer.");
      const reset: ResetPasswordArguments = { customerId };
      return {
        kind: "proposed",
        unproven: [],
        planned: {
          // The ledger keeps its keys, and a shop may know its customers by address.
          key: `reset:shop:${digest([customerId, context.answers.toSorted()]).slice(0, 32)}`,
          action: { target: "shop", operation: "reset_password", arguments: reset },
          label: "Send a password reset link to the address on file",
          facts: [],
        },
      };
    },
  });
}

const UNKNOWN =
  "It is not known who writes this. A link can be asked for on the sign-in page without us.";

async function requesterAccount(
  shop: Shop,
  { requester, signal }: ToolContext,
): Promise<string | null> {
  const { customerId, emailOnFile } = requester;
  if (customerId !== null && addressIn(customerId) === null) return customerId;
  if (emailOnFile === null) return null;
  const customer = await shop.customerByEmail(emailOnFile, signal);
  return customer?.id ?? null;
}

/**
 * Proposes a one-time code to the address on file of the account the writer claims. It does not ask the shop: whether
 * the account exists is checked when the mail is sent, so that neither answer nor action discloses it.
 */
export function sendCode(): WriteTool {
  return writeTool({
    kind: "write",
    name: "send_code",
    operation: "send_code",
    description:
      "Mails a six-digit code to the address on file, with which a customer proves who they are. Nobody is told whether " +
      "there is such an account.",
    minimumLevel: 0,
    accountData: false,
    input: z.strictObject({}),
    personDecides: true,
    async propose(_input, { requester, claimedAddress, conversationId, answers }) {
      if (requester.level === 3)
        return impossible("The customer has entered a code already; none is needed.");
      // A proven writer gets it at the address on file; any other names an account by the address they claim.
      const address = requester.level >= ACCOUNT_LEVEL ? requester.emailOnFile : claimedAddress;
      if (address === null)
        return impossible(
          requester.level >= ACCOUNT_LEVEL
            ? "It is known who writes; no code is needed."
            : "It takes the e-mail address of the account, exactly one, in the customer's own words.",
        );
      const challenge = digest([conversationId, answers.toSorted(), address]).slice(0, 32);
      const send: SendCodeArguments = {
        challengeId: `code_${challenge}`,
        conversationId,
        address,
        answers: [...answers],
      };
      return {
        kind: "proposed",
        planned: {
          key: `code:${conversationId}:${challenge}`,
          action: { target: "identity", operation: "send_code", arguments: send },
          label: "Send a one-time code to the address on file, if there is such an account",
          facts: [],
        },
        unproven: [],
      };
    },
  });
}

function impossible(reason: string): ProposeResult {
  return { kind: "impossible", reason };
}
