/** What a restored backup is cleaned of: what was erased, and not what an erased customer wrote later. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { sql } from "#store/db/drizzle.ts";
import { runCommand } from "#cli/program.ts";
import { diskBlobs } from "#store/blobs/shared-place.ts";
import { addMessages } from "#store/conversations/messages.ts";
import { rowsOf } from "#store/db/database.ts";
import { letterFrom } from "#test/jobs/memory-ports.ts";
import { migratedDatabase, NOW } from "#test/store/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { DAY_MS } from "#core/values/moment.ts";

test("a customer who was erased long ago and came back keeps the open question they have now", async (context) => {
  const database = await migratedDatabase(MAIN_DATABASE);
  context.after(() => database.close());
  const { store, folder } = database;
  const clock = { at: new Date(NOW.getTime() - 300 * DAY_MS), now: () => clock.at };
  const personal = {
    blobs: diskBlobs(join(folder, "blobs")),
    ids: { next: (prefix: string) => `${prefix}_${clock.at.getTime()}` },
    secret: "a secret of the test",
    listFile: join(folder, "erasures.jsonl"),
    spansFile: null,
    keep: { contentDays: 90, auditMonths: 24 },
  };
  const command = (...argv: string[]) => runCommand({ store, clock, personal }, argv);
  const write = (id: string) =>
    store.run(async (transaction) => {
      await transaction.execute(
        sql`insert into conversation (id, channel, created_at, updated_at) values (${id}, 'email', ${clock.at}, ${clock.at})`,
      );
      const author = { kind: "requester" as const, id: "email:ann@customer.test", name: "Ann" };
      await addMessages(
        transaction,
        id,
        [letterFrom(`mail:${id}`, "zebra", clock.at, { author })],
        clock.at,
      );
    });
  await write("c_old");
  assert.equal((await command("erase", "ann@customer.test", "--yes")).exitCode, 0);
  // Ten months later she is a customer again, and waits for an answer; the backup of last night has that.
  clock.at = NOW;
  await write("c_new");
  await command("erase", "--again", "--yes");
  const open = await store.run((transaction) =>
    rowsOf(
      transaction,
      z.object({ outcome: z.string().nullable(), author: z.string() }),
      sql`select outcome, author_id as author from message where conversation_id = 'c_new'`,
    ),
  );
  assert.deepEqual(open, [{ outcome: null, author: "email:ann@customer.test" }]);
});
