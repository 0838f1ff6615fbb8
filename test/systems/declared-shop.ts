/** Declarations of a small shop for tests: orders, their payments, the account, a refund and a change of address. */
import { z } from "zod";
import type {
  Connection,
  MoneyDeclaration,
  ReadDeclaration,
  WriteDeclaration,
} from "#systems/contract.ts";
import { connectionTo } from "./memory-system.ts";

const OrderId = z.string().regex(/^[\w-]{1,20}$/);

/** An order as the system sends it, narrowed. */
const Order = z.object({
  id: z.string(),
  customer_id: z.string(),
  status: z.string(),
  total: z.string(),
  refunded: z.string(),
  currency: z.string(),
  delivered_on: z.string().nullable(),
  ship_to: z.object({ line: z.string() }),
});

const ORDER_BY_ID = {
  request: {
    method: "GET",
    path: "/orders/{id}",
    pathValues: { id: { from: "input", name: "order_id" } },
  },
  at: "",
  many: false,
  record: Order,
} as const;

/** One order, proven by its customer. */
export function findOrder(connection: Connection = connectionTo()): ReadDeclaration {
  return {
    kind: "read",
    connection,
    name: "find_order",
    description: "One order.",
    minimumLevel: 2,
    input: z.strictObject({ order_id: OrderId }),
    from: ORDER_BY_ID,
    belongsTo: { by: "field", field: "customer_id", is: "customer_id" },
    personal: ["ship_to.line"],
    shownMax: 5,
  };
}

/** The orders of the requester: code fills in whose. */
export function listOrders(connection: Connection = connectionTo()): ReadDeclaration {
  return {
    ...findOrder(connection),
    name: "list_orders_there",
    input: z.strictObject({}),
    from: {
      request: {
        method: "GET",
        path: "/orders",
        query: { customer: { from: "requester", is: "customer_id" } },
      },
      at: "orders",
      many: true,
      record: Order,
    },
    belongsTo: { by: "parameter", name: "customer", is: "customer_id", field: "customer_id" },
  };
}

/** Payments, which hang on an order. */
export function findPayments(connection: Connection = connectionTo()): ReadDeclaration {
  return {
    ...findOrder(connection),
    name: "find_payments",
    from: {
      request: {
        method: "GET",
        path: "/payments",
        query: { order: { from: "input", name: "order_id" } },
      },
      at: "",
      many: true,
      record: z.object({ order: z.string(), paid: z.string() }),
    },
    belongsTo: {
      by: "record",
      input: "order_id",
      tool: "find_order",
      parentField: "id",
      field: "order",
    },
    personal: [],
  };
}

/** A refund, found again by its key. */
export function refundThere(connection: Connection = connectionTo()): MoneyDeclaration {
  return {
    kind: "write",
    connection,
    name: "refund_there",
    operation: "refund_there",
    description: "Proposes a refund of one order.",
    minimumLevel: 2,
    input: z.strictObject({ order_id: OrderId, amount: z.string().max(20).nullable() }),
    about: {
      from: ORDER_BY_ID,
      belongsTo: { by: "field", field: "customer_id", is: "customer_id" },
      id: "id",
      unchanged: ["status", "refunded"],
    },
    ownWords: [],
    money: {
      amount: "amount",
      paid: "total",
      refunded: "refunded",
      currency: "currency",
      unit: "decimal",
      deliveredOn: "delivered_on",
      status: "status",
    },
    label: "Refund {input.amount} of order {id}",
    identity: ["id", "refunded"],
    commit: {
      request: {
        method: "POST",
        path: "/orders/{id}/refunds",
        pathValues: { id: { from: "record", field: "id" } },
        body: {
          encoding: "json",
          fields: {
            amount: { from: "input", name: "amount" },
            note: { from: "key" },
          },
        },
      },
      idempotency: null,
      receipt: z.object({ id: z.string(), order: z.string(), amount: z.string() }),
      ref: "id",
      amount: "amount",
      same: { order: { from: "record", field: "id" } },
    },
    find: {
      by: "key",
      from: {
        request: {
          method: "GET",
          path: "/orders/{id}/refunds",
          pathValues: { id: { from: "record", field: "id" } },
        },
        at: "refunds",
        many: true,
        record: z.object({ id: z.string(), note: z.string(), amount: z.string() }),
      },
      keyField: "note",
      ref: "id",
      same: { amount: { from: "input", name: "amount" } },
    },
  };
}

/** Another address, which the order itself shows. */
export function changeAddressThere(connection: Connection = connectionTo()): WriteDeclaration {
  const { money: _money, ...base } = refundThere(connection);
  return {
    ...base,
    name: "move_order",
    operation: "move_order",
    input: z.strictObject({ order_id: OrderId, line: z.string().min(5).max(100) }),
    about: { ...base.about, unchanged: ["status"] },
    ownWords: ["line"],
    label: "Send order {id} to {input.line}",
    identity: ["id", "ship_to.line", "input.line"],
    commit: {
      request: {
        method: "PATCH",
        path: "/orders/{id}",
        pathValues: { id: { from: "record", field: "id" } },
        body: { encoding: "json", fields: { "ship_to.line": { from: "input", name: "line" } } },
      },
      idempotency: null,
      receipt: Order,
      ref: "id",
      same: {
        id: { from: "record", field: "id" },
        "ship_to.line": { from: "input", name: "line" },
      },
    },
    find: {
      by: "looking",
      from: {
        request: {
          method: "GET",
          path: "/orders/{id}",
          pathValues: { id: { from: "record", field: "id" } },
        },
        at: "",
        many: false,
        record: Order,
      },
      shows: { "ship_to.line": { from: "input", name: "line" } },
      ref: "id",
    },
  };
}

/** An order of the shop as it comes over the wire, with a field that no tool asks for. */
export function order(id: string, customer: string, changes: object = {}): object {
  return {
    id,
    customer_id: customer,
    status: "delivered",
    total: "120.00",
    refunded: "0.00",
    currency: "EUR",
    delivered_on: "2026-11-08",
    ship_to: { line: "1 Old Street" },
    internal_note: `secret of ${customer}`,
    ...changes,
  };
}
