/** A small shop in a database: two customers, their orders, and values made to trick a look-up. */
import { z } from "zod";
import type { SqlReadDeclaration } from "#systems/sql/declaration.ts";

/** Statements for either database. */
export const SHOP_TABLES: readonly string[] = [
  `create table customers (
     id text primary key, name text not null, email text not null, password_hash text not null)`,
  `create table orders (
     id text primary key, number integer not null, customer_id text references customers (id),
     contact text not null, status text not null, total numeric(10, 2) not null, gift boolean not null,
     created_at timestamp not null, note text)`,
  "create index orders_by_customer on orders (customer_id)",
  `insert into customers values
     ('c-1', 'Ada', 'ada@example.com', 'x1'), ('c-2', 'Ben', 'BEN@example.com', 'x2'),
     ('c-3', 'Other K', '\u212Aim@example.com', 'x3'), ('c-4', 'Kim', 'kim@example.com', 'x4')`,
  `insert into orders values
     ('o-1', 1, 'c-1', 'ada@example.com', 'shipped', 12.50, true, '2026-11-01 10:00:00', null),
     ('o-2', 2, 'c-1', 'ada@example.com', 'open', 99999999.99, false, '2026-11-02 10:00:00', 'ring twice'),
     ('o-3', 3, 'c-2', 'BEN@example.com', 'open', 7.00, false, '2026-11-03 10:00:00', 'a stranger''s note'),
     ('o-4', 4, null, '', 'open', 7.00, false, '2026-11-03 10:00:00', null),
     ('%', 5, 'c-2', '%', 'open', 7.00, false, '2026-11-03 10:00:00', null),
     ('o-6', 6, 'c-3', '\u212Aim@example.com', 'open', 7.00, false, '2026-11-03 10:00:00', null)`,
];

/** The same for MySQL and MariaDB, which have no key on a `text` and take a `timestamp` for a point in time. */
export const SHOP_TABLES_OF_MYSQL: readonly string[] = SHOP_TABLES.map((statement) =>
  statement
    .replaceAll("note text", "note longtext")
    .replaceAll(/\btext\b/g, "varchar(200)")
    .replaceAll("timestamp", "datetime"),
);

const DATABASE = {
  name: "shop",
  addressFrom: "SHOP_DATABASE_URL",
  limits: { timeoutMs: 2_000 },
};

/** One order by its id, with the customer's name through the foreign key; bound to the customer's id. */
export function findOrder(schema: string | null): SqlReadDeclaration {
  return {
    kind: "sql-read",
    database: DATABASE,
    name: "find_order",
    description: "One order by its id.",
    minimumLevel: 2,
    input: z.strictObject({ order_id: z.string().min(1).max(200) }),
    from: {
      schema,
      table: "orders",
      key: ["id"],
      joins: [{ name: "customer", schema, table: "customers", from: "customer_id", to: "id" }],
      columns: {
        id: { column: "id", kind: "text" },
        number: { column: "number", kind: "integer" },
        total: { column: "total", kind: "decimal" },
        gift: { column: "gift", kind: "boolean" },
        created_at: { column: "created_at", kind: "moment" },
        note: { column: "note", kind: "text" },
        customer_name: { column: "name", of: "customer", kind: "text" },
      },
      lookUp: { id: "order_id" },
    },
    belongsTo: {
      by: "column",
      column: { column: "customer_id", kind: "text" },
      is: "customer_id",
    },
    record: z.object({
      id: z.string(),
      number: z.int(),
      total: z.string(),
      gift: z.boolean(),
      created_at: z.string(),
      note: z.string().nullable(),
      customer_name: z.string().nullable(),
    }),
    personal: ["customer_name"],
    shownMax: 1,
  };
}

/** All orders of the requester, bound to an e-mail address; in the order itself, or through the foreign key. */
export function listOrders(
  schema: string | null,
  through: "contact" | "customer",
): SqlReadDeclaration {
  const order = findOrder(schema);
  return {
    ...order,
    name: "list_orders",
    input: z.strictObject({}),
    from: { ...order.from, lookUp: {} },
    belongsTo: {
      by: "column",
      column:
        through === "contact"
          ? { column: "contact", kind: "text" }
          : { column: "email", of: "customer", kind: "text" },
      is: "email",
    },
    shownMax: 10,
  };
}
