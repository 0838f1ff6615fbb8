/** What answers make of a described system, and what is refused by name. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answersFrom, readYaml } from "#importing/answers/answer-file.ts";
import { planTools } from "#importing/questions/plan-tools.ts";
import type { FieldDescription } from "#importing/description.ts";
import { toolFile } from "#importing/generate/tool-file.ts";
import { ANSWERS, field, opened, OPERATIONS, RECEIPT } from "./small-shop.ts";

const WANTED = ["get_order", "list_orders", "create_refund"];

function plan(text: string, wanted: readonly string[] = WANTED) {
  return planTools(opened(), {
    wanted,
    answers: answersFrom(readYaml(text, "answers"), "answers"),
    folder: "small-shop",
  });
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
      tools.map(({ inputs }) => inputs.map(({ name }) => name)),
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
    assert.deepEqual(refund.request.pathValues, { id: { from: "record", field: "id" } });
    assert.deepEqual(refund.idempotency, { in: "header", name: "Idempotency-Key" });
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
    assert.deepEqual([made.tool.ref, made.tool.amount], ["refund_id", "amount"]);
    assert.match(toolFile(made.tool, "Small Shop"), /state: z\.enum\(\["booked"\]\)/);
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
    assert.deepEqual(refund.request.body?.fields["reference"], { from: "key" });
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

describe("a file of answers", () => {
  test("names each field that is wrong and why", () => {
    const text =
      "get_order: { kind: raed, colour: red, belongs: { field: a } }\nsystem: { sign_in: { bearer: sk_live_1 } }";
    assert.throws(
      () => answersFrom(readYaml(text, "my.yaml"), "my.yaml"),
      (error: Error) => {
        assert.match(error.message, /my\.yaml cannot be used, and nothing was written/);
        for (const line of [
          /get_order\.kind: /,
          /get_order\.colour: there is no such question/,
          /get_order\.belongs: say \{field, is\}/,
          /system\.sign_in\.bearer: names a setting/,
        ])
          assert.match(error.message, line);
        return true;
      },
    );
  });

  test("that is no YAML or repeats itself by reference is refused", () => {
    assert.throws(() => readYaml("a: [", "my.yaml"), /my\.yaml cannot be used/);
    assert.throws(
      () => readYaml("a: &x [1]\nb: [*x, *x]", "my.yaml"),
      /repeats parts by reference/,
    );
  });
});
