/** The benchmark's command over a tiny shop of our own: its expected calls through tools and ledger. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { retailCommand } from "#evals/tau2/command.ts";
import { expectedState } from "#evals/tau2/gold.ts";
import { OWN_EXPECTED, OWN_SHOP, ownFolder } from "./own-shop.ts";

async function run(argv: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const said = { out: "", err: "" };
  const code = await retailCommand(argv, {
    environment,
    print: (text) => (said.out += text),
    tell: (text) => (said.err += text),
    progress: () => undefined,
  });
  return { code, ...said };
}

test("the expected calls of every task end in the expected state, which is written out; a wrong expectation is named", async (context) => {
  const wrong = { ...OWN_EXPECTED.cancel, users: {} };
  const data = ownFolder(context, {
    "expected_changes.json": { ...OWN_EXPECTED, cancel: wrong },
  });
  const dump = join(data, "out");
  const { code, out, err } = await run(["--data", data, "--gold", "--dump", dump, "--json"]);
  assert.equal(code, 1);
  assert.equal(out, '{"tasks":2,"passed":1,"failed":1}\n');
  assert.match(err, /^task cancel:\n {2}users: ada_test_1 is /);
  for (const [id, expected] of Object.entries(OWN_EXPECTED)) {
    const state: unknown = JSON.parse(readFileSync(join(dump, `${id}.json`), "utf8"));
    const { orders, users } = expectedState(OWN_SHOP, { orders: {}, users: {} });
    assert.deepEqual(state, {
      products: OWN_SHOP.products,
      orders: { ...orders, ...expected.orders },
      users: { ...users, ...expected.users },
    });
  }
});

test("a folder without the benchmark's files is refused by the file's name", async () => {
  const { code, err } = await run(["--data", "/nowhere", "--gold"]);
  assert.equal(code, 2);
  assert.match(err, /\/nowhere\/db\.json: cannot be read\. Nothing was played/);
});
