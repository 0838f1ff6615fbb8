/** The commands about tools where no Deskhand runs: they call as the bot would, and leave nothing behind. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { toolsHere } from "#app/tools/shelf.ts";
import { runCommand } from "#cli/program.ts";
import { policySourceOf } from "#config/policy-file.ts";
import { readConfig } from "#config/environment.ts";
import { openStore } from "#store/db/database.ts";
import { migrate } from "#store/db/migrate.ts";
import { approval, effect } from "#store/db/schema.ts";
import { placeEmbedded } from "#test/support/embedded.ts";

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

test("tools are listed with what the policy says, look-ups show what the model reads, and changes are only shown", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-tools-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const config = readConfig({ DESKHAND_DATA: join(folder, "data") });
  placeEmbedded(config.dataFolder, "migrated");
  const store = await openStore({ databaseUrl: null, folder: config.dataFolder, log: quiet });
  context.after(() => store.close());
  await migrate(store);
  const tools = toolsHere(config, store, quiet);
  const clock = { now: () => new Date() };
  const source = { source: policySourceOf(config), reload: null };
  const run = (...argv: string[]) =>
    runCommand({ store, clock, status: null, appUrl: null, tools }, ["tools", ...argv], source);

  const listed = await run("list", "--columns", "60");
  assert.match(listed.stdout, /issue_refund: proposes refund, built in, from identity level\s+2/);
  assert.match(listed.stdout, /policy: above 1000\.00 USD: it is refused/);
  assert.ok(
    listed.stdout.split("\n").every((line) => line.length <= 60),
    listed.stdout,
  );

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
