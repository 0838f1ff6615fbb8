/** The commands about tools where no Deskhand runs: they call as the bot would, and leave nothing behind. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { partsHere } from "#app/commands/here.ts";
import { runCommand } from "#cli/program.ts";
import { readConfig } from "#config/environment.ts";
import { startShop } from "#sandbox/shops/index.ts";
import { approval, effect } from "#store/db/schema.ts";
import { sandboxText } from "#test/policy/policy-files.ts";
import { sharedDatabase } from "#test/store/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

const TOOLS = join(import.meta.dirname, "../../adapters/shops/stripe");
const RULE = `
  stripe_refund:
    rules:
      - name: every
        verdict: ask
        reason: Every movement of money is approved by a person.
`;

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** The command in an installation of its own, with these settings beside its folder. */
async function installed(
  context: TestContext,
  settings: (folder: string) => Readonly<Record<string, string>> = () => ({}),
) {
  const folder = temporaryFolder(context);
  const config = readConfig({ DESKHAND_DATA: join(folder, "data"), ...settings(folder) });
  const { opened } = await sharedDatabase(MAIN_DATABASE);
  context.after(() => opened.close());
  const { store } = opened;
  const parts = partsHere({ config, store, log: quiet }, () => undefined);
  const run = (...argv: string[]) => runCommand(parts, ["tools", ...argv]);
  return { run, store };
}

test("a connected shop takes the place of the sample shop, is checked, and shows what would be sent to it", async (context) => {
  const shop = await startShop("stripe");
  context.after(() => shop.close());
  const { run } = await installed(context, (folder) => {
    const policy = join(folder, "policy.yaml");
    writeFileSync(policy, sandboxText.replace("\noperations:\n", `\noperations:${RULE}`));
    return { ...shop.settings, TOOLS, DESKHAND_POLICY: policy };
  });
  const checked = await run("check");
  assert.equal(checked.exitCode, 0, checked.stderr);
  assert.match(checked.stdout, /as the next start would/);
  assert.match(checked.stdout, /✓ [^]*stripe: 4 tools pass every check\.\n✓ Stripe: It answers/);
  const ofTheSample = await run("try", "issue_refund", "--as", "ann@customer.test");
  assert.equal(ofTheSample.exitCode, 1);
  assert.match(ofTheSample.stderr, /issue_refund/);
  const input = JSON.stringify({ payment_id: "pi_1001", amount: "25.00" });
  const asked = ["--as", "ann@customer.test", "--saying", "Refund pi_1001", "--input", input];
  const tried = await run("try", "refund_stripe_payment", ...asked);
  assert.match(tried.stdout, /one person approves[^]*POST [^]*\[STRIPE_KEY\][^]*amount=2500/);
  const strange = await run("try", "stripe_payments", "--as", "carl@nowhere.test");
  assert.match(strange.stdout, /^Bound to email:carl@nowhere\.test[^]*"found":false/);
  assert.deepEqual(shop.refunds(), []);
});

test("a check says in words what is wrong, also with what keeps Deskhand from starting", async (context) => {
  const wrong = await installed(context, () => ({ TOOLS }));
  const { stderr, exitCode } = await wrong.run("check");
  assert.equal(exitCode, 1);
  assert.match(stderr, /✗ [^]*the policy has no rule for: stripe_refund/);
});

test("look-ups show what the model reads, and changes are only shown", async (context) => {
  const { run, store } = await installed(context);
  const input = '{"order_id":"456"}';
  const own = await run("try", "get_order_status", "--as", "ann@customer.test", "--input", input);
  assert.match(own.stdout, /^Bound to u123, ann@customer\.test\.[^]*<<data [^]*desk\^lamp/);
  const strange = await run("try", "get_order_status", "--as", "u456", "--input", input);
  assert.match(strange.stdout, /"found":false[^]*no\^such\^order/);
  assert.doesNotMatch(strange.stdout, /lamp/);

  const asked = ["--as", "ann@customer.test", "--saying", "Please cancel order 456", "--json"];
  const cancelled = await run("try", "cancel_order", "--input", input, ...asked);
  assert.match(cancelled.stdout, /"verdict": "ask"[^]*"key"|"key"[^]*"verdict": "ask"/);
  const ending = await run("try", "reply", "--as", "u123");
  assert.match(ending.stderr, /ends a turn[^]*Nothing was called/);
  assert.match((await run("try", "none", "--as", "u123")).stderr, /There is no tool none/);

  const left = await store.run(async (transaction) => [
    ...(await transaction.select().from(approval)),
    ...(await transaction.select().from(effect)),
  ]);
  assert.deepEqual(left, []);
});
