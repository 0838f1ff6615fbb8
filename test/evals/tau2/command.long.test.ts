/** The benchmark's command over a tiny shop of our own: its expected calls through tools and ledger. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { retailCommand } from "#evals/tau2/command.ts";
import { expectedState } from "#evals/tau2/gold.ts";
import { completion, json, provider } from "#test/support/model-provider.ts";
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

const Asked = z.looseObject({ tools: z.array(z.unknown()).optional() });

function calls(name: string, input: object) {
  const call = { id: "1", type: "function", function: { name, arguments: JSON.stringify(input) } };
  return { role: "assistant", content: null, tool_calls: [call] };
}

function says(content: string) {
  return { role: "assistant", content };
}

const CANCEL = calls("cancel_pending_order", { order_id: "#W3", reason: "ordered by mistake" });

test("a conversation of two models is judged by the shop at its end, and what the customer did not confirm is not done", async (context) => {
  // The first conversation asks for a yes and gets it; in the second the customer leaves without one.
  const agent = [
    calls("find_user_id_by_name_zip", { first_name: "Ada", last_name: "Test", zip: "97001" }),
    says("I would cancel #W3; 60.20 goes to your gift card. Do you confirm?"),
    CANCEL,
    says("#W3 is cancelled."),
    CANCEL,
    says("I would cancel #W3. Do you confirm?"),
  ];
  const customer = [
    says("I am Ada Test, 97001. #W3 was a mistake."),
    says("Yes, please."),
    says("###STOP###"),
    says("Cancel #W3 for Ada Test, 97001."),
    says("I will think about it. ###STOP###"),
  ];
  const refusals: boolean[] = [];
  const wire = await provider(context, (body, response) => {
    const { tools } = Asked.parse(JSON.parse(body));
    refusals.push(body.includes("tau2.unconfirmed"));
    const next = tools === undefined ? customer.shift() : agent.shift();
    if (next === undefined) json(response, 400, { error: { message: "nothing is left to say" } });
    else json(response, 200, completion(next));
  });
  const data = ownFolder(context);
  const { code, out, err } = await run(
    ["--data", data, "--only", "cancel", "-k", "2", "--dump", join(data, "out"), "--json"],
    { OPENAI_API_KEY: "any", OPENAI_BASE_URL: wire.url, DESKHAND_MODEL: "stand-in" },
  );
  assert.equal(err.split("\n")[0]?.slice(0, 23), "task cancel, trial 2: o", err);
  const report: unknown = JSON.parse(out);
  assert.deepEqual(report, {
    model: "stand-in",
    userModel: "stand-in",
    tasks: 1,
    trials: 2,
    pass: { "1": 0.5, "2": 0 },
    passAndTold: { "1": 0.5, "2": 0 },
    inputTokens: 42,
    outputTokens: 18,
    failed: ["cancel"],
  });
  assert.equal(code, 0);
  assert.ok(refusals.includes(true), "the model read why its call was not carried out");
  assert.deepEqual([agent.length, customer.length], [0, 0]);
  assert.match(readFileSync(join(data, "out", "cancel-1.json"), "utf8"), /"stateHolds": true/);
});
