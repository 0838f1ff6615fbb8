import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { STRANGER, verified } from "#test/support/fixtures/turns.ts";
import { contextOf } from "#test/tools/tool-bench.ts";
import type { ToolContext } from "#core/contracts/tool.ts";
import type { SystemTool } from "#systems/contract.ts";
import { declaredReadTool } from "#systems/declared-tools.ts";
import { findOrder, findPayments, listOrders, order } from "./declared-shop.ts";
import { connectionTo, memorySystem } from "./memory-system.ts";

const MINE = contextOf(verified("u123"));

function shop(tools: readonly SystemTool[] = [findOrder()]) {
  const system = memorySystem(tools);
  system.answerWith(({ path, query }) => {
    if (path === "/orders/1") return order("1", "u123");
    if (path === "/orders/2") return order("2", "u456");
    if (path === "/orders")
      return { orders: [order("1", "u123"), order("2", "u456"), order("3", "u123")] };
    if (path === "/payments") return query.map(([, id]) => ({ order: id, paid: "120.00" }));
    return undefined;
  });
  return system;
}

async function shown(tool: SystemTool, input: unknown, context: ToolContext = MINE) {
  assert.equal(tool.kind, "read");
  const system = shop([findOrder()]);
  if (tool.kind !== "read") throw new Error("a write tool shows nothing");
  const made = declaredReadTool(tool, system.ports);
  const output = made.output.parse(await made.run(made.input.parse(input), context));
  return { output, calls: system.calls };
}

describe("what a connected look-up shows", () => {
  test("the owner sees the fields that were chosen and no others", async () => {
    const { output } = await shown(findOrder(), { order_id: "1" });
    assert.deepEqual(output, {
      found: true,
      records: [
        {
          id: "1",
          customer_id: "u123",
          status: "delivered",
          total: "120.00",
          refunded: "0.00",
          currency: "EUR",
          delivered_on: "2026-11-08",
          ship_to: { line: "1 Old Street" },
          record_id: "1",
        },
      ],
    });
  });

  test("another customer's record looks like none, after the same calls for every asker", async () => {
    const outsiders = [
      MINE,
      contextOf(STRANGER),
      contextOf({ ...verified("u456"), level: 1 }),
      contextOf(verified("u456"), { audience: "shared" }),
    ];
    const absent = await shown(findOrder(), { order_id: "9" });
    assert.deepEqual(absent.output, {
      found: false,
      remark: "There is no such record for this customer.",
    });
    for (const context of outsiders) {
      const foreign = await shown(findOrder(), { order_id: "2" }, context);
      assert.deepEqual(foreign.output, absent.output);
      assert.deepEqual(foreign.calls, ["GET /orders/2"]);
    }
  });

  test("a person who is not proven has no records, whatever level a declaration is content with", async () => {
    const claimed = contextOf({ ...verified("u123"), level: 1 });
    const open = { ...findOrder(), minimumLevel: 1 } as const;
    const { output } = await shown(open, { order_id: "1" }, claimed);
    assert.deepEqual(output, (await shown(open, { order_id: "9" })).output);
    assert.notDeepEqual((await shown(open, { order_id: "1" })).output, output);
  });

  test("a filter that a system ignores shows no other customer's records", async () => {
    const { output, calls } = await shown(listOrders(), {});
    assert.deepEqual(JSON.stringify(output).match(/"id":"\d"/g), ['"id":"1"', '"id":"3"']);
    assert.deepEqual(calls, ["GET /orders?customer=u123"]);
  });

  test("no more records are shown than were declared, and how many more there are is told", async () => {
    const { output } = await shown({ ...listOrders(), shownMax: 1 }, {});
    assert.match(JSON.stringify(output), /"more":1/);
  });

  test("a record that hangs on another one is asked for once that one is proven", async () => {
    const own = await shown(findPayments(), { order_id: "1" });
    assert.match(JSON.stringify(own.output), /"paid":"120.00"/);
    const foreign = await shown(findPayments(), { order_id: "2" });
    assert.match(JSON.stringify(foreign.output), /^\{"found":false/);
    assert.deepEqual(foreign.calls, ["GET /orders/2"]);
  });

  test("an id in the system is looked up by the proven address, and two customers with it prove nothing", async () => {
    const connection = connectionTo({
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
    const tool = {
      ...findOrder(connection),
      belongsTo: { by: "field", field: "customer_id", is: "system_id" },
    } as const;
    for (const [people, found] of [
      [
        [
          { id: 77, email: "ANN@customer.test" },
          { id: 78, email: "ann@customer.test.evil" },
        ],
        true,
      ],
      [
        [
          { id: 77, email: "ann@customer.test" },
          { id: 78, email: "ann@customer.test" },
        ],
        false,
      ],
      [[{ id: 77, email: "ann@\u{212A}ustomer.test" }], false],
    ] as const) {
      const system = memorySystem();
      system.answerWith(({ path }) => (path === "/people" ? people : order("1", "77")));
      const made = declaredReadTool(tool, system.ports);
      const output = await made.run({ order_id: "1" }, MINE);
      assert.equal(JSON.stringify(output).startsWith('{"found":true'), found);
    }
  });

  test("an own record of another shape is an error, and another customer's is none", async () => {
    const system = memorySystem();
    const made = declaredReadTool(findOrder(), system.ports);
    system.answerWith(() => ({ id: "1", customer_id: "u123" }));
    await assert.rejects(async () => made.run({ order_id: "1" }, MINE), {
      code: "tool.invalid_output",
    });
    system.answerWith(() => ({ id: "1", customer_id: "u456" }));
    assert.match(JSON.stringify(await made.run({ order_id: "1" }, MINE)), /^\{"found":false/);
  });
});
