/** `secrets rotate` at the command line: a lead changes a secret, and no value is ever printed. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { runCommand } from "#cli/program.ts";
import { acceptedKeys } from "#core/connection/signing-keys.ts";
import { diskBlobs } from "#store/blobs/shared-place.ts";
import { installationSecrets, SecretName } from "#store/db/installation-secrets.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { migratedDatabase } from "#test/store/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";

const LEAD = "Lea@OurShop.test";

test("a lead changes a secret, others do not, and no value is printed", async (context) => {
  const database = await migratedDatabase(MAIN_DATABASE);
  context.after(() => database.close());
  const { store, folder } = database;
  const clock = { now: () => new Date() };
  const secrets = await installationSecrets(store, clock);
  const outputs: string[] = [];
  const typed = async (...argv: string[]) => {
    const result = await runCommand(
      {
        store,
        clock,
        status: null,
        appUrl: null,
        policy: { kind: "file", name: SANDBOX_POLICY },
        personal: {
          blobs: diskBlobs(join(folder, "blobs")),
          ids: { next: (prefix) => `${prefix}_1` },
          secret: secrets.audit,
          listFile: "",
          spansFile: null,
          keep: { contentDays: 90, auditMonths: 24 },
        },
      },
      ["secrets", "rotate", ...argv],
    );
    outputs.push(result.stdout, result.stderr);
    return result;
  };
  assert.match((await typed("mail-links", "--as", "sam@ourshop.test")).stderr, /no lead/);
  assert.match((await typed("mail-links")).stderr, /--as/);
  assert.match((await typed("slack", "--as", LEAD)).stderr, /docs\/secrets\.md/);
  assert.match((await typed()).stdout, /^mail-links +1 +0 days ago +–$/m);
  assert.match(
    (await typed("mail-links", "--as", LEAD)).stdout,
    /^mail-links has generation 2 now\. Stop all processes .+ The one before is accepted until /,
  );
  assert.match((await typed()).stdout, /^mail-links +2 +0 days ago +20\d\d-/m);
  assert.match(
    (await typed("audit-names", "--as", LEAD)).stdout,
    /stays accepted, because what was made with it has no end/,
  );
  const now = await installationSecrets(store, clock);
  for (const name of SecretName.options)
    for (const value of acceptedKeys(now[name]))
      assert.ok(outputs.every((text) => !text.includes(value)));
});
