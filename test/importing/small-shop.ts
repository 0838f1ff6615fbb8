/** A small described system: what reading a document gives, without a document; and the sample shop, from its document. */
import { join } from "node:path";
import { importTools } from "#importing/command/import-tools.ts";
import { openOpenApi } from "#importing/openapi/open.ts";
import { NO_FIELD } from "#importing/openapi/reading.ts";
import type {
  FieldDescription,
  OpenedSystem,
  OperationDescription,
} from "#importing/description.ts";

/** One field; everything that is not said is as plain as it can be. */
export function field(name: string, more: Partial<FieldDescription> = {}): FieldDescription {
  return { ...NO_FIELD, name, required: true, ...more };
}

/** An object with these fields. */
function object(name: string, fields: readonly FieldDescription[]): FieldDescription {
  return field(name, { type: "object", fields });
}

const ORDER = object("", [
  field("id"),
  field("status"),
  field("total_cents", { type: "integer" }),
  field("refunded_cents", { type: "integer", required: false }),
  field("currency"),
  object("customer", [field("id"), field("email", { personal: true })]),
]);

const REFUND = object("", [
  field("id"),
  field("order"),
  field("amount", { type: "integer" }),
  field("reference", { required: false }),
]);

/** What comes back for a refund. */
export const RECEIPT = { records: "", many: false, record: REFUND };

/** One operation; what is not said is what a plain look-up has. */
function operation(
  name: string,
  more: Partial<OperationDescription> & Pick<OperationDescription, "method" | "path">,
): OperationDescription {
  const kind = {
    value: more.method === "GET" ? ("read" as const) : ("write" as const),
    stated: true,
  };
  return {
    name,
    operationId: null,
    summary: name.replaceAll("_", " "),
    description: "",
    deprecated: false,
    kind,
    parameters: [],
    body: null,
    answer: null,
    security: [["key"]],
    guesses: { kind, identity: [], idempotency: null, money: [], about: null, find: null },
    ...more,
  };
}

const ORDER_ID = {
  in: "path",
  field: field("id", { description: "The number of the order" }),
} as const;

/** A look-up of orders and a refund. */
export const OPERATIONS: readonly OperationDescription[] = [
  operation("get_order", {
    method: "GET",
    path: "/orders/{id}",
    operationId: "getOrder",
    parameters: [ORDER_ID],
    answer: { records: "", many: false, record: ORDER },
  }),
  operation("list_orders", {
    method: "GET",
    path: "/orders",
    parameters: [{ in: "query", field: field("customer", { required: false }) }],
    answer: { records: "data", many: true, record: ORDER },
  }),
  operation("list_customers", {
    method: "GET",
    path: "/customers",
    parameters: [{ in: "query", field: field("email") }],
    answer: {
      records: "data",
      many: true,
      record: object("", [field("id"), field("email")]),
    },
  }),
  operation("list_refunds", {
    method: "GET",
    path: "/orders/{id}/refunds",
    parameters: [ORDER_ID],
    answer: { records: "data", many: true, record: REFUND },
  }),
  operation("create_refund", {
    method: "POST",
    path: "/orders/{id}/refunds",
    parameters: [ORDER_ID],
    body: {
      required: true,
      encodings: ["json"],
      content: object("", [
        field("amount", { type: "integer" }),
        field("reference", { required: false }),
      ]),
    },
    answer: RECEIPT,
  }),
];

/** The system with these operations, as an opened document is. */
export function opened(operations: readonly OperationDescription[] = OPERATIONS): OpenedSystem {
  return {
    system: {
      title: "Small Shop",
      version: "1",
      servers: [{ url: "https://shop.example.com", isTest: false }],
      security: [{ name: "key", kind: "bearer" }],
      operations,
      problems: [],
    },
    describe: async (names) => ({
      operations: operations.filter(({ name }) => names.includes(name)),
      problems: [],
    }),
  };
}

/** Answers that make tools of all that a bot wants of the small shop. */
export const ANSWERS = `
system:
  customer: { operation: list_customers, values: { email: requester email }, id: id, email: email }
get_order:
  use: Reads one order of the customer, when they name its number.
  belongs: { field: customer.email, is: email }
list_orders:
  input: []
  belongs: { parameter: customer, is: system_id, field: customer.id }
create_refund:
  tool: refund_order
  kind: money
  input: [amount]
  values: { reference: key }
  about: { operation: get_order }
  belongs: { field: customer.email, is: email }
  money: { amount: amount, paid: total_cents, refunded: refunded_cents, currency: currency, unit: minor }
  key: { header: Idempotency-Key }
  label: "Refund {input.amount} of order {id}"
  find: { by: key, operation: list_refunds, values: { id: record id }, field: reference, ref: id }
`;

export const ROOT = join(import.meta.dirname, "..", "..");

/** Imports the sample shop's document, with the answers that are kept, into this folder of all tools; gives what is printed. */
export async function importSampleShop(out: string): Promise<string> {
  const document = join(ROOT, "packages/sandbox/shop/openapi.yaml");
  const opened = await openOpenApi(document, { inspect: () => null, isLocal: true });
  const printed: string[] = [];
  const print = (text: string): void => void printed.push(text);
  const answersFile = "adapters/shops/sample-shop.answers.yaml";
  const options = { only: [], out, name: "sample-shop", answersFile };
  await importTools(opened, options, { folder: ROOT, terminal: null, print });
  return printed.join("\n");
}
