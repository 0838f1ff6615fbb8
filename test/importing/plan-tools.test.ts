/** What answers make of a described system, and what is refused by name. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answersFrom, readYaml } from "#importing/answers/read-answers.ts";
import { planTools } from "#importing/plan/plan-tools.ts";
import { withAll } from "#importing/plan/suggestions.ts";
import type { FieldDescription, OperationDescription } from "#importing/description.ts";
import { toolFile } from "#importing/plan/tool-file.ts";
import { fileText } from "#importing/command/write-system.ts";
import { ANSWERS, field, opened, OPERATIONS, RECEIPT } from "./small-shop.ts";

const WANTED = ["get_order", "list_orders", "create_refund"];

function plan(text: string, wanted: readonly string[] = WANTED, system = opened()) {
  const answers = answersFrom(readYaml(text, "answers"), "answers");
  return planTools(system, { wanted, answers, folder: "small-shop" });
}

type Plan = Awaited<ReturnType<typeof plan>>;

const namesOf = ({ tools }: Plan) => tools.map(({ name }) => name);
const gapsOf = ({ refused }: Plan) => refused.flatMap(({ gaps }) => gaps);
const questionsOf = (planned: Plan) => gapsOf(planned).map(({ question }) => question);

/** The change of the shop, planned. */
function refundOf({ tools }: Plan) {
  const refund = tools.find(({ name }) => name === "refund_order");
  assert.ok(refund?.kind === "write");
  return refund;
}

/** The system with one of its operations otherwise. */
function openedWith(name: string, change: (one: OperationDescription) => OperationDescription) {
  return opened(OPERATIONS.map((one) => (one.name === name ? change(one) : one)));
}

/** The record with an id of another name. */
function withId(record: FieldDescription): FieldDescription {
  const fields = record.fields.map((one) =>
    one.name === "id" ? { ...one, name: "order_id" } : one,
  );
  return { ...record, fields };
}

/** The same operation with one more field in what it answers. */
function withField(one: OperationDescription, more: FieldDescription): OperationDescription {
  if (one.answer === null) return one;
  const { record } = one.answer;
  return {
    ...one,
    answer: { ...one.answer, record: { ...record, fields: [...record.fields, more] } },
  };
}

describe("tools planned from a description and answers", () => {
  test("are all made when everything is answered", async () => {
    const { tools, refused } = await plan(ANSWERS);
    assert.deepEqual(refused, []);
    assert.deepEqual(
      tools.map(({ name, kind }) => [name, kind]),
      [
        ["get_order", "read"],
        ["list_orders", "read"],
        ["refund_order", "write"],
      ],
    );
  });

  test("fill the customer in by code and offer the model nothing but what it has to choose", async () => {
    const { tools } = await plan(ANSWERS);
    assert.deepEqual(
      tools.map(({ input }) => Object.keys(input)),
      [["id"], [], ["id", "amount"]],
    );
    const list = tools.find(({ name }) => name === "list_orders");
    assert.deepEqual(list?.kind === "read" && list.from.request.query, {
      customer: { from: "requester", is: "system_id" },
    });
  });

  test("take the id of a change from the proven record and not from the model", async () => {
    const refund = refundOf(await plan(ANSWERS));
    assert.match(JSON.stringify(refund.input["amount"]), /"Not in cents\. Such as \\"25\.00/);
    assert.deepEqual(refund.commit.request.pathValues, { id: { from: "record", field: "id" } });
    assert.deepEqual(refund.commit.idempotency, { in: "header", name: "Idempotency-Key" });
  });

  test("without a way to prove whose a record is, that tool alone is refused", async () => {
    const belongs = "  belongs: { parameter: customer, is: system_id, field: customer.id }\n";
    const planned = await plan(ANSWERS.replace(belongs, ""));
    assert.deepEqual(namesOf(planned), ["get_order", "refund_order"]);
    assert.deepEqual(
      planned.refused.map(({ operation }) => operation),
      ["list_orders"],
    );
    assert.deepEqual(questionsOf(planned), ["list_orders.belongs"]);
  });

  const MISSING: Readonly<Record<string, readonly [answers: string, question: string]>> = {
    "a way to find out what happened, said or denied": [
      ANSWERS.replace(/ {2}find: .*\n/, ""),
      "create_refund.find",
    ],
    "what was paid, what went back and in which unit": [
      ANSWERS.replace(/ {2}money:(?: .*\n|\n(?: {4}.*\n)+)/, ""),
      "create_refund.money",
    ],
    "a field that proves a filter": [
      ANSWERS.replace(", field: customer.id }", " }"),
      "list_orders.belongs",
    ],
    "the key that a change is found by": [
      ANSWERS.replace(/ {2}key: .*\n/, "")
        .replace("  values: { reference: key }\n", "")
        .replace("field: reference, ref", "field: id, ref"),
      "create_refund.key",
    ],
    "a way to find a customer's id in the system": [
      ANSWERS.replace(/system:\n.*\n/, ""),
      "system.customer",
    ],
  };
  for (const [what, [answers, question]] of Object.entries(MISSING))
    test(`without ${what} a tool is refused, and asked for it`, async () => {
      assert.notEqual(answers, ANSWERS);
      assert.deepEqual(questionsOf(await plan(answers)), [question]);
    });

  test("the look-up of a customer by address is suggested", async () => {
    const gaps = gapsOf(await plan(ANSWERS.replace(/system:\n.*\n/, "")));
    assert.deepEqual(
      [...new Set(gaps.map(({ suggestion }) => suggestion))],
      ["{ operation: list_customers, values: { email: requester email }, id: id, email: email }"],
    );
  });

  test("money needs an answer that proves it: the id, the amount and which states mean done", async () => {
    const money = ANSWERS.slice(ANSWERS.indexOf("create_refund:"));
    const asked = async (fields: readonly FieldDescription[], more = "") => {
      const answer = { ...RECEIPT, record: { ...RECEIPT.record, fields } };
      const system = openedWith("create_refund", (one) => ({ ...one, answer }));
      const planned = await plan(money + more, ["create_refund"], system);
      const [tool] = planned.tools;
      assert.ok(tool === undefined || tool.kind === "write");
      return { tool, says: gapsOf(planned) };
    };
    const [id, booked] = [field("refund_id"), field("amount", { type: "integer" })];
    const state = field("state", { enum: ["pending", "booked", "failed"] });
    // Which values a state has is not made up where the document does not say it.
    const unsaid = await asked([id, booked, field("state")]);
    assert.deepEqual(
      unsaid.says.map(({ suggestion }) => suggestion),
      [null],
    );
    assert.match((await asked([])).says[0]?.says ?? "", /an answer without one proves nothing/);
    const unnamed = await asked([id, booked, state]);
    assert.deepEqual(
      unnamed.says.map(({ question, suggestion }) => [question, suggestion]),
      [
        [
          "create_refund.receipt",
          "{ ref: refund_id, amount: amount, done: { state: [pending, booked] } }",
        ],
      ],
    );
    const open = await asked([id, booked, state], "  receipt: { ref: refund_id }\n");
    assert.match(open.says[0]?.says ?? "", /which values of state mean that it is done/);
    const wrong = await asked([id, booked], "  receipt: { ref: refund }\n");
    assert.match(wrong.says[0]?.says ?? "", /create_refund has no field refund/);
    const made = await asked(
      [id, booked, state],
      "  receipt: { ref: refund_id, done: { state: [booked] } }\n",
    );
    assert.deepEqual(made.says, []);
    assert.ok(made.tool?.kind === "write");
    assert.deepEqual([made.tool.commit.ref, made.tool.commit.amount], ["refund_id", "amount"]);
    assert.match(fileText(toolFile(made.tool, "Small Shop")), /state:\n +one_of: \[ booked \]/);
  });

  test("operations that sign in differently are no one connection, and are named", async () => {
    const made = openedWith("list_orders", (one) => ({ ...one, security: [["basic"]] }));
    const security = [...made.system.security, { name: "basic", kind: "basic" as const }];
    const system = { ...made, system: { ...made.system, security } };
    const planned = await plan(ANSWERS, WANTED, system);
    assert.deepEqual(planned.tools, []);
    assert.match(
      gapsOf(planned)[0]?.says ?? "",
      /key for get_order, create_refund; basic for list_orders\. Import each group/,
    );
    const said = ANSWERS.replace("system:\n", "system:\n  sign_in: { bearer: SHOP_KEY }\n");
    assert.equal((await plan(said, WANTED, system)).refused.length, 0);
  });

  test("a tool that would be called like a built-in one is called after its system too", async () => {
    const planned = await planTools(opened(), {
      wanted: ["list_orders"],
      answers: answersFrom(
        readYaml("list_orders: { belongs: { field: customer.email, is: email }, input: [] }", "a"),
        "a",
      ),
      folder: "small-shop",
      taken: ["list_orders"],
    });
    assert.deepEqual(namesOf(planned), ["small_shop_list_orders"]);
  });

  test("what a change is found by names inputs that there are, and the record's id under `about`", async () => {
    const looking = ANSWERS.replace(
      / {2}find: .*\n/,
      "  find: { by: looking, shows: { refunded_cents: input refunded }, ref: id }\n",
    );
    assert.deepEqual(
      gapsOf(await plan(looking)).map(({ question, says }) => [question, says]),
      [["create_refund.find", "there is no input refunded; the inputs are id, amount"]],
    );
    const other = openedWith("get_order", (one) =>
      one.answer === null
        ? one
        : { ...one, answer: { ...one.answer, record: withId(one.answer.record) } },
    );
    assert.deepEqual(
      gapsOf(await plan(ANSWERS, ["create_refund"], other)).flatMap(({ question, suggestion }) =>
        question.endsWith("about") ? [suggestion] : [],
      ),
      ["{ operation: get_order, id: order_id }"],
    );
  });

  test("a list in pages says that only the first is read", async () => {
    const page = { in: "query", field: field("page") } as const;
    const { tools } = await plan(
      ANSWERS.replace("input: []", "input: []\n  values: { page: fixed 1 }"),
      ["list_orders"],
      openedWith("list_orders", (one) => ({ ...one, parameters: [...one.parameters, page] })),
    );
    assert.match(tools[0]?.description ?? "", /Only the first page is read/);
  });

  test("the field a change is found by carries the key without being told", async () => {
    const refund = refundOf(await plan(ANSWERS.replace("  values: { reference: key }\n", "")));
    assert.deepEqual(refund.commit.request.body?.fields["reference"], { from: "key" });
  });

  test("a person decides where the answers say so, and on all but refunds where they say nothing", async () => {
    const tools = await plan(ANSWERS);
    assert.equal(refundOf(tools).personDecides, undefined);
    const asked = ANSWERS.replace("create_refund:\n", "create_refund:\n  person_decides: true\n");
    assert.equal(refundOf(await plan(asked)).personDecides, true);
    const older = ANSWERS.replace("create_refund:\n", "create_refund:\n  wishes: []\n");
    assert.equal(refundOf(await plan(older)).personDecides, true);
  });

  test("fields and values the document does not have are named", async () => {
    const wrong = ANSWERS.replace("field: customer.email, is", "field: buyer.mail, is").replace(
      "values: { reference: key }",
      "values: { refrence: key }",
    );
    assert.match(
      gapsOf(await plan(wrong))
        .map(({ says }) => says)
        .join("\n"),
      /no field buyer\.mail[^]*no body field refrence/,
    );
  });

  test("a field that is not there is answered with those that are", async () => {
    const planned = await plan(ANSWERS.replace("id, field: customer.id", "id, field: buyer"));
    assert.match(
      gapsOf(planned)[0]?.says ?? "",
      /no field buyer; it has id, status, total_cents, refunded_cents, currency, customer$/,
    );
  });

  test("a yes or no is no amount, also when it is typed", async () => {
    const paying = openedWith("get_order", (one) =>
      withField(one, field("paid", { type: "boolean" })),
    );
    const typed = ANSWERS.replace("paid: total_cents", "paid: paid");
    assert.deepEqual(
      gapsOf(await plan(typed, ["create_refund"], paying)).map(({ says }) => says),
      ["paid is yes or no in get_order, and no amount"],
    );
  });

  test("operations may be called as the document calls them, wherever an answer names one", async () => {
    const own = ANSWERS.replace("get_order:\n", "getOrder:\n").replace(
      "operation: get_order }",
      "operation: getOrder }",
    );
    for (const [wanted, made] of [
      ["getOrder", "get_order"],
      ["create_refund", "refund_order"],
    ] as const) {
      const planned = await plan(own, [wanted]);
      assert.deepEqual(planned.refused, []);
      assert.deepEqual(namesOf(planned), [made]);
    }
  });

  test("operations that are not there are named before anything is planned", async () => {
    await assert.rejects(
      plan(ANSWERS, ["get_ordre"]),
      /get_ordre: the document has no such operation/,
    );
    await assert.rejects(
      plan("get_ordre: { belongs: { nothing: no } }"),
      /get_ordre: the answers name an operation/,
    );
  });
});

describe("what an import chooses where the answers say nothing", () => {
  test("amounts in cents are among the fields that are chosen", async () => {
    const [order] = (await plan(ANSWERS, ["get_order"])).tools;
    assert.ok(order?.kind === "read");
    assert.equal(
      Object.keys(order.from.record).join(" "),
      "id status total_cents refunded_cents? currency customer",
    );
  });

  test("who a parcel goes to is not suggested as whose the record is", async () => {
    const identity = (["shipping_address.email", "customer.id"] as const).map((name) => ({
      in: "answer" as const,
      name,
      is: name.endsWith("id") ? ("id" as const) : ("email" as const),
    }));
    const suggested = async (places: typeof identity) => {
      const system = openedWith("get_order", (one) => ({
        ...one,
        guesses: { ...one.guesses, identity: places },
      }));
      const gaps = gapsOf(await plan("{}", ["get_order"], system));
      return gaps.find(({ question }) => question === "get_order.belongs")?.suggestion;
    };
    assert.equal(await suggested(identity), "{ field: customer.id, is: system_id }");
    assert.equal(await suggested(identity.slice(0, 1)), null);
  });

  test("the line for people calls the amount an amount, whatever its unit is called", () => {
    const values = { amount_cents: { from: "input", name: "amount_cents" } } as const;
    assert.equal(
      withAll("Refund of order {id}", values, "amount_cents"),
      "Refund of order {id}, amount {input.amount_cents}",
    );
  });
});

test("an operation that its document has at another address is refused, and made under that address", async () => {
  const elsewhere = openedWith("get_order", (one) => ({
    ...one,
    servers: ["https://files.example.com/v2"],
  }));
  const [gap] = gapsOf(await plan(ANSWERS, ["get_order"], elsewhere));
  assert.match(
    gap?.says ?? "",
    /at https:\/\/files\.example\.com\/v2 and not at .*name of its own/,
  );
  const there = openedWith("get_order", (one) => ({
    ...one,
    servers: ["https://shop.example.com"],
  }));
  assert.deepEqual(gapsOf(await plan(ANSWERS, ["get_order"], there)), []);
});
