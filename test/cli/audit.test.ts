/** A head of the audit that was noted down shows what the chain alone cannot: that its end was written anew. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import type { CommandResult } from "#cli/control.ts";
import { runCommand } from "#cli/program.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { migratedDatabase, NOW } from "#test/store/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";

test("audit verify says whether a head noted earlier is still in the chain", async (context) => {
  const database = await migratedDatabase(MAIN_DATABASE);
  context.after(() => database.close());
  const { store } = database;
  const verify = (...options: string[]): Promise<CommandResult> =>
    runCommand({ store, clock: { now: () => NOW }, status: null, appUrl: null }, [
      "audit",
      "verify",
      ...options,
    ]);
  const append = (key: string): Promise<void> =>
    store.run((transaction) => appendAudit(transaction, { kind: "done", data: { key } }, NOW));
  const start = "0".repeat(64);
  assert.match((await verify("--head", start)).stdout, /still in the chain, at entry 0/);
  for (const key of ["a", "b"]) await append(key);
  const [, noted = ""] = /head ([0-9a-f]{64})/.exec((await verify()).stdout) ?? [];
  await append("c");

  const still = await verify("--head", noted.toUpperCase());
  assert.deepEqual([still.exitCode, still.stderr], [0, ""]);
  assert.match(still.stdout, /^3 entries, head [0-9a-f]{64}\nthe noted head is .* at entry 2\n$/);

  // An attacker who cuts the end off and writes it anew has a chain that is whole by itself.
  await store.run(async (transaction) => {
    await transaction.execute(sql`delete from audit where seq > 1`);
    await transaction.execute(
      sql`update setting set value = (select to_jsonb(hash) from audit) where name = 'audit.head'`,
    );
    await appendAudit(transaction, { kind: "done", data: { key: "forged" } }, NOW);
  });
  assert.equal((await verify()).exitCode, 0);
  const gone = await verify("--head", noted);
  assert.deepEqual([gone.exitCode, gone.stdout], [1, ""]);
  assert.match(gone.stderr, new RegExp(`does not contain the head ${noted}`));
  assert.match((await verify("--head", "abc")).stderr, /abc is no head/);
});
