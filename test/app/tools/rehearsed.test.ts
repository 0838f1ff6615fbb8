/** A rehearsal offers the tools of connected systems as any turn does, and nothing that they propose is sent. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { withParts } from "#app/commands/here.ts";
import { playTicket } from "#app/rehearsal/play.ts";
import { readConfig } from "#config/environment.ts";
import { startShop } from "#sandbox/shops/index.ts";
import { sandboxText } from "#test/policy/policy-files.ts";
import { pastTicket } from "#test/store/rehearsal/examples.ts";
import { sharedDatabase } from "#test/store/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { scriptedModel } from "#test/support/scripted-model.ts";

const TOOLS = join(import.meta.dirname, "../../../adapters/shops/stripe");
const RULE = `
  stripe_refund:
    rules:
      - { name: every, verdict: ask, reason: A person decides. }
`;
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

test("a past ticket is played with the connected shop: its records are read, a refund is proposed and not sent", async (context) => {
  const shop = await startShop("stripe");
  const folder = mkdtempSync(join(tmpdir(), "deskhand-rehearsed-"));
  const policy = join(folder, "policy.yaml");
  writeFileSync(policy, sandboxText.replace("\noperations:\n", `\noperations:${RULE}`));
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
      { app: { ...app, agentParts: { ...app.agentParts, model, verifier: null } }, as: null },
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
