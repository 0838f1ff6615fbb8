/** A backup is made where it is typed, also beside a process that runs and sees other disks. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startControl } from "#cli/control.ts";
import { diskBlobs, sharedPlace } from "#store/blobs/shared-place.ts";
import { lockDataFolder } from "#store/db/data-folder.ts";
import { sql } from "#store/db/drizzle.ts";
import { typed } from "#test/cli/typed-command.ts";
import { migratedDatabase } from "#test/store/bench.ts";
import { postgresMissing } from "#test/support/postgres.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

test(
  "beside a process that runs, and with the place for mails that the processes use",
  { skip: postgresMissing },
  async (context) => {
    const database = await migratedDatabase("postgres");
    context.after(() => database.close());
    const folder = temporaryFolder(context);
    const [data, blobs] = [join(folder, "data"), join(folder, "blobs")];
    mkdirSync(data);
    const { store, databaseUrl } = database;
    await sharedPlace(store, diskBlobs(blobs)).begin();
    await store.run(async (transaction) => {
      await transaction.execute(
        sql`insert into conversation (id, channel, created_at, updated_at) values ('a', 'email', now(), now())`,
      );
      await transaction.execute(
        sql`insert into hint (channel, event_id, conversation_id, kind, payload, body_ref, received_at)
            values ('email', 'e', 'a', 'message', '{}', ${randomUUID()}, now())`,
      );
    });
    const lock = lockDataFolder(data);
    const running = { stdout: "Wrote it in a /tmp of its own.\n", stderr: "", exitCode: 0 };
    const control = await startControl(data, async () => running);
    context.after(async () => {
      await control.close();
      lock.release();
    });
    const backup = (file: string, place: string) =>
      typed(data, ["backup", file], {
        cwd: folder,
        environment: { DATABASE_URL: databaseUrl ?? "", DESKHAND_BLOBS: place },
      });
    const written = await backup("night", blobs);
    assert.match(written.stdout, /^Wrote .*night: /, written.stderr);
    assert.ok(existsSync(join(folder, "night")));
    const nowhere = await backup("nope/x/night", blobs);
    assert.equal(nowhere.exitCode, 1);
    assert.match(nowhere.stderr, /nope\/x is not there: make that folder first, or name another/);
    const wrong = await backup("other", join(folder, "elsewhere"));
    assert.match(wrong.stderr, /is not the place for mails that the other processes use/);
  },
);
