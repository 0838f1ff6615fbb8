/** What answers make of a described system, and what is refused by name. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answersFrom, readYaml } from "#importing/answers/read-answers.ts";
import { planTools } from "#importing/plan/plan-tools.ts";
import type { FieldDescription, OperationDescription } from "#importing/description.ts";
import { toolFile } from "#importing/plan/tool-file.ts";
import { fileText } from "#importing/command/write-files.ts";
import { ANSWERS, field, opened, OPERATIONS, RECEIPT } from "./small-shop.ts";

const WANTED = ["get_order", "list_orders", "create_refund"];

function plan(text: string, wanted: readonly string[] = WANTED) {
  return planTools(opened(), {
    wanted,
    answers: answersFrom(readYaml(text, "answers"), "answers"),
    folder: "small-shop",
  });
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
    const { tools } = await plan(
      `${ANSWERS}`.replace("values: { reference: key }", "values: { reference: key }"),
    );
    const refund = tools.find(({ name }) => name === "refund_order");
    assert.ok(refund?.kind === "write");
    assert.match(JSON.stringify(refund.input["amount"]), /"Not in cents\. Such as \\"25\.00/);
    assert.deepEqual(refund.commit.request.pathValues, { id: { from: "record", field: "id" } });
    assert.deepEqual(refund.commit.idempotency, { in: "header", name: "Idempotency-Key" });
  });

  test("without a way to prove whose a record is, that tool alone is refused", async () => {
    const { tools, refused } = await plan(
      ANSWERS.replace(
        "  belongs: { parameter: customer, is: system_id, field: customer.id }\n",
        "",
      ),
    );
    assert.deepEqual(
      tools.map(({ name }) => name),
      ["get_order", "refund_order"],
    );
    assert.deepEqual(
      refused.map(({ operation, gaps }) => [operation, gaps.map(({ question }) => question)]),
      [["list_orders", ["list_orders.belongs"]]],
    );
  });

  test("without a way to find out what happened, said or denied, a change is refused", async () => {
    const { refused } = await plan(ANSWERS.replace(/ {2}find: .*\n/, ""));
    assert.deepEqual(
      refused.flatMap(({ gaps }) => gaps.map(({ question }) => question)),
      ["create_refund.find"],
    );
  });

  test("money moves only when it is said what was paid, what went back and in which unit", async () => {
    const without = ANSWERS.replace(/ {2}money:(?: .*\n|\n(?: {4}.*\n)+)/, "");
    assert.notEqual(without, ANSWERS);
    const { refused } = await plan(without);
    const [gap] = refused.flatMap(({ gaps }) =>
      gaps.filter(({ question }) => question.endsWith("money")),
    );
    assert.equal(gap?.question, "create_refund.money");
  });

  test("money needs an answer that proves it: the id, the amount and which states mean done", async () => {
    const money = ANSWERS.slice(ANSWERS.indexOf("create_refund:"));
    const answering = (fields: readonly FieldDescription[]) =>
      OPERATIONS.map((one) =>
        one.name === "create_refund"
          ? { ...one, answer: { ...RECEIPT, record: { ...RECEIPT.record, fields } } }
          : one,
      );
    const asked = async (fields: readonly FieldDescription[], more = "") => {
      const { tools, refused } = await planTools(opened(answering(fields)), {
        wanted: ["create_refund"],
        answers: answersFrom(readYaml(money + more, "answers"), "answers"),
        folder: "small-shop",
      });
      const [tool] = tools;
      assert.ok(tool === undefined || tool.kind === "write");
      return { tool, says: refused.flatMap(({ gaps }) => gaps) };
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
    const system = opened(
      OPERATIONS.map((one) =>
        one.name === "list_orders" ? { ...one, security: [["basic"]] } : one,
      ),
    );
    const security = [...system.system.security, { name: "basic", kind: "basic" as const }];
    const planned = (text: string) =>
      planTools(
        { ...system, system: { ...system.system, security } },
        { wanted: WANTED, answers: answersFrom(readYaml(text, "a"), "a"), folder: "small-shop" },
      );
    const { tools, refused } = await planned(ANSWERS);
    assert.deepEqual(tools, []);
    assert.match(
      refused[0]?.gaps[0]?.says ?? "",
      /key for get_order, create_refund; basic for list_orders\. Import each group/,
    );
    const said = ANSWERS.replace("system:\n", "system:\n  sign_in: { bearer: SHOP_KEY }\n");
    assert.equal((await planned(said)).refused.length, 0);
  });

  test("a tool that would be called like a built-in one is called after its system too", async () => {
    const { tools } = await planTools(opened(), {
      wanted: ["list_orders"],
      answers: answersFrom(
        readYaml("list_orders: { belongs: { field: customer.email, is: email }, input: [] }", "a"),
        "a",
      ),
      folder: "small-shop",
      taken: ["list_orders"],
    });
    assert.deepEqual(
      tools.map(({ name }) => name),
      ["small_shop_list_orders"],
    );
  });

  test("what a change is found by names inputs that there are, and the record's id under `about`", async () => {
    const looking = ANSWERS.replace(
      / {2}find: .*\n/,
      "  find: { by: looking, shows: { refunded_cents: input refunded }, ref: id }\n",
    );
    const { refused } = await plan(looking);
    assert.deepEqual(
      refused.flatMap(({ gaps }) => gaps.map(({ question, says }) => [question, says])),
      [["create_refund.find", "there is no input refunded; the inputs are id, amount"]],
    );
    const other = opened(
      OPERATIONS.map((one) =>
        one.name === "get_order" && one.answer !== null
          ? { ...one, answer: { ...one.answer, record: withId(one.answer.record) } }
          : one,
      ),
    );
    const renamed = await planTools(other, {
      wanted: ["create_refund"],
      answers: answersFrom(readYaml(ANSWERS, "answers"), "answers"),
      folder: "small-shop",
    });
    assert.deepEqual(
      renamed.refused.flatMap(({ gaps }) =>
        gaps.flatMap(({ question, suggestion }) =>
          question.endsWith("about") ? [suggestion] : [],
        ),
      ),
      ["{ operation: get_order, id: order_id }"],
    );
  });

  test("a list in pages says that only the first is read", async () => {
    const page = { in: "query", field: field("page") } as const;
    const { tools } = await planTools(
      opened(
        OPERATIONS.map((one) =>
          one.name === "list_orders" ? { ...one, parameters: [...one.parameters, page] } : one,
        ),
      ),
      {
        wanted: ["list_orders"],
        answers: answersFrom(
          readYaml(ANSWERS.replace("input: []", "input: []\n  values: { page: fixed 1 }"), "a"),
          "a",
        ),
        folder: "small-shop",
      },
    );
    assert.match(tools[0]?.description ?? "", /Only the first page is read/);
  });

  test("a filter without a field that proves it is refused before anything is written", async () => {
    const { refused } = await plan(ANSWERS.replace(", field: customer.id }", " }"));
    assert.deepEqual(
      refused.flatMap(({ gaps }) => gaps.map(({ question }) => question)),
      ["list_orders.belongs"],
    );
  });

  test("a change is found by a key only when the key is sent", async () => {
    const { refused } = await plan(
      ANSWERS.replace(/ {2}key: .*\n/, "")
        .replace("  values: { reference: key }\n", "")
        .replace("field: reference, ref", "field: id, ref"),
    );
    assert.deepEqual(
      refused.flatMap(({ gaps }) => gaps.map(({ question }) => question)),
      ["create_refund.key"],
    );
  });

  test("the field a change is found by carries the key without being told", async () => {
    const { tools } = await plan(ANSWERS.replace("  values: { reference: key }\n", ""));
    const refund = tools.find(({ name }) => name === "refund_order");
    assert.ok(refund?.kind === "write");
    assert.deepEqual(refund.commit.request.body?.fields["reference"], { from: "key" });
  });

  test("a refund without phrases of customers gets the usual ones", async () => {
    const { tools } = await plan(ANSWERS.replace("  wishes: [refund, money back]\n", ""));
    const refund = tools.find(({ name }) => name === "refund_order");
    assert.ok(refund?.kind === "write");
    assert.ok(refund.wishes.includes("money back"));
  });

  test("the look-up of a customer by address is suggested", async () => {
    const { refused } = await plan(ANSWERS.replace(/system:\n.*\n/, ""));
    assert.deepEqual(
      [...new Set(refused.flatMap(({ gaps }) => gaps.map(({ suggestion }) => suggestion)))],
      ["{ operation: list_customers, values: { email: requester email }, id: id, email: email }"],
    );
  });

  test("a customer's id in the system needs a way to find it", async () => {
    const { refused } = await plan(ANSWERS.replace(/system:\n.*\n/, ""));
    assert.deepEqual(
      refused.flatMap(({ gaps }) => gaps.map(({ question }) => question)),
      ["system.customer"],
    );
  });

  test("fields and values the document does not have are named", async () => {
    const wrong = ANSWERS.replace("field: customer.email, is", "field: buyer.mail, is").replace(
      "values: { reference: key }",
      "values: { refrence: key }",
    );
    const { refused } = await plan(wrong);
    assert.match(
      refused.map(({ gaps }) => gaps.map(({ says }) => says).join("\n")).join("\n"),
      /no field buyer\.mail[^]*no body field refrence/,
    );
  });

  test("a field that is not there is answered with those that are", async () => {
    const { refused } = await plan(ANSWERS.replace("id, field: customer.id", "id, field: buyer"));
    assert.match(
      refused[0]?.gaps[0]?.says ?? "",
      /no field buyer; it has id, status, total_cents, refunded_cents, currency, customer$/,
    );
  });

  test("a yes or no is no amount, also when it is typed", async () => {
    const paying = OPERATIONS.map((one) =>
      one.name === "get_order" && one.answer !== null
        ? withField(one, field("paid", { type: "boolean" }))
        : one,
    );
    const { refused } = await planTools(opened(paying), {
      wanted: ["create_refund"],
      answers: answersFrom(readYaml(ANSWERS.replace("paid: total_cents", "paid: paid"), "a"), "a"),
      folder: "small-shop",
    });
    assert.deepEqual(
      refused.flatMap(({ gaps }) => gaps.map(({ says }) => says)),
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
      const { tools, refused } = await plan(own, [wanted]);
      assert.deepEqual(refused, []);
      assert.deepEqual(
        tools.map(({ name }) => name),
        [made],
      );
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
