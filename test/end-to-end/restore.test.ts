/** An old backup comes back: nothing that was done since is done again, and nothing that was asked is forgotten. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import { freshDatabase, postgresMissing } from "#test/support/postgres.ts";
import { shownText } from "#test/support/slack.ts";
import { until } from "#test/support/waiting.ts";

const ROOT = join(import.meta.dirname, "../..");
const ANN = "ann@customer.test";
const BOB = "bob@elsewhere.test";
const CARA = "cara@customer.test";

describe("restoring an old backup", { skip: postgresMissing, timeout: 110_000 }, () => {
  let deskhand: Deskhand;
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let backup = "";
  const rows = async (query: string): Promise<readonly Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      const answer: { rows: Record<string, unknown>[] } = await client.query(query);
      return answer.rows;
    } finally {
      await client.end();
    }
  };
  const outcomes = async (): Promise<string> => {
    const found = await rows(
      "select author_id, outcome, outcome_reason from message where author_kind = 'requester' order by author_id",
    );
    return JSON.stringify(found);
  };
  before(async () => {
    database = await freshDatabase();
    deskhand = await startDeskhand({ databaseUrl: database.url, undoSeconds: 1 });
    backup = join(deskhand.folder, "old.backup");
  });
  after(async () => {
    await deskhand.destroy();
    await database.drop();
  });

  test("what was answered and refunded since the backup is found, booked and not done again", async () => {
    // Waits on a card when the backup is taken, and is approved after it.
    await deskhand.mail(ANN, "My headphones broke, please refund order 789");
    const card = await deskhand.card((text) => text.includes("Refund 120.00 USD"));
    const written = await deskhand.command("backup", backup);
    assert.match(written.stdout, /Wrote .* rows of \d+ tables and 1 mails/, written.stderr);

    await deskhand.press("sam", card, "Approve");
    // Small enough for policy alone, and wholly unknown to the backup.
    await deskhand.mail(BOB, "My USB cable broke, please refund order 1002");
    await until("both answers", async () => {
      const sent = [await deskhand.mailbox(ANN), await deskhand.mailbox(BOB)];
      return sent.every((mails) => mails.length === 1);
    });
    // A mail that was sent and not yet copied to Sent would be another case: people look at it then.
    await until("both to be booked", async () => {
      const done = await rows("select key from effect where state = 'done' and key like 're%'");
      return done.length === 4;
    });
    await deskhand.kill();

    const restored = await promisify(execFile)(
      process.execPath,
      ["src/cli/main.ts", "restore", backup, "--replace"],
      {
        cwd: ROOT,
        env: {
          PATH: process.env["PATH"],
          DESKHAND_DATA: deskhand.folder,
          DATABASE_URL: database.url,
        },
      },
    );
    assert.match(restored.stdout, /Restored \d+ rows and 1 mails/);
    deskhand = await startDeskhand({
      databaseUrl: database.url,
      folder: deskhand.folder,
      undoSeconds: 1,
    });

    assert.match(deskhand.output(), /PAUSED: restored from a backup taken at/);
    const status = await deskhand.command("status");
    assert.match(status.stdout, /Paused by Deskhand itself \(restored from a backup/);
    // Asked while it stands still, so it has to wait, and then to be answered.
    await deskhand.mail(CARA, "Where is my order 2001?");
    await until(
      "everything from before to be booked",
      async () =>
        (await rows("select key from effect where state = 'done' and key like 're%'")).length === 4,
    );
    assert.equal((await deskhand.mailbox(CARA)).length, 0);

    assert.match((await deskhand.command("resume")).stdout, /Running/);
    const drafted = await deskhand.card((text) => text.includes("2001"));
    await deskhand.press("sam", drafted, "Send");
    await until("Cara's answer", async () => (await deskhand.mailbox(CARA)).length === 1);
    await delay(3_000);
    for (const address of [ANN, BOB, CARA])
      assert.equal((await deskhand.mailbox(address)).length, 1, `${address}: ${await outcomes()}`);
    assert.deepEqual(
      [await deskhand.order("789"), await deskhand.order("1002")].map(({ refunds }) =>
        refunds.map(({ amount }) => amount),
      ),
      [[120], [9]],
    );
    const ended = await rows("select outcome from message where author_kind = 'requester'");
    assert.deepEqual(
      ended.map(({ outcome }) => outcome),
      ["answered", "answered", "answered"],
      await outcomes(),
    );
    const told = (await deskhand.alerts()).map(shownText).join("\n");
    assert.match(told, /Everything is paused: restored from a backup/);
    assert.match(told, /Found after the restore and booked as done: a refund of 9.00 USD/);
    assert.match((await deskhand.command("audit", "verify")).stdout, /entries, head/);
  });
});
