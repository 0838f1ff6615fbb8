/** The imported tools of the sample shop, against the sample shop itself. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { z } from "zod";
import { startSampleShop } from "#sandbox/shop/index.ts";
import type { ReadDeclaration } from "#systems/contract.ts";
import { declaredReadTool, declaredWriteTool } from "#systems/declared-tools.ts";
import { systemTarget } from "#systems/target.ts";
import { checkDeclaration } from "#systems/check-declaration.ts";
import { ANN, carriedOut, plannedIn, portsFor } from "./connected.ts";
import { readyMadeTools } from "./shops.ts";

const tools = readyMadeTools("sample-shop");

function readCalled(name: string): ReadDeclaration {
  const found = tools.find((one) => one.name === name);
  assert.ok(found?.kind === "read", name);
  return found;
}

async function sampleShop(context: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "sample-shop-"));
  const shop = await startSampleShop({
    directory,
    now: () => new Date(),
    sendMail: async () => undefined,
  });
  context.after(async () => {
    await shop.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const headers = { authorization: `Bearer ${shop.key}`, "content-type": "application/json" };
  return {
    ports: portsFor({ OURSHOP_ADDRESS: shop.url, OURSHOP_KEY: shop.key }, tools),
    lose: () =>
      fetch(`${shop.url}/_sandbox/faults`, {
        method: "POST",
        headers,
        body: JSON.stringify({ fault: "lost_response", times: 1 }),
      }),
    refunds: async () => {
      const answered = await fetch(`${shop.url}/orders/456/refunds`, { headers });
      return z.array(z.looseObject({ amount: z.number() })).parse(await answered.json());
    },
  };
}

test("the imported tools pass every check", () => {
  const surroundings = { declarations: tools, builtInTools: [] };
  for (const tool of tools) assert.deepEqual(checkDeclaration(tool, surroundings), []);
});

test("they show the customer's order and its payment, and a stranger's is the same as none", async (context) => {
  const { ports } = await sampleShop(context);
  for (const [name, shown] of [
    ["ourshop_order", /desk lamp/],
    ["ourshop_payments", /card/],
  ] as const) {
    const tool = declaredReadTool(readCalled(name), ports);
    assert.match(JSON.stringify(await tool.run({ id: "456" }, ANN)), shown);
    const strange = await tool.run({ id: "789" }, { ...ANN, requester: BOB });
    assert.deepEqual(strange, await tool.run({ id: "nothing" }, { ...ANN, requester: BOB }));
    assert.match(JSON.stringify(strange), /"found":false/);
  }
  const listed = await declaredReadTool(readCalled("ourshop_orders"), ports).run({}, ANN);
  assert.doesNotMatch(JSON.stringify(listed), /u456/);
});

const BOB = { ...ANN.requester, customerId: "u456", emailOnFile: "bob@elsewhere.test" };

test("a refund whose answer is lost is found again and not made twice", async (context) => {
  const { ports, lose, refunds } = await sampleShop(context);
  const refund = tools.find(({ name }) => name === "refund_ourshop_order");
  assert.ok(refund?.kind === "write");
  const tool = declaredWriteTool(refund, ports);
  const planned = plannedIn(await tool.propose({ id: "456", amount: "20.50" }, ANN));
  await lose();
  const ended = await carriedOut(systemTarget([refund], ports), planned);
  assert.equal(ended.state, "done");
  assert.deepEqual(
    (await refunds()).map(({ amount }) => amount),
    [20.5],
  );
});
