import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { IdentityPlace } from "#importing/description.ts";
import { described, documentOf, opened, openedFrom, reading } from "./opened.ts";
import { guessKind } from "#importing/openapi/guesses/links.ts";

const kindOf = (
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  operationId: string | null = null,
) => guessKind({ method, path, operationId, summary: "" }).value;

function placeText({ in: place, name, is }: IdentityPlace): string {
  return `${place}:${name}=${is}`;
}

describe("the kind of an operation", () => {
  test("is reading for a GET, and for a POST whose path or name says so", () => {
    assert.equal(kindOf("GET", "/tickets/{id}"), "read");
    assert.equal(kindOf("POST", "/tickets/search"), "read");
    assert.equal(kindOf("POST", "/tickets:query"), "read");
    assert.equal(kindOf("POST", "/tickets", "findTickets"), "read");
    assert.equal(kindOf("PUT", "/addresses/validate"), "read");
    assert.equal(kindOf("POST", "/transactions/get", "transactionsGet"), "read");
    assert.equal(kindOf("POST", "/contacts/batch/read"), "read");
    const summary = "Retrieves a list of orders";
    assert.equal(
      guessKind({ method: "POST", path: "/order", operationId: null, summary }).value,
      "read",
    );
  });

  test("is changing for other methods, and for a GET that does something", () => {
    assert.equal(kindOf("POST", "/tickets", "createTicket"), "write");
    assert.equal(kindOf("DELETE", "/searches/{id}", "deleteSearch"), "write");
    assert.equal(kindOf("PATCH", "/lists/{id}", "listUpdate"), "write");
    assert.equal(kindOf("POST", "/lists", "shareList"), "write");
    assert.equal(kindOf("POST", "/customers", "getOrCreateCustomer"), "write");
    assert.equal(kindOf("POST", "/notifications/{id}/read"), "write");
    assert.equal(kindOf("GET", "/orders/{id}/cancel"), "write");
  });

  test("is money or access where names say so, whatever the vendor calls the rest", () => {
    assert.equal(kindOf("POST", "/tickets/{id}/refund"), "money");
    assert.equal(kindOf("PUT", "/credit-notes"), "money");
    assert.equal(kindOf("POST", "/people/{id}/password"), "account");
    assert.equal(kindOf("DELETE", "/users/{id}"), "account");
    assert.equal(kindOf("DELETE", "/customers/{id}/sessions"), "account");
  });

  test("is money where the body needs an amount", async () => {
    const body = {
      type: "object",
      required: ["amount"],
      properties: { amount: { type: "number" }, currency: { type: "string" } },
    };
    const post = {
      requestBody: { content: { "application/json": { schema: body } } },
      responses: {},
    };
    const system = await openedFrom(documentOf({ "/adjustments": { post } }));
    const { guesses } = await described(system, "post_adjustments");
    assert.equal(guesses.kind.value, "money");
    assert.equal(guesses.kind.stated, false);
  });
});

describe("the customer", () => {
  const placesOf = async (document: string, name: string) => {
    const { guesses } = await described(await opened(document), name);
    return guesses.identity.map(placeText);
  };

  test("is a filter or a field of the record", async () => {
    const list = await placesOf("bicycle-shop.yaml", "get_orders");
    assert.equal(list[0], "query:customer_id=id");
    assert.ok(list.includes("answer:customer=id"));
    assert.ok(list.includes("answer:contact.email=email"));
    assert.ok(
      list.indexOf("query:q[email_cont]=email") > list.indexOf("answer:contact.email=email"),
      "a filter that finds parts of addresses comes after a field that can be compared",
    );
    assert.equal((await placesOf("help-desk.json", "get_case"))[0], "answer:client.reference=id");
  });

  test("is the record itself below a path of customers, and never a person of ours", async () => {
    const person = {
      type: "object",
      properties: {
        id: { type: "string" },
        email: { type: "string" },
        email_verified: { type: "boolean" },
        merged_to_customer_id: { type: "string" },
        bank_account_number: { type: "string" },
        created_by: { type: "object", properties: { email: { type: "string" } } },
        agent: { type: "object", properties: { email: { type: "string" } } },
        others: {
          type: "array",
          items: { type: "object", properties: { email: { type: "string" } } },
        },
      },
    };
    const system = await openedFrom(documentOf({ "/customers/{id}": { get: reading(person) } }));
    const { guesses } = await described(system, "get_customers_by_id");
    assert.deepEqual(guesses.identity.map(placeText).slice(0, 3), [
      "path:id=id",
      "answer:id=id",
      "answer:email=email",
    ]);
    const all = JSON.stringify(guesses.identity);
    for (const other of ["merged", "bank", "agent", "others", "verified"])
      assert.ok(!all.includes(other), other);
  });

  test("is not guessed where nothing names one", async () => {
    const { guesses } = await described(await opened("bicycle-shop.yaml"), "track_parcel");
    assert.deepEqual(guesses.identity, []);
  });
});

describe("a change", () => {
  test("names the header that the document names, the record it is about and where its key is kept", async () => {
    const { guesses } = await described(await opened("bicycle-shop.yaml"), "create_refund");
    assert.deepEqual(guesses.idempotency, { in: "header", name: "Idempotency-Key" });
    const { suggestedBy, ...about } = guesses.about ?? {};
    assert.deepEqual(about, { operation: "orders_get", from: "order_id" });
    assert.match(
      suggestedBy ?? "",
      /^The value order_id is named after the record that \S+ shows\.$/,
    );
    assert.deepEqual(guesses.find, {
      by: "key",
      operation: "list_refunds",
      keyField: "metadata.deskhand",
    });
  });

  test("is about the record whose value is called the same where there are two ways to it", async () => {
    const schema = { type: "object", properties: { PartnerID: { type: "string" } } };
    const post = { requestBody: { content: { "application/json": { schema } } }, responses: {} };
    const get = reading({ type: "object", properties: { id: {} } });
    const paths = {
      "/partners/{Number}": { get },
      "/Partners/{PartnerID}": { get },
      "/notes": { post },
    };
    const { guesses } = await described(await openedFrom(documentOf(paths)), "post_notes");
    assert.equal(guesses.about?.operation, "get_partners_by_partner_id");
  });

  test("is found by looking at the record above it, whatever its value is called there", async () => {
    const { guesses } = await described(await opened("bicycle-shop.yaml"), "orders_cancel");
    assert.equal(guesses.about?.from, "order");
    assert.equal(guesses.about.suggestedBy, null);
    assert.equal(guesses.find?.by, "looking");
    assert.deepEqual(guesses.find.shows, ["status"]);
  });

  test("has a key by its description, before a header that may only trace requests", async () => {
    const header = (name: string, description: string) => ({
      parameters: [{ in: "header", name, description, schema: { type: "string" } }],
      responses: {},
    });
    const paths = {
      "/a": { post: header("Acme-Request-Id", "The server stores keys for a day.") },
      "/b": { post: header("X-Request-Id", "Shown in logs.") },
      "/c": { post: header("X-Trace", "Shown in logs.") },
      "/d": {
        post: {
          parameters: ["X-Request-Id", "Dedup-Key"].flatMap(
            (name) => header(name, "Shown in logs.").parameters,
          ),
          responses: {},
        },
      },
    };
    const system = await openedFrom(documentOf(paths));
    const keys = await Promise.all(
      ["post_a", "post_b", "post_c", "post_d"].map(
        async (name) => (await described(system, name)).guesses.idempotency,
      ),
    );
    assert.deepEqual(keys, [
      { in: "header", name: "Acme-Request-Id" },
      { in: "header", name: "X-Request-Id" },
      null,
      { in: "header", name: "Dedup-Key" },
    ]);
  });

  test("whose document names no key has none by a guess, and not one from habit", async () => {
    const { guesses } = await described(await opened("bicycle-shop.yaml"), "orders_cancel");
    assert.equal(guesses.idempotency, null);
  });

  test("that nothing shows is found by nothing", async () => {
    const { guesses } = await described(await opened("bicycle-shop.yaml"), "send_message");
    assert.deepEqual(guesses.find, { by: "nothing" });
  });
});

describe("money", () => {
  test("is in the units that the document says, with the currency beside it", async () => {
    const system = await opened("bicycle-shop.yaml");
    const refund = await described(system, "create_refund");
    assert.deepEqual(refund.guesses.money[0], {
      in: "body",
      amount: "amount",
      currency: "currency",
      unit: "minor",
      isUnitStated: true,
    });
    const order = await described(system, "orders_get");
    assert.deepEqual(order.guesses.money[0], {
      in: "answer",
      amount: "total.value",
      currency: "total.currency_code",
      unit: "decimal",
      isUnitStated: true,
    });
  });

  test("in whole numbers without a word of their unit is a guess that is not stated", async () => {
    const schema = { type: "object", properties: { amount: { type: "integer" } } };
    const post = { requestBody: { content: { "application/json": { schema } } }, responses: {} };
    const system = await openedFrom(documentOf({ "/refunds": { post } }));
    const [money] = (await described(system, "post_refunds")).guesses.money;
    assert.deepEqual([money?.unit, money?.isUnitStated], ["minor", false]);
  });
});
