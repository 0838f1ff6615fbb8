/** Fault of the database: it is restored from a backup while the outside world went on. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { BARE_ENVIRONMENT } from "#test/support/bare-environment.ts";
import type { FaultCase } from "#test/faults/case.ts";
import { queryPostgres } from "#test/faults/inside.ts";
import { inMailbox } from "#test/faults/outside.ts";
import type { Installation } from "#test/faults/installation.ts";
import { ANN, askRefund, BOB, CARA, REFUND_CARD, smallRefund } from "#test/faults/traffic.ts";
import { until } from "#test/support/waiting.ts";

const ROOT = join(import.meta.dirname, "../../..");

const restored: FaultCase = {
  id: 41,
  name: "an old backup is restored",
  async run(context) {
    const installation = await context.install();
    const before = installation.deskhand();
    const backup = join(before.folder, "old.backup");
    // Waits on a card when the backup is taken; answered and paid after it.
    await askRefund(installation);
    const card = await before.card((text) => text.includes(REFUND_CARD));
    assert.match((await before.command("backup", backup)).stdout, /^Wrote /);
    await before.press("sam", card, "Approve");
    // The backup does not contain this one.
    await smallRefund(installation);
    await mailsTo(installation, ANN, 1);
    await mailsTo(installation, BOB, 1);
    await until("all of it booked", () => installation.isSettled());
    // What proves a mail to a database that is older; it is filed behind the record that the mail was sent.
    await until("both answers in Sent", async () => (await mailsSent(installation)) === 2);
    await installation.kill();
    await restore(installation, before.folder, backup);

    await installation.start();
    // Written while Deskhand is paused: it waits, and is answered when work goes on.
    await installation.mail(CARA, "Phone", "Where is my order 2001?");
    await queryPostgres(installation.databaseUrl, (ask) =>
      until("what was done since to be booked", async () => {
        const rows = await ask(
          "select 1 from effect where state = 'done' and operation in ('refund', 'reply')",
        );
        return rows.length === 4;
      }),
    );
    const after = installation.deskhand();
    assert.equal((await after.mailbox(CARA)).length, 0, "it was paused, and answered");
    assert.match((await after.command("resume", "--as", "lea@ourshop.test")).stdout, /Running/);
    const draft = await after.card((text) => text.includes("2001"));
    await after.press("sam", draft, "Send");
    await mailsTo(installation, CARA, 1);
    await installation.judge();
    for (const address of [ANN, BOB, CARA])
      assert.equal((await after.mailbox(address)).length, 1, address);
    const ended = await queryPostgres(installation.databaseUrl, (ask) =>
      ask("select 1 from message where author_kind = 'requester' and outcome = 'answered'"),
    );
    assert.equal(ended.length, 3, "not every message counts as answered");
  },
};

async function mailsTo(installation: Installation, address: string, count: number): Promise<void> {
  await until(
    `the answer to ${address}`,
    async () => (await installation.deskhand().mailbox(address)).length >= count,
  );
}

/** How many mails the support mailbox has in Sent. */
async function mailsSent(installation: Installation): Promise<number> {
  const { email } = installation.deskhand().endpoints;
  assert.ok(email !== null);
  return inMailbox(email.imap, async (client) => {
    const status = await client.status("Sent", { messages: true });
    return status === false ? 0 : (status.messages ?? 0);
  });
}

/** Restores as an operator does, with no process running. */
async function restore(installation: Installation, folder: string, file: string): Promise<void> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["src/cli/main.ts", "restore", file, "--replace"],
    {
      cwd: ROOT,
      env: {
        ...BARE_ENVIRONMENT,
        DESKHAND_DATA: folder,
        DATABASE_URL: installation.databaseUrl,
      },
    },
  );
  assert.match(stdout, /Restored \d+ rows/);
}

export const cases: readonly FaultCase[] = [restored];
