/** Tests of procedures are played where no Deskhand runs, as in CI, and leave nothing behind but their result. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { partsHere, withParts } from "#app/commands/here.ts";
import { randomIds } from "#app/random-ids.ts";
import { runCommand } from "#cli/program.ts";
import { readConfig } from "#config/environment.ts";
import { checkPolicyFile } from "#jobs/policy/change.ts";
import { sql } from "#store/db/drizzle.ts";
import { approval, effect } from "#store/db/schema.ts";
import { procedureVersions } from "#store/procedures/versions.ts";
import { sandboxText } from "#test/policy/policy-files.ts";
import { procedureText } from "#test/procedures/world.ts";
import { sharedDatabase } from "#test/store/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

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
  const [version] = await store.run((transaction) => procedureVersions(transaction, "wrong"));
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
