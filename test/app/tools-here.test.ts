/** Tools, procedures and rehearsals where no Deskhand runs: they are called as the bot would, and leave nothing behind. */

import assert from "node:assert/strict";
import { writeFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { partsHere, withParts } from "#app/commands/here.ts";
import { runCommand } from "#cli/program.ts";
import { readConfig } from "#config/environment.ts";
import { startShop } from "#sandbox/shops/index.ts";
import { approval, effect } from "#store/db/schema.ts";
import { sandboxText } from "#test/policy/policy-files.ts";
import { sharedDatabase } from "#test/store/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { REAL_ENVIRONMENT } from "#test/support/real-parts.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import { randomIds } from "#app/shared-clock.ts";
import { checkPolicyFile } from "#jobs/policy/change.ts";
import { sql } from "#store/db/drizzle.ts";
import { procedureVersions } from "#store/procedures/versions.ts";
import { procedureText } from "#test/procedures/world.ts";
import { rehearsalDesk } from "#app/public-routes.ts";
import { listRehearsals } from "#store/rehearsal/rehearsals.ts";
import { until } from "#test/support/waiting.ts";
import { tmpdir } from "node:os";
import { playTicket } from "#app/rehearsal/play.ts";
import { pastTicket } from "#test/store/rehearsal/examples.ts";
import { scriptedModel } from "#test/support/scripted-model.ts";

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

test("the sample shop's help pages are found beside samples alone, and never beside a mailbox and systems of your own", async (context) => {
  const data = temporaryFolder(context);
  const { opened } = await sharedDatabase(MAIN_DATABASE);
  context.after(() => opened.close());
  const { store } = opened;
  const found = async (more: Readonly<Record<string, string>>) => {
    const config = readConfig({ DESKHAND_DATA: data, EMBEDDINGS: "off", ...more });
    const here = { config, store, log: quiet };
    const signal = new AbortController().signal;
    const passages = await withParts(here, ({ knowledge }) =>
      knowledge.search("How long may I return something?", 3, signal),
    );
    const { pages } = (await partsHere(here, () => undefined).procedures?.world()) ?? {};
    return { isNamed: pages?.has("returns"), passages: passages.length };
  };
  const { SHOP_URL: _url, SHOP_KEY: _key, ...real } = REAL_ENVIRONMENT;
  const shop = await startShop("stripe");
  context.after(() => shop.close());
  const policy = join(data, "policy.yaml");
  writeFileSync(policy, sandboxText.replace("\noperations:\n", `\noperations:${RULE}`));
  const own = { ...real, ...shop.settings, TOOLS, DESKHAND_POLICY: policy };
  assert.deepEqual(await found({}), { isNamed: true, passages: 3 });
  assert.deepEqual(await found(own), { isNamed: false, passages: 0 });
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
  for (const wrong of ["{order_id", "[456]"]) {
    const bad = await run("try", "get_order_status", "--as", "u456", "--input", wrong);
    assert.deepEqual([bad.exitCode, bad.stdout], [1, ""]);
    assert.match(bad.stderr, /--input is no JSON object such as .* nothing was called/);
  }
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

const TESTS = [
  "### A refund is proposed",
  "- customer is: ann@customer.test",
  "- customer says: Please refund order 789, the headphones are broken.",
  "- expects action: refund",
].join("\n");

test("a procedure is tested without a running Deskhand, with the sample shop, and nothing is done", async (context) => {
  const folder = temporaryFolder(context);
  const procedures = join(folder, "procedures");
  mkdirSync(procedures);
  writeFileSync(join(procedures, "good.md"), procedureText({ tests: TESTS }));
  const wrong = TESTS.replace("expects action", "expects no action");
  writeFileSync(join(procedures, "wrong.md"), procedureText({ tests: wrong }));
  const config = readConfig({
    DESKHAND_DATA: join(folder, "data"),
    DESKHAND_PROCEDURES: procedures,
  });
  const { opened } = await sharedDatabase(MAIN_DATABASE);
  context.after(() => opened.close());
  const { store } = opened;
  const run = (name: string) =>
    runCommand(
      partsHere({ config, store, log: quiet }, () => undefined),
      ["procedures", "check", "--test", name],
    );
  const good = await run("good");
  assert.equal(good.exitCode, 0, good.stderr);
  assert.match(good.stdout, /passed {2}A refund is proposed[^]*with the rehearsal rules/);
  const failed = await run("wrong");
  assert.equal(failed.exitCode, 1);
  assert.match(
    failed.stderr,
    /FAILED {2}A refund is proposed[^]*line 14 expects no action: refund/,
  );
  const [version] = await store.run(procedureVersions, "wrong");
  assert.match(version?.testLines.join() ?? "", /FAILED/);
  const left = await store.run(async (transaction) => [
    ...(await transaction.select().from(approval)),
    ...(await transaction.select().from(effect)),
  ]);
  assert.deepEqual(left, []);
});

test("a policy that an older version of Deskhand brought into force has the version it is stored by", async (context) => {
  const config = readConfig({ DESKHAND_DATA: temporaryFolder(context) });
  const { opened } = await sharedDatabase(MAIN_DATABASE);
  context.after(() => opened.close());
  const { store } = opened;
  const parts = { store, clock: { now: () => new Date() }, ids: randomIds };
  await checkPolicyFile(parts, { kind: "built-in", name: "sandbox.yaml" }, sandboxText, "start");
  await store.run((transaction) =>
    transaction.execute(sql`update policy_change set version = 'older'`),
  );
  const version = await withParts(
    { config, store, log: quiet },
    async ({ policy }) => policy.version,
  );
  assert.equal(version, "older");
});

test("the trial's solved tickets are played to their end, and none are begun beside them", async (context) => {
  const config = readConfig({ DESKHAND_DATA: temporaryFolder(context), EMBEDDINGS: "off" });
  const { opened } = await sharedDatabase(MAIN_DATABASE);
  context.after(() => opened.close());
  const { store } = opened;
  await withParts({ config, store, log: quiet }, async (parts) => {
    const desk = rehearsalDesk(config, parts);
    assert.equal(desk.source, "40 solved tickets of the sample shop");
    assert.equal(desk.progress(), "");
    desk.start();
    assert.throws(() => desk.start(), /runs already/);
    await until("the rehearsal", async () => desk.progress().startsWith("The rehearsal"));
    assert.equal(desk.progress(), "The rehearsal is done.");
    const [kept] = await store.run(listRehearsals, 2);
    assert.deepEqual(
      [kept?.state, kept?.tickets, kept?.summary?.overall.tickets],
      ["done", 40, 40],
    );
    desk.start();
  });
});

const PAST_RULE = `
  stripe_refund:
    rules:
      - { name: every, verdict: ask, reason: A person decides. }
`;
test("a past ticket is played with the connected shop: its records are read, a refund is proposed and not sent", async (context) => {
  const shop = await startShop("stripe");
  const folder = mkdtempSync(join(tmpdir(), "deskhand-rehearsed-"));
  const policy = join(folder, "policy.yaml");
  writeFileSync(policy, sandboxText.replace("\noperations:\n", `\noperations:${PAST_RULE}`));
  const config = readConfig({
    ...shop.settings,
    DESKHAND_DATA: join(folder, "data"),
    DESKHAND_POLICY: policy,
    TOOLS,
  });
  const { opened } = await sharedDatabase(MAIN_DATABASE);
  const { store } = opened;
  context.after(async () => {
    await opened.close();
    await shop.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const model = scriptedModel([
    { calls: [{ name: "stripe_payments", input: {} }] },
    {
      calls: [{ name: "refund_stripe_payment", input: { payment_id: "pi_1001", amount: "25.00" } }],
    },
    {
      calls: [
        {
          name: "escalate",
          input: { reason: "other", summary: "A refund.", answer: "", unanswered: [], topic: null },
        },
      ],
    },
  ]);
  const ticket = pastTicket({
    identity: {
      level: 2,
      method: "dkim",
      reason: "signed",
      handle: { kind: "email", email: "ann@customer.test" },
    },
    messages: [
      {
        by: "customer",
        name: "Ann",
        text: "Please refund 25.00 of my payment pi_1001.",
        at: "2026-10-05T10:00:00.000Z",
      },
    ],
  });
  const { played } = await withParts({ config, store, log: quiet }, (app) =>
    playTicket(
      {
        app: { ...app, agentParts: { ...app.agentParts, model, verifier: null } },
        policy: app.policy,
      },
      ticket,
      new AbortController().signal,
    ),
  );
  const [first] = model.requests;
  const offered = first?.tools.map(({ name }) => name) ?? [];
  assert.ok(offered.includes("stripe_payments"), offered.join());
  assert.ok(!offered.includes("issue_refund"), "the sample shop's tools are not offered");
  const told = model.requests.at(1)?.messages.at(-1)?.content ?? "";
  assert.match(told, /pi_1001/);
  assert.match(model.requests.at(2)?.messages.at(-1)?.content ?? "", /proposed/);
  assert.equal(played.accountData, "today");
  assert.deepEqual(shop.refunds(), []);
  model.assertUsedUp();
});
