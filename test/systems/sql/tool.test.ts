/** A look-up in a database as the agent calls it, and declarations that are refused. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import pg from "pg";
import { z } from "zod";
import { contextOf } from "#test/tools/tool-bench.ts";
import { STRANGER, verified } from "#test/support/fixtures/turns.ts";
import { checkDeclaration } from "#systems/check-declaration.ts";
import type { SqlReadDeclaration } from "#systems/contract.ts";
import { declaredReadTool } from "#systems/declared-tools.ts";
import { sqlClients } from "#systems/sql/open.ts";
import { freshDatabase, postgresMissing } from "#test/support/postgres.ts";
import { memorySystem } from "#test/systems/memory-system.ts";
import { findOrder, listOrders, SHOP_TABLES } from "./shop-tables.ts";

/** A proven customer of the shop in the database. */
const mine = () => ({ ...verified("u123"), customerId: "c-1", emailOnFile: "ada@example.com" });

describe("a look-up in a database as a tool", () => {
  const told = "shows the customer's rows, and one and the same answer to everyone else";
  it(told, { skip: postgresMissing }, async (context) => {
    const database = await freshDatabase();
    context.after(() => database.drop());
    const owner = new pg.Client({ connectionString: database.url });
    await owner.connect();
    for (const statement of SHOP_TABLES) await owner.query(statement);
    await owner.end();
    const open = sqlClients({ text: () => database.url });
    const declared = findOrder("public");
    const client = open(declared.database);
    assert.equal(open(declared.database), client, "one client for a database");
    context.after(() => client.close());
    const ports = { ...memorySystem().ports, sqlOf: open };
    const tool = declaredReadTool(declared, ports);
    const ask = async (order_id: string, of = contextOf(mine())) =>
      tool.output.parse(await tool.run({ order_id }, of));
    const Mine = z.object({
      found: z.literal(true),
      records: z.array(z.object({ id: z.string() })),
    });
    assert.deepEqual(Mine.parse(await ask("o-1")).records, [{ id: "o-1" }]);
    const none = await ask("no-such-order");
    const outsiders = [
      contextOf({ ...mine(), customerId: "c-2" }),
      contextOf(STRANGER),
      contextOf({ ...mine(), level: 1 }),
      contextOf(mine(), { audience: "shared" }),
    ];
    for (const outsider of outsiders) assert.deepEqual(await ask("o-1", outsider), none);
  });

  it("without a setting for its address says which one is missing", async () => {
    const ports = {
      ...memorySystem().ports,
      sqlOf: sqlClients({ text: () => null }),
    };
    const tool = declaredReadTool(findOrder(null), ports);
    await assert.rejects(
      tool.run({ order_id: "o-1" }, contextOf(mine())),
      /SHOP_DATABASE_URL is not set/,
    );
  });
});

describe("a declaration of a look-up", () => {
  const order = findOrder(null);
  const problems = (tool: SqlReadDeclaration) =>
    checkDeclaration(tool, { declarations: [tool], builtInTools: [] }).map(
      ([field, reason]) => `${field}: ${reason}`,
    );

  it("that says whose rows it shows is accepted", () => {
    assert.deepEqual(problems(order), []);
    assert.deepEqual(problems(listOrders("public", "customer")), []);
  });

  const CASES: Readonly<Record<string, readonly [SqlReadDeclaration, RegExp]>> = {
    "lets the model fill in the customer": [
      { ...order, from: { ...order.from, lookUp: { customer_id: "order_id" } } },
      /customer_id says whose a row is; only code may fill it in/,
    ],
    "shows personal data to everyone": [
      { ...order, belongsTo: { by: "nothing", because: "none" } },
      /proves whose a row is/,
    ],
    "shows a customer's rows below level 2": [{ ...order, minimumLevel: 1 }, /need level 2/],
    "has an input that nothing is compared with": [
      { ...order, input: z.strictObject({ order_id: z.string(), any: z.string() }) },
      /any is compared with no column/,
    ],
    "selects what it does not parse": [
      { ...order, record: z.object({ id: z.string() }) },
      /has no number, which is selected/,
    ],
    "names a join that is not there": [
      { ...order, from: { ...order.from, joins: [] } },
      /no join called customer/,
    ],
  };
  for (const [what, [tool, reason]] of Object.entries(CASES))
    it(`that ${what} is refused`, () => assert.match(problems(tool).join("\n"), reason));
});
