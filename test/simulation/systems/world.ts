/** Systems that answer in every loose way, and declared tools of every kind of binding to ask them with. */
import { z } from "zod";
import type { PreparedRequest } from "#systems/http/prepare-request.ts";
import type { Belonging, Connection, ReadDeclaration, SystemTool } from "#systems/contract.ts";
import { findOrder, refundThere } from "#test/systems/declared-shop.ts";
import { connectionTo } from "#test/systems/memory-system.ts";

/** Stands in every value of the victim's records that only they may read. */
export const SECRET = "VICTIM-ONLY";

/** A record of the system as it is stored. */
type Stored = Readonly<Record<string, unknown>>;

const OWN = stored("1", "u123", "ann@customer.test", 77, "own");
const VICTIM = stored("2", "u456", "bea@other.test", 88, SECRET);

function stored(id: string, customer: string, email: string, person: number, text: string): Stored {
  return {
    id,
    order: id,
    customer_id: customer,
    email,
    person,
    status: text,
    total: "120.00",
    refunded: "0.00",
    currency: "EUR",
    delivered_on: "2026-11-08",
    ship_to: { line: text },
    note: text,
  };
}

/** How a system answers: what it makes of a look-up by an id, by a person, or by a filter. */
export interface Behaviour {
  readonly name: string;
  /** Records for an id that was asked for; the first is the answer where one is expected. */
  readonly byId: (id: string) => readonly Stored[];
  /** Records for a list; the filter is the value that was sent. */
  readonly list: (filter: string) => readonly Stored[];
}

const exactly = (id: string): readonly Stored[] => [OWN, VICTIM].filter((one) => one["id"] === id);
const filtered = (filter: string): readonly Stored[] =>
  [OWN, VICTIM].filter((one) =>
    ["id", "customer_id", "email", "person"].some((name) => String(one[name]) === filter),
  );

/** The victim's record with its owner's fields changed into something that a careless comparison takes for another's. */
function disguised(change: (value: unknown, own: unknown) => unknown): Stored {
  const names = ["customer_id", "email", "person"];
  return {
    ...VICTIM,
    ...Object.fromEntries(names.map((name) => [name, change(VICTIM[name], OWN[name])])),
  };
}

function alwaysWith(name: string, record: Stored): Behaviour {
  return { name, byId: () => [record], list: () => [record] };
}

/** Kelvin sign and fullwidth digits: letters that look like others and become them when they are folded. */
function withTwins(text: unknown): string {
  return String(text)
    .replaceAll("k", "\u{212A}")
    .replaceAll("s", "\u{17F}")
    .replaceAll("1", "\u{FF11}")
    .replaceAll("7", "\u{FF17}");
}

export const BEHAVIOURS: readonly Behaviour[] = [
  { name: "answers exactly", byId: exactly, list: filtered },
  { name: "ignores filters", byId: exactly, list: () => [OWN, VICTIM] },
  { name: "answers with several", byId: () => [VICTIM, OWN], list: () => [VICTIM, VICTIM, OWN] },
  alwaysWith("answers with another's record", VICTIM),
  {
    name: "looks at the end of an id only",
    byId: (id) => exactly(id.slice(-1)),
    list: (filter) => [VICTIM, ...filtered(filter)],
  },
  {
    name: "folds ids",
    byId: (id) => exactly(id.normalize("NFKC").toLowerCase().trim()),
    list: (filter) => filtered(filter.normalize("NFKC").toLowerCase().trim()),
  },
  alwaysWith(
    "names both owners in a list",
    disguised((_, own) => [own]),
  ),
  alwaysWith(
    "names the owner in an object",
    disguised((_, own) => ({ id: own, toString: own })),
  ),
  alwaysWith(
    "names no owner",
    disguised(() => null),
  ),
  alwaysWith(
    "names an empty owner",
    disguised(() => ""),
  ),
  alwaysWith(
    "names a twin of the owner",
    disguised((_, own) => withTwins(own)),
  ),
  alwaysWith(
    "names the owner with more around it",
    disguised((_, own) => ` ${String(own)},u456`),
  ),
  alwaysWith(
    "says that every owner is right",
    disguised(() => true),
  ),
  alwaysWith("adds the asker's id beside the owner", { ...VICTIM, owner: "u123", user: "u123" }),
];

/** Answers as the behaviour says; the people of the system are always found by their address. */
export function answering({ byId, list }: Behaviour): (request: PreparedRequest) => unknown {
  return ({ path, query }) => {
    const [, value = ""] = query[0] ?? [];
    if (path === "/people")
      return [OWN, VICTIM]
        .filter(({ email }) => email === value)
        .map(({ person, email }) => ({ id: person, email }));
    const place = decodeURIComponent(path.split("/").at(-1) ?? "");
    if (path.startsWith("/orders/")) return byId(place)[0];
    // What stands below the path of an order is that order's: without a field that repeats it nothing could prove more.
    if (path.startsWith("/payments/")) return exactly(place);
    if (path.startsWith("/customers/")) return { orders: list(place) };
    return path === "/payments" ? list(value) : { orders: list(value) };
  };
}

const CONNECTION: Connection = connectionTo({
  customer: {
    request: {
      method: "GET",
      path: "/people",
      query: { email: { from: "requester", is: "email" } },
    },
    records: "",
    id: "id",
    email: "email",
  },
});

/** Takes any text as an id: the tricks have to reach the check, and not end at a schema. */
const AnyId = z.strictObject({ order_id: z.string().max(100) });

const Shown = z.object({
  id: z.string(),
  order: z.string(),
  customer_id: z.unknown(),
  email: z.unknown(),
  person: z.unknown(),
  status: z.string(),
  note: z.string(),
});

const BASE: ReadDeclaration = { ...findOrder(CONNECTION), input: AnyId };
const ONE: ReadDeclaration["from"] = { ...BASE.from, record: Shown };
const byField = (name: string, belongsTo: Belonging): ReadDeclaration => ({
  ...BASE,
  name,
  from: ONE,
  belongsTo,
});

/** A tool of every kind of binding. */
export const TOOLS: readonly SystemTool[] = [
  byField("find_order", { by: "field", field: "customer_id", is: "customer_id" }),
  byField("by_email", { by: "field", field: "email", is: "email" }),
  byField("by_system_id", { by: "field", field: "person", is: "system_id" }),
  {
    ...byField("by_filter", { by: "field", field: "customer_id", is: "customer_id" }),
    from: {
      ...ONE,
      request: {
        method: "GET",
        path: "/orders",
        query: { id: { from: "input", name: "order_id" } },
      },
      at: "orders",
      many: true,
    },
  },
  {
    ...byField("by_parameter", {
      by: "parameter",
      name: "customer",
      is: "system_id",
      field: "person",
    }),
    from: {
      ...ONE,
      request: {
        method: "GET",
        path: "/customers/{customer}",
        pathValues: { customer: { from: "requester", is: "system_id" } },
        query: { id: { from: "input", name: "order_id" } },
      },
      at: "orders",
      many: true,
    },
  },
  {
    ...byField("by_record", {
      by: "record",
      input: "order_id",
      tool: "find_order",
      parentField: "id",
      field: "order",
    }),
    from: {
      ...ONE,
      request: {
        method: "GET",
        path: "/payments",
        query: { order: { from: "input", name: "order_id" } },
      },
      many: true,
    },
  },
  {
    ...byField("by_record_of_list", {
      by: "record",
      input: "order_id",
      tool: "by_filter",
      parentField: "id",
    }),
    from: {
      ...ONE,
      request: {
        method: "GET",
        path: "/payments/{order}",
        pathValues: { order: { from: "input", name: "order_id" } },
      },
      many: true,
    },
  },
  {
    ...refundThere(CONNECTION),
    input: z.strictObject({ order_id: z.string().max(100), amount: z.string().nullable() }),
  },
];
