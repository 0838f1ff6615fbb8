/** The process dies at each edge of the ledger and comes back: exactly one refund, exactly one reply. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { DATABASES, startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { freshDatabase } from "#test/support/postgres.ts";

const ANN = "ann@customer.test";

/** Where the process is killed, and whether the card was already approved by then. */
const EDGES = [
  { at: "turn:before-commit", approved: false },
  { at: "turn:after-commit", approved: false },
  { at: "effect:intended:refund", approved: true },
  { at: "effect:executing:refund", approved: true },
  { at: "effect:committed:refund", approved: true },
  { at: "effect:done:refund", approved: true },
  { at: "effect:executing:reply", approved: true },
  { at: "effect:committed:reply", approved: true },
  { at: "effect:done:reply", approved: true },
] as const;

for (const database of DATABASES)
  describe(`killed at an edge of the ledger, on ${database}`, { concurrency: 2 }, () => {
    for (const { at, approved } of EDGES)
      test(`${at}: one refund and one reply after the restart`, async () => {
        const own = database === "postgres" ? await freshDatabase() : null;
        const where = { database, databaseUrl: own?.url ?? "" };
        const first = await startDeskhand({
          ...where,
          undoSeconds: 1,
          environment: { DESKHAND_CRASH_AT: at },
        });
        let second: Deskhand | null = null;
        try {
          await first.mail(ANN, "My headphones broke, please refund order 789");
          if (approved) {
            const card = await first.card((text) => text.includes("Refund 120.00 USD"));
            await first.press("sam", card, "Approve");
          }
          await first.ended();
          first.slack.close();
          second = await startDeskhand({ ...where, undoSeconds: 1, folder: first.folder });
          if (!approved) {
            const card = await second.card((text) => text.includes("Refund 120.00 USD"));
            await second.press("sam", card, "Approve");
          }
          await assertOnce(second);
        } finally {
          await (second ?? first).destroy();
          await own?.drop();
        }
      });
  });

/** Waits for the reply, then a while longer, in which nothing may come twice. */
async function assertOnce(deskhand: Deskhand): Promise<void> {
  await until("the reply", async () => (await deskhand.mailbox(ANN)).length > 0);
  await delay(2_500);
  assert.equal((await deskhand.mailbox(ANN)).length, 1, deskhand.output());
  const { refunds } = await deskhand.order("789");
  assert.deepEqual(
    refunds.map(({ amount }) => amount),
    [120],
  );
}
