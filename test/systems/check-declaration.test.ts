import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { checkDeclaration } from "#systems/check-declaration.ts";
import type { MoneyDeclaration, ReadDeclaration, SystemTool } from "#systems/contract.ts";
import {
  changeAddressThere,
  findOrder,
  findPayments,
  listOrders,
  refundThere,
} from "./declared-shop.ts";
import { connectionTo } from "./memory-system.ts";

const ORDER = findOrder();
const REFUND = refundThere();

function problems(tool: SystemTool, others: readonly SystemTool[] = [ORDER]): readonly string[] {
  const declarations = [...others.filter(({ name }) => name !== tool.name), tool];
  return checkDeclaration(tool, { declarations, builtInTools: ["reply"] }).map(
    ([field, reason]) => `${tool.name}: ${field}: ${reason}`,
  );
}

function read(changes: Partial<ReadDeclaration>): ReadDeclaration {
  return { ...ORDER, ...changes };
}

function write(changes: Partial<MoneyDeclaration>): MoneyDeclaration {
  return { ...REFUND, ...changes };
}

describe("which declared tools are refused", () => {
  test("tools that prove whose records they touch are accepted", () => {
    for (const tool of [ORDER, listOrders(), findPayments(), REFUND, changeAddressThere()])
      assert.deepEqual(problems(tool), []);
  });

  const CASES: Readonly<Record<string, readonly [SystemTool, RegExp]>> = {
    "data of a person without a rule whose it is": [
      read({ belongsTo: { by: "nothing", because: "it seemed public" } }),
      /belongsTo: \S+ is about a person/,
    ],
    "a parameter that the model chooses": [
      read({ belongsTo: { by: "parameter", name: "id", is: "customer_id" } }),
      /belongsTo.name: id is chosen by the model/,
    ],
    "a filter without a field that repeats it": [
      { ...listOrders(), belongsTo: { by: "parameter", name: "customer", is: "customer_id" } },
      /belongsTo.field: is missing: a system may ignore a filter/,
    ],
    "money whose answer names nothing": [
      write({ commit: { ...REFUND.commit, receipt: z.object({}), ref: "", amount: null } }),
      /commit\.ref: is empty: name the field of the answer with the id/,
    ],
    "money whose amount nothing compares": [
      write({
        commit: { ...REFUND.commit, amount: null },
        find: { by: "nothing", because: "it keeps no list" },
      }),
      /commit\.amount: is null, so find has to compare the amount/,
    ],
    "money with a state that any text may be": [
      write({
        commit: {
          ...REFUND.commit,
          receipt: REFUND.commit.receipt.extend({ state: z.string().nullish() }),
        },
      }),
      /commit\.receipt: state has to be \{one_of: \[…\]\} of the values that mean done/,
    ],
    "money of which all moves and whose amount a model fills in all the same": [
      write({ money: { ...REFUND.money, isWhole: true } }),
      /money\.isWhole: all that is left moves, so a model must not fill in amount/,
    ],
    "a change that is carried out later and never found": [
      write({
        commit: { ...REFUND.commit, isLater: true },
        find: { by: "nothing", because: "it keeps no list" },
      }),
      /find\.by: what is carried out later has to be found/,
    ],
    "a precondition on a field that the record does not have": [
      write({ about: { ...REFUND.about, must: [{ field: "sent", is: [false], or: "It left." }] } }),
      /about\.must: the record has no field sent/,
    ],
    "a look-up whose path is put together from the requester and what a model says": [
      read({
        from: {
          ...ORDER.from,
          request: {
            ...ORDER.from.request,
            pathValues: {
              id: {
                from: "text",
                parts: [
                  { from: "requester", is: "customer_id" },
                  { from: "input", name: "order_id" },
                ],
              },
            },
          },
        },
      }),
      /from\.request\.id: a look-up takes whole values/,
    ],
    "a record chosen by an input that there is none of": [
      read({ from: { ...ORDER.from, chosen: { from: "items", by: "id", input: "item_id" } } }),
      /chosen: there is no input item_id/,
    ],
    "a parent that no tool is": [
      read({ belongsTo: { by: "record", input: "order_id", tool: "none", parentField: "id" } }),
      /belongsTo.tool: there is no look-up called none/,
    ],
    "a parent that is the tool itself": [
      read({
        belongsTo: { by: "record", input: "order_id", tool: "find_order", parentField: "id" },
      }),
      /belongsTo.tool: find_order proves nothing/,
    ],
    "a field that the record does not have": [
      read({ belongsTo: { by: "field", field: "owner.id", is: "customer_id" } }),
      /belongsTo.field: the record has no field owner.id/,
    ],
    "an id in the system that nothing can look up": [
      read({ belongsTo: { by: "field", field: "customer_id", is: "system_id" } }),
      /connection.customer: is missing/,
    ],
    "an unverified writer": [
      read({ minimumLevel: 1 }),
      /minimumLevel: records of a customer need level 2/,
    ],
    "an input that names a recipient": [
      read({ input: z.strictObject({ order_id: z.string(), notifyEmail: z.string() }) }),
      /input: find_order.notifyEmail lets a model choose/,
    ],
    "an input with a customer inside a list": [
      read({
        input: z.strictObject({
          order_id: z.string(),
          of: z.array(z.strictObject({ customer_id: z.string() })),
        }),
      }),
      /find_order.of.customer_id lets a model choose/,
    ],
    "an address without TLS": [
      read({ connection: connectionTo({ address: "http://shop.example" }) }),
      /connection.address: has to begin with https/,
    ],
    "an address with a password": [
      read({ connection: connectionTo({ address: "https://a:b@shop.example" }) }),
      /connection.address/,
    ],
    "the name of a built-in tool": [
      read({ name: "reply" }),
      /name: reply is the name of a built-in tool/,
    ],
    "the operation of a built-in one": [
      write({ operation: "refund" }),
      /operation: refund is a built-in operation/,
    ],
    "a change of no customer's record": [
      write({ about: { ...REFUND.about, belongsTo: { by: "nothing", because: "all are" } } }),
      /about.belongsTo: a change has to be about a record/,
    ],
    "a payment that is only said to be paid or not": [
      write({
        about: {
          ...REFUND.about,
          from: {
            ...REFUND.about.from,
            record: REFUND.about.from.record.extend({ total: z.boolean().nullish() }),
          },
        },
      }),
      /money: total is yes or no, and no amount/,
    ],
    "a fact that the record does not have": [
      write({ about: { ...REFUND.about, unchanged: ["shipped"] } }),
      /about.unchanged: the record has no field shipped/,
    ],
    "a key that is never sent": [
      write({
        commit: { ...REFUND.commit, request: { method: "POST", path: "/refunds" } },
      }),
      /find.by: the key is never sent/,
    ],
    "a value that people do not see": [
      { ...changeAddressThere(), label: "Send order {id} elsewhere" },
      /label: \{input.line\} is missing/,
    ],
    "two changes that would be one": [
      { ...changeAddressThere(), identity: ["id"] },
      /identity: input.line is missing/,
    ],
  };
  for (const [what, [tool, words]] of Object.entries(CASES))
    test(`${what} is refused by name`, () => {
      const found = problems(tool);
      assert.ok(
        found.some((line) => line.startsWith(`${tool.name}: `) && words.test(line)),
        found.join("\n"),
      );
    });

  test("two tools with one name or one operation are both named", () => {
    const both = [REFUND, { ...REFUND, name: "refund_again" }];
    const [first] = both;
    assert.ok(first);
    assert.deepEqual(
      checkDeclaration(first, { declarations: both, builtInTools: [] }).map(([, reason]) => reason),
      ["two tools have the operation refund_there"],
    );
  });
});
