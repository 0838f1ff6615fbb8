import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startSampleShop, type SampleShop } from "#sandbox/shop/index.ts";
import { z } from "zod";

const Node = z.record(z.string(), z.unknown());
let directory: string;
let shop: SampleShop;
let document: z.infer<typeof Node>;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "shop-"));
  shop = await startSampleShop({
    directory,
    now: () => new Date("2026-03-20T12:00:00Z"),
    sendMail: () => Promise.resolve(),
  });
  document = Node.parse(await (await fetch(shop.openapi)).json());
});

after(async () => {
  await shop.close();
  await rm(directory, { recursive: true });
});

/** Puts what a reference names in its place; fails on a reference to nothing. */
function resolved(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(resolved);
  if (typeof node !== "object" || node === null) return node;
  const object = Node.parse(node);
  const reference = object["$ref"];
  if (typeof reference !== "string")
    return Object.fromEntries(
      Object.entries(object).map(([name, value]) => [name, resolved(value)]),
    );
  let target: unknown = document;
  for (const part of reference.replace("#/", "").split("/")) target = Node.parse(target)[part];
  assert.ok(target !== undefined, `${reference} names nothing`);
  return resolved(target);
}

function at(node: unknown, ...path: string[]): unknown {
  return path.reduce((inner, name) => Node.parse(inner)[name], resolved(node));
}

function operation(id: string): { method: string; path: string; node: unknown } {
  for (const [path, methods] of Object.entries(Node.parse(at(document, "paths")))) {
    for (const [method, node] of Object.entries(Node.parse(methods))) {
      if (method !== "parameters" && at(node, "operationId") === id) return { method, path, node };
    }
  }
  return assert.fail(`there is no operation ${id}`);
}

/** Calls an operation as the document says, and checks the answer against the schema it promises for that status. */
async function call(
  id: string,
  parameters: { id?: string; query?: string; key?: string; body?: unknown },
) {
  const { method, path, node } = operation(id);
  const url = `${shop.url}${path.replace("{id}", encodeURIComponent(parameters.id ?? ""))}${parameters.query ?? ""}`;
  const response = await fetch(url, {
    method: method.toUpperCase(),
    headers: {
      authorization: `Bearer ${shop.key}`,
      ...(parameters.key === undefined ? {} : { "idempotency-key": parameters.key }),
    },
    ...(parameters.body === undefined ? {} : { body: JSON.stringify(parameters.body) }),
  });
  const body: unknown = await response.json();
  const schema = at(
    node,
    "responses",
    String(response.status),
    "content",
    "application/json",
    "schema",
  );
  const checked = z.fromJSONSchema(Node.parse(schema)).safeParse(body);
  assert.ok(
    checked.success,
    `${id} ${response.status}: ${checked.error?.message} in ${JSON.stringify(body)}`,
  );
  return { status: response.status, body };
}

test("every answer, good or bad, is what the document promises", async () => {
  const statuses = [
    await call("getCustomer", { id: "u123" }),
    await call("getCustomer", { id: "nobody" }),
    await call("findCustomer", { query: "?email=ann@customer.test" }),
    await call("findCustomer", { query: "" }),
    await call("listOrders", { id: "u123" }),
    await call("createRefund", { id: "789", key: "k1", body: { amount: 20, currency: "USD" } }),
    await call("createRefund", { id: "789", key: "k1", body: { amount: 20, currency: "USD" } }),
    await call("createRefund", { id: "789", key: "k1", body: { amount: 21, currency: "USD" } }),
    await call("createRefund", { id: "789", key: "k2", body: { amount: "-1", currency: "USD" } }),
    await call("createRefund", { id: "789", body: { amount: 1, currency: "USD" } }),
    await call("createRefund", { id: "789", key: "k2", body: "x".repeat(70_000) }),
    await call("changeAddress", {
      id: "456",
      key: "k3",
      body: { shipping_address: "9 New Road, Salem" },
    }),
    await call("changeAddress", {
      id: "123",
      key: "k4",
      body: { shipping_address: "9 New Road, Salem" },
    }),
    await call("resetPassword", { id: "u123", key: "k5", body: {} }),
    await call("cancelOrder", { id: "456", key: "k6", body: { refund: 60, currency: "USD" } }),
    await call("cancelOrder", { id: "456", key: "k7", body: { refund: 0, currency: "USD" } }),
    await call("startReturn", { id: "789", key: "k8" }),
    await call("startReturn", { id: "790", key: "k10" }),
    await call("exchangeItem", { id: "1001", key: "k11" }),
    await call("resendInvoice", { id: "123", key: "k12" }),
    await call("resendInvoice", { id: "123", key: "k12", body: { to: "x@elsewhere.test" } }),
    await call("getOrder", { id: "789" }),
    await call("getOrder", { id: "456" }),
    await call("getOrder", { id: "2001" }),
    await call("getPayments", { id: "789" }),
    await call("listRefunds", { id: "789", query: "?idempotency_key=k1" }),
    await call("getOperation", { id: "k1" }),
    await call("getOperation", { id: "k3" }),
    await call("getOperation", { id: "k5" }),
    await call("getOperation", { id: "k6" }),
    await call("getOperation", { id: "k8" }),
    await call("getOperation", { id: "k12" }),
    await call("getOperation", { id: "k9" }),
  ].map(({ status }) => status);
  assert.deepEqual(
    statuses,
    [
      200, 404, 200, 422, 200, 201, 200, 409, 422, 400, 413, 201, 409, 201, 201, 409, 201, 409, 201,
      201, 422, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 404,
    ],
  );
});
