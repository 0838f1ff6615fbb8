import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { described, documentOf, fieldAt, opened, openedFrom, reading } from "./opened.ts";

describe("a document", () => {
  test("names its servers without credentials and its ways to sign in", async () => {
    const { system } = await opened("bicycle-shop.yaml");
    assert.deepEqual(
      system.servers.map(({ url, isTest }) => [url, isTest]),
      [
        ["https://sandbox.wheelhouse.test/v4", true],
        ["https://api.wheelhouse.test/v4", false],
      ],
    );
    assert.match(JSON.stringify(system.problems), /taken out/);
    assert.deepEqual(
      system.security.map(({ kind }) => kind),
      ["api-key", "unsupported"],
    );
    assert.ok(!JSON.stringify(system).includes("secret"));
  });

  test("lists its operations under names that are identifiers and their own", async () => {
    const { system } = await opened("help-desk.json");
    assert.deepEqual(
      system.operations.map(({ name, operationId }) => [name, operationId]),
      [
        ["my_cases", "myCases"],
        ["get_case", "getCase"],
        ["put_cases_by_uuid", "get_case"],
        ["u", "ü"],
      ],
    );
    assert.match(JSON.stringify(system.problems), /get_case is taken by another operation/);
    const made = (await opened("bicycle-shop.yaml")).system.operations.map(({ name }) => name);
    assert.ok(made.includes("get_orders"));
  });

  test("is read across the files of its folder, also where a path is only a reference", async () => {
    const system = await opened("help-desk.json");
    const one = await described(system, "get_case");
    assert.equal(fieldAt(one.answer?.record, "client.e_mail").format, "email");
    assert.equal((await described(system, "u")).answer?.record.fields.length, 2);
  });
});

describe("fields", () => {
  test("of several parts are one record, with what comes from a customer's form kept apart", async () => {
    const { answer } = await described(await opened("bicycle-shop.yaml"), "orders_get");
    assert.equal(answer?.records, "order");
    assert.equal(fieldAt(answer.record, "id").required, true);
    assert.deepEqual(fieldAt(answer.record, "status").enum, ["open", "sent", "cancelled"]);
    const note = fieldAt(answer.record, "note");
    assert.equal(note.nullable, true);
    assert.equal(note.description, "A note for the packer. It may be long.");
    const customer = fieldAt(answer.record, "customer");
    assert.deepEqual([customer.type, customer.others], ["string", ["object"]]);
    assert.equal(fieldAt(answer.record, "contact.name").personal, true);
    assert.throws(() => fieldAt(answer.record, "pin"), "what is only sent does not come back");
  });

  test("that contain themselves are cut and say so", async () => {
    const { answer } = await described(await opened("bicycle-shop.yaml"), "orders_get");
    assert.equal(fieldAt(answer?.record, "replaces").cut, "cycle");
    assert.equal(fieldAt(answer?.record, "contact.orders").items?.cut, "cycle");
  });

  test("are cut where a schema is wide or deep, so that no document makes a tree without end", async () => {
    const wide = Object.fromEntries(
      Array.from({ length: 400 }, (_, at) => [`field_${at}`, { type: "string" }]),
    );
    // Each level holds the next one twice: forty levels written out would be a million million fields.
    const schemas = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => {
        const next = { $ref: `#/components/schemas/Level${at + 1}` };
        const list = { type: "array", items: next };
        return [`Level${at}`, { type: "object", properties: { inner: next, list } }];
      }),
    );
    const deep = { $ref: "#/components/schemas/Level0" };
    const paths = {
      "/wide": { get: reading({ type: "object", properties: { id: {}, ...wide } }) },
      "/deep": { get: reading({ type: "object", properties: { id: {}, deep } }) },
    };
    const system = await openedFrom(documentOf(paths, { ...schemas, Level40: { type: "string" } }));
    const wider = await described(system, "get_wide");
    assert.equal(wider.answer?.record.fields.length, 150);
    assert.equal(wider.answer.record.cut, "width");
    const text = JSON.stringify(await described(system, "get_deep"));
    assert.match(text, /"cut":"depth"/);
    assert.ok(text.length < 600_000, `${text.length} characters`);
  });

  test("with references in place of content and of one kind of it are followed", async () => {
    const json = { schema: { type: "object", properties: { number: { type: "string" } } } };
    const shared = { kinds: { "application/json": { $ref: "#/x-shared/json" } }, json };
    const answers = {
      responses: { 200: { description: "", content: { $ref: "#/x-shared/kinds" } } },
    };
    const system = await openedFrom({
      ...documentOf({ "/parcels/{id}": { get: answers } }),
      "x-shared": shared,
    });
    const [operation] = system.system.operations;
    const { answer } = await described(system, operation?.name ?? "");
    assert.equal(fieldAt(answer?.record, "number").type, "string");
  });

  test("with types in lists, constants and no type at all are read as OpenAPI 3.1 means them", async () => {
    const { answer } = await described(await opened("help-desk.json"), "get_case");
    const title = fieldAt(answer?.record, "title");
    assert.deepEqual([title.type, title.nullable], ["string", true]);
    const state = fieldAt(answer?.record, "state");
    assert.deepEqual([state.type, state.enum], ["string", ["open"]]);
  });

  test("with forms that say nothing of their own keep what is said beside them", async () => {
    const properties = {
      id: {},
      mail: { anyOf: [{ type: "string" }, { type: "null" }] },
      phone: {},
    };
    const sets = [{ required: ["mail"] }, { required: ["phone"] }];
    const record = { type: "object", properties, anyOf: sets };
    const system = await openedFrom(documentOf({ "/a": { get: reading(record) } }));
    const { answer } = await described(system, "get_a");
    assert.deepEqual(
      answer?.record.fields.map(({ name, required, others }) => [name, required, others]),
      [
        ["id", false, []],
        ["mail", false, []],
        ["phone", false, []],
      ],
    );
    assert.deepEqual(answer.record.others, []);
    assert.equal(fieldAt(answer.record, "mail").nullable, true);
  });

  test("of an answer that is only an example are taken from it, and it is said so", async () => {
    const { answer, problems } = await described(await opened("bicycle-shop.yaml"), "track_parcel");
    assert.equal(fieldAt(answer?.record, "weight").type, "number");
    assert.equal(fieldAt(answer?.record, "stops.city").type, "string");
    assert.match(JSON.stringify(problems), /only gives an example/);
  });
});

describe("bodies and parameters", () => {
  test("of a form have its fields without those that only the system sets", async () => {
    const { body } = await described(await opened("bicycle-shop.yaml"), "create_refund");
    assert.deepEqual(body?.encodings, ["form"]);
    assert.deepEqual(
      body.content.fields.map(({ name, type, required }) => [name, type, required]),
      [
        ["order_id", "string", true],
        ["amount", "integer", true],
        ["currency", "string", false],
        ["reason", "string", false],
        ["metadata", "map", false],
      ],
    );
    assert.equal(fieldAt(body.content, "amount").limits.minimum, 1);
    assert.deepEqual(fieldAt(body.content, "reason").enum, ["damaged", "late"]);
  });

  test("of a JSON Patch are the fields that a read of the same path shows", async () => {
    const { body } = await described(await opened("bicycle-shop.yaml"), "orders_patch");
    assert.deepEqual(body?.encodings, ["json-patch"]);
    const names = body.content.fields.map(({ name }) => name);
    assert.ok(names.includes("note") && !names.includes("created_at"), names.join());
  });

  test("with several forms are one with the fields of all, which say what form they are of", async () => {
    const { body } = await described(await opened("bicycle-shop.yaml"), "send_message");
    assert.equal(fieldAt(body?.content, "subject").inSomeForms, true);
    assert.equal(fieldAt(body?.content, "subject").required, false);
    assert.equal(fieldAt(body?.content, "kind").required, true);
  });

  test("keep values of a path that the document forgot, and leave out the key of the sign-in", async () => {
    const system = await opened("bicycle-shop.yaml");
    const message = await described(system, "send_message");
    assert.deepEqual(
      message.parameters.map(({ in: place, field }) => [place, field.name, field.required]),
      [["path", "customer_id", true]],
    );
    assert.match(JSON.stringify(message.problems), /does not describe \{customer_id\}/);
    const list = await described(system, "get_orders");
    assert.deepEqual(
      list.parameters.map(({ field }) => field.name),
      ["q[email_cont]", "customer_id", "x-shop"],
    );
    const filter = list.parameters[1]?.field;
    assert.deepEqual([filter?.type, filter?.others], ["string", ["list", "object"]]);
  });
});

describe("records", () => {
  test("are found in lists, under names that say nothing, and under their own name", async () => {
    const system = await opened("bicycle-shop.yaml");
    const places = await Promise.all(
      ["get_orders", "orders_search", "list_refunds", "orders_get"].map(async (name) => {
        const { answer } = await described(system, name);
        return [answer?.records, answer?.many];
      }),
    );
    assert.deepEqual(places, [
      ["data", true],
      ["", true],
      ["refunds", true],
      ["order", false],
    ]);
  });

  test("are found under a name of an earlier step, and in two layers", async () => {
    const orders = { type: "array", items: { type: "object", properties: { number: {} } } };
    const within = (name: string, inner: object, more: object = {}) => ({
      type: "object",
      properties: { ...more, [name]: inner },
    });
    const paths = {
      "/orders/get": { post: reading(within("orders", orders, { shop: { type: "object" } })) },
      "/orders.json": { get: reading(within("orders", orders, { next_page_uri: {}, shop: {} })) },
      "/a/orders": { get: reading(within("_embedded", within("orders", orders), { _links: {} })) },
    };
    const system = await openedFrom(documentOf(paths));
    const places = await Promise.all(
      system.system.operations.map(
        async ({ name }) => (await described(system, name)).answer?.records,
      ),
    );
    assert.deepEqual(places, ["orders", "orders", "_embedded.orders"]);
  });

  test("with a list of parts are the record, not the list", async () => {
    const item = { type: "array", items: { type: "object", properties: { sku: {} } } };
    const order = { type: "object", properties: { order_id: {}, status: {}, items: item } };
    const system = await openedFrom(documentOf({ "/orders/{number}": { get: reading(order) } }));
    const { answer } = await described(system, "get_orders_by_number");
    assert.deepEqual([answer?.records, answer?.many], ["", false]);
  });
});
