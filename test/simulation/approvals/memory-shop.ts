/** A shop in memory, for stories about approvals. */
import { ChangeAddressArguments, RefundArguments } from "#core/values/action.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { sealedOrderFacts, type Order, type Shop } from "#core/contracts/shop.ts";
import type { Target } from "#core/contracts/target.ts";
import { CUSTOMERS, ORDERS, type SampleOrder } from "#sandbox/world.ts";
import { createCallFaults, errorOf, type CallFaults } from "./troubles.ts";
import type { Journal } from "./journal.ts";

/** The sample shop in memory: what Deskhand reads, what it may do, and what people do by hand meanwhile. */
export interface MemoryShop {
  readonly reads: Shop;
  readonly target: Target;
  readonly callFaults: CallFaults;
  /** Refunds by hand, as the back office does; an amount above the rest is reduced to the rest. */
  refundByHand(orderId: string, minor: number): void;
  change(orderId: string, change: Partial<Pick<Order, "status" | "deliveredOn">>): void;
  order(orderId: string): Order;
  /** While down, reads fail as well. */
  setDown(down: boolean): void;
  reset(): void;
}

/**
 * The shop honours idempotency keys: a second refund under one key is the first one. It does not check what was paid,
 * so that a refund above it is ours to prevent and becomes visible.
 */
export function createMemoryShop(clock: Clock, journal: Journal): MemoryShop {
  const orders = new Map<string, Order>();
  const callFaults = createCallFaults();
  const state = { down: false };
  const reset = (): void => {
    orders.clear();
    for (const order of ORDERS) orders.set(order.id, orderOf(order, clock.now()));
    callFaults.clear();
    state.down = false;
  };
  const known = (orderId: string): Order => {
    const order = orders.get(orderId);
    if (order === undefined) throw new DeskhandError("shop.refused", `no order ${orderId}`);
    return order;
  };
  const asked = <T>(value: T): T => {
    if (state.down) throw new DeskhandError("shop.unavailable", "the shop answers 503");
    return value;
  };
  const refund = (orderId: string, minor: number, key: string): void => {
    const order = known(orderId);
    orders.set(orderId, {
      ...order,
      refunds: [
        ...order.refunds,
        {
          id: `r${order.refunds.length + 1}`,
          amount: { minor, currency: order.paid.currency },
          key,
          createdAt: clock.now().toISOString(),
        },
      ],
    });
  };
  const apply = (operation: string, given: unknown, key: string): void => {
    if (operation === "refund") {
      const { orderId, amount } = RefundArguments.parse(given);
      refund(orderId, amount.minor, key);
    }
    if (operation === "change_address") {
      const { orderId, address } = ChangeAddressArguments.parse(given);
      orders.set(orderId, { ...known(orderId), shippingAddress: address });
    }
  };
  reset();
  return {
    reads: readsOf(orders, asked),
    target: targetOf(journal, callFaults, { isDown: () => state.down, apply }),
    callFaults,
    refundByHand(orderId, minor) {
      const { paid, refunded } = sealedOrderFacts(known(orderId));
      const amount = Math.min(minor, paid.minor - refunded.minor);
      if (amount > 0) refund(orderId, amount, "by-hand");
    },
    change: (orderId, change) => void orders.set(orderId, { ...known(orderId), ...change }),
    order: known,
    setDown: (down) => void (state.down = down),
    reset,
  };
}

function readsOf(orders: ReadonlyMap<string, Order>, asked: <T>(value: T) => T): Shop {
  return {
    customer: async (id) => asked(CUSTOMERS.find((customer) => customer.id === id) ?? null),
    customerByEmail: async (email) =>
      asked(CUSTOMERS.find((customer) => customer.email === email) ?? null),
    orders: async (id) => asked([...orders.values()].filter(({ customerId }) => customerId === id)),
    order: async (id) => asked(orders.get(id) ?? null),
    payments: async () => asked([]),
  };
}

function targetOf(
  journal: Journal,
  callFaults: CallFaults,
  shop: {
    readonly isDown: () => boolean;
    readonly apply: (operation: string, given: unknown, key: string) => void;
  },
): Target {
  const unless = (): void => {
    if (shop.isDown()) throw new DeskhandError("shop.unavailable", "the shop answers 503");
  };
  return {
    name: "shop",
    supports: ["refund", "change_address", "reset_password"],
    findIsReliable: true,
    async commit(action, key) {
      const trouble = shop.isDown() ? "unavailable" : callFaults.take();
      const happens = trouble === null || trouble === "lost";
      const before = journal.done("shop", key);
      journal.add({ target: "shop", key, action, happened: happens && before === null });
      if (happens && before === null) shop.apply(action.operation, action.arguments, key);
      if (trouble !== null) throw errorOf(trouble, "shop");
      return { ref: journal.done("shop", key) ?? "", conversationKeys: [] };
    },
    async find(_action, key) {
      unless();
      const ref = journal.done("shop", key);
      return ref === null
        ? { state: "absent" }
        : { state: "done", committed: { ref, conversationKeys: [] } };
    },
  };
}

function orderOf(order: SampleOrder, today: Date): Order {
  const amount = { minor: order.amountMinor, currency: "USD" };
  return {
    id: order.id,
    customerId: order.customerId,
    item: order.item,
    amount,
    status: order.status,
    paid: amount,
    refunds: [],
    orderedOn: null,
    shippedOn: dayOf(order.shipped, today),
    deliveredOn: dayOf(order.delivered, today),
    dueOn: dayOf(order.due, today),
    returning: null,
    tracking: null,
    shippingAddress: "1 Old Street, 10115 Berlin",
  };
}

function dayOf(day: SampleOrder["shipped"], today: Date): string | null {
  if (day === undefined) return null;
  if ("on" in day) return day.on;
  return new Date(today.getTime() + day.daysFromNow * 86_400_000).toISOString().slice(0, 10);
}
