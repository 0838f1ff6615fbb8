/** A shop in memory, for stories about approvals. */
import { type Action, ChangeAddressArguments, RefundArguments } from "#core/values/action.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { sealedOrderFacts, type Order, type Shop } from "#core/contracts/shop.ts";
import type { Target } from "#core/contracts/tool.ts";
import { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import { carryOut, lookUp, type Journal } from "./journal.ts";
import { createCallFaults, errorOf, type CallFaults } from "./troubles.ts";

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
  const callFaults = createCallFaults();
  const state = { shop: memoryShop(clock.now()), isDown: false };
  const refund = (orderId: string, minor: number, key: string): void =>
    state.shop.refund(orderId, minor, key, clock.now());
  const setDown = (down: boolean): void => {
    state.isDown = down;
    if (down) state.shop.goDown();
    else state.shop.comeBack();
  };
  const apply = (action: Action, key: string): void => {
    if (action.operation === "refund") {
      const { orderId, amount } = RefundArguments.parse(action.arguments);
      refund(orderId, amount.minor, key);
    }
    if (action.operation === "change_address") {
      const { orderId, address } = ChangeAddressArguments.parse(action.arguments);
      state.shop.change(orderId, { shippingAddress: address });
    }
  };
  const target: Target = {
    name: "shop",
    supports: ["refund", "change_address", "reset_password"],
    async commit(action, key) {
      const trouble = state.isDown ? "unavailable" : callFaults.take();
      const call = { target: "shop", key, action } as const;
      const ref = carryOut(journal, call, { trouble }, () => apply(action, key));
      return { ref, conversationKeys: [] };
    },
    async find(_action, key) {
      if (state.isDown) throw errorOf("unavailable", "shop");
      return lookUp(journal, "shop", key);
    },
  };
  return {
    reads: {
      customer: (id, signal) => state.shop.customer(id, signal),
      customerByEmail: (email, signal) => state.shop.customerByEmail(email, signal),
      orders: (id, signal) => state.shop.orders(id, signal),
      order: (id, signal) => state.shop.order(id, signal),
      payments: (id, signal) => state.shop.payments(id, signal),
    },
    target,
    callFaults,
    refundByHand(orderId, minor) {
      const { paid, refunded } = sealedOrderFacts(state.shop.known(orderId));
      const amount = Math.min(minor, paid.minor - refunded.minor);
      if (amount > 0) refund(orderId, amount, "by-hand");
    },
    change: (orderId, change) => state.shop.change(orderId, change),
    order: (orderId) => state.shop.known(orderId),
    setDown,
    reset() {
      state.shop = memoryShop(clock.now());
      callFaults.clear();
      state.isDown = false;
    },
  };
}
