/** The policy file and the procedures as they are on the disk while a process runs: `doctor` and `status` name what cannot be used. */

import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { brokenFiles } from "#app/commands/command-parts.ts";
import { readConfig } from "#config/environment.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { brokenFileFindings } from "#doctor/probes.ts";
import { sandboxText } from "#test/policy/policy-files.ts";
import { procedureText } from "#test/procedures/world.ts";
import { migratedDatabase, sharedDatabase } from "#test/store/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

test("doctor lists the mistakes of the policy file and of procedures, status says which cannot be used", async (context) => {
  const folder = temporaryFolder(context);
  const policy = join(folder, "policy.yaml");
  writeFileSync(policy, sandboxText);
  const config = readConfig({ DESKHAND_DATA: folder, DESKHAND_POLICY: policy });
  const database = await migratedDatabase(MAIN_DATABASE);
  context.after(() => database.close());
  const { store } = database;
  const look = (requireRules = () => undefined) => brokenFiles(config, { store, requireRules });
  assert.deepEqual(await look(), []);

  writeFileSync(policy, sandboxText.replace("\noperations:", "\noperatoins:"));
  const [broken] = await brokenFileFindings(look);
  assert.match(broken?.found ?? "", /policy\.yaml[^]*operatoins/);

  writeFileSync(policy, sandboxText);
  // The folder is made after the start.
  const procedures = join(folder, "procedures");
  mkdirSync(procedures);
  writeFileSync(join(procedures, "mine.md"), procedureText({ steps: "1. Call @nothing." }));
  const files = await look();
  const [finding, ...more] = await brokenFileFindings(async () => files);
  assert.deepEqual(more, []);
  assert.deepEqual([finding?.state, finding?.check], ["problem", "procedures"]);
  assert.match(
    finding?.found ?? "",
    /what is in force stays:\nmine\.md:8 there is no tool nothing/,
  );
  rmSync(procedures, { recursive: true });
  assert.deepEqual(
    await look(() => {
      throw new DeskhandError("policy.invalid", "refund has no rule");
    }),
    [{ what: "policy file", mistakes: ["refund has no rule"], check: `policy check ${policy}` }],
  );
});

test("procedures may name the tools of one's own systems, and not those of a sample shop that they replace", async (context) => {
  const procedures = temporaryFolder(context);
  const config = readConfig({
    DESKHAND_DATA: temporaryFolder(context),
    DESKHAND_PROCEDURES: procedures,
    TOOLS: join(import.meta.dirname, "../../adapters/shops/stripe"),
  });
  const { opened } = await sharedDatabase(MAIN_DATABASE);
  context.after(() => opened.close());
  const file = (tool: string) =>
    procedureText({ tools: `[${tool}]`, steps: `1. Look it up with @${tool}.` });
  writeFileSync(join(procedures, "own.md"), file("stripe_payments"));
  const look = () =>
    brokenFiles(config, { store: opened.store, requireRules: () => undefined }).then((files) =>
      files.flatMap(({ mistakes }) => mistakes),
    );
  assert.deepEqual(await look(), []);
  writeFileSync(join(procedures, "sample.md"), file("list_orders"));
  assert.match((await look()).join("\n"), /^sample\.md:\d+ there is no tool list_orders/);
});
