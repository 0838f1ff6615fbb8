/**
 * A database and a policy of the version before the schema was put together start without a
 * question: what was open is decided, what was done stays done, and the record of it still verifies.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { gunzipSync } from "node:zlib";
import { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import { openState } from "#sandbox/shop/state.ts";
import { startDeskhand, DATABASES, type DatabaseKind } from "#test/support/deskhand.ts";
import { placeEmbedded } from "#test/support/embedded.ts";
import { freshDatabase } from "#test/support/postgres.ts";
import { until } from "#test/support/waiting.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

const PREVIOUS = join(import.meta.dirname, "../fixtures/previous-version");

/** pg_dump of that version, without comments: one reply sent, one refund of 120.00 USD waiting for a click. */
const DUMP = gunzipSync(readFileSync(join(PREVIOUS, "database.sql.gz"))).toString("utf8");

/**
 * The dump ages while cards expire, so its times are moved to today. The audit keeps its own: they are in its hashes.
 */
const MOVE_TO_TODAY = `
  set search_path to public;
  do $$
  declare
    spot record;
    age interval := now() - (select max(at) from audit);
  begin
    for spot in
      select table_name, column_name from information_schema.columns
      where table_schema = 'public' and data_type = 'timestamp with time zone' and table_name <> 'audit'
    loop
      execute format('update %I set %I = %I + $1', spot.table_name, spot.column_name, spot.column_name) using age;
    end loop;
  end $$;`;

/** When the dump was taken. */
const LEFT_AT = new Date("2026-11-21T14:55:04Z");

/**
 * The shop as it was then. The card names the day of delivery, and a refund is made only while the shop still names the
 * same day; the sample's days are counted from the day its shop is first opened.
 */
function placeShop(folder: string): void {
  openState(join(folder, "shop"), () => LEFT_AT, undefined);
}

/** A data folder and a database URL, empty for the embedded one, that hold what the version before left. */
async function previousData(context: TestContext, kind: DatabaseKind) {
  const folder = temporaryFolder(context);
  placeShop(folder);
  if (kind === "pglite") {
    placeEmbedded(folder, "empty");
    const database = await PGlite.create({ dataDir: join(folder, "pglite") });
    await database.exec(DUMP);
    await database.exec(MOVE_TO_TODAY);
    await database.close();
    return { folder, databaseUrl: "" };
  }
  const database = await freshDatabase();
  context.after(() => database.drop());
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(DUMP);
  await client.query(MOVE_TO_TODAY);
  await client.end();
  return { folder, databaseUrl: database.url };
}

describe("what the version before left", () => {
  for (const kind of DATABASES)
    test(`starts on ${kind}: the open card is decided, the old reply stays single, the audit verifies`, async (context) => {
      const deskhand = await startDeskhand({
        ...(await previousData(context, kind)),
        environment: { DESKHAND_POLICY: join(PREVIOUS, "policy.yaml") },
      });
      context.after(() => deskhand.destroy());
      const card = await deskhand.card((text) => text.includes("Refund 120.00 USD"));
      const before = await deskhand.command("audit", "verify");
      assert.equal(before.exitCode, 0, before.stderr);
      await deskhand.press("sam", card, "Approve");
      await until("the refund", async () => (await deskhand.order("789")).refunds.length === 1);
      const { stdout, exitCode } = await deskhand.command("audit", "verify");
      assert.equal(exitCode, 0, stdout);
      assert.deepEqual(await deskhand.mailbox("bob@example.com"), []);
      assert.equal(await deskhand.stop(), 0);
    });
});
