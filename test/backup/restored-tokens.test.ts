/** Which vendor's token holds after a restore over the database of another installation. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { diskBlobs } from "#store/blobs/shared-place.ts";
import { backupFile } from "#store/backup/backup-file.ts";
import { restoreBackup } from "#store/backup/restore.ts";
import { writeBackup } from "#store/backup/backup.ts";
import { installationSecrets } from "#store/db/installation-secrets.ts";
import { storedTokenVault } from "#store/db/settings.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { migratedDatabase } from "#test/store/bench.ts";

const CLOCK = { now: () => new Date() };

for (const [which, firstAt, holds] of [
  [
    "begun after the backup keeps its own, however often the other was renewed",
    "2999-01-01",
    "own",
  ],
  ["begun before the backup gives way, however often its own was renewed", "2000-01-01", "backup"],
] as const)
  test(`an installation ${which}`, async (context) => {
    const folder = await mkdtemp(join(tmpdir(), "deskhand-tokens-"));
    const [source, goal] = [
      await migratedDatabase(MAIN_DATABASE),
      await migratedDatabase(MAIN_DATABASE),
    ];
    context.after(async () => {
      await Promise.all([source.close(), goal.close()]);
      await rm(folder, { recursive: true, force: true });
    });
    const [often, seldom] = holds === "own" ? [source, goal] : [goal, source];
    for (const [database, value] of [
      [source, "backup"],
      [goal, "own"],
    ] as const) {
      await installationSecrets(database.store, CLOCK);
      const vault = storedTokenVault(database.store);
      await vault.claim("zendesk writer", 0);
      await vault.put("zendesk writer", 0, value);
    }
    await storedTokenVault(often.store).put(
      "zendesk writer",
      1,
      often === source ? "backup" : "own",
    );
    assert.equal((await storedTokenVault(seldom.store).read("zendesk writer")).generation, 1);
    const at = JSON.stringify(`${firstAt}T00:00:00.000Z`);
    await goal.store.run((transaction) =>
      transaction.execute(
        sql`update setting set value = jsonb_set(value, '{firstAt}', ${at}::jsonb) where name = 'secrets.generations'`,
      ),
    );
    const file = join(folder, "backup");
    const both = { storage: diskBlobs(join(folder, "blobs")), progress: () => undefined };
    await writeBackup(source.store, { ...both, target: backupFile(file) });
    const from = { source: backupFile(file), replace: true, worker: "here" };
    await restoreBackup(goal.store, { ...both, ...from });
    assert.equal((await storedTokenVault(goal.store).read("zendesk writer")).value, holds);
  });
