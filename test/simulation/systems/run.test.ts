import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openSql } from "#systems/sql/open.ts";
import { mariadbMissing, startMariaDb } from "#test/support/mariadb.ts";
import { SHOP_TABLES_OF_MYSQL } from "#test/systems/sql/shop-tables.ts";
import { measureSystems } from "./run.ts";
import { measureTables } from "./tables.ts";
import { TOOLS } from "./world.ts";

describe("records of other customers behind connected tools", () => {
  test("no attempt reads one, and none is told from one that is not there", async () => {
    const { failures, attempts, own_shown } = await measureSystems();
    assert.deepEqual(failures, []);
    assert.ok(attempts >= 300);
    assert.equal(own_shown, TOOLS.length);
  });

  test("a tool that proves nothing is seen to disclose", async () => {
    const [tool] = TOOLS;
    assert.ok(tool?.kind === "read");
    const open = { ...tool, belongsTo: { by: "nothing", because: "forgotten" } } as const;
    const { disclosed, told_apart } = await measureSystems([open]);
    assert.ok(disclosed > 0);
    assert.ok(told_apart > 0);
  });
});

describe("rows of other customers in a database of MySQL", { skip: mariadbMissing }, () => {
  test("no attempt reads one, and the customer reads their own", async (context) => {
    const server = await startMariaDb();
    context.after(() => server.stop());
    for (const statement of SHOP_TABLES_OF_MYSQL) await server.execute(statement);
    const client = openSql({ name: "shop", address: server.owner, timeoutMs: 10_000 });
    const { attempts, disclosed, own } = await measureTables(client, null);
    assert.ok(attempts >= 300, String(attempts));
    assert.equal(disclosed, 0);
    assert.equal(own, 5, "one order by its id, and both by each way of the address");
  });
});
