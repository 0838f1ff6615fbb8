/** A card without a decision: teammates on duty are reminded, it never approves itself, people take over. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pg from "pg";
import { labelsOf } from "#test/support/card-buttons.ts";
import { startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import { freshDatabase, postgresMissing } from "#test/support/postgres.ts";
import { buttonsOf, shownText } from "#test/support/slack.ts";
import { until } from "#test/support/waiting.ts";

const ANN = "ann@customer.test";

test("a card whose time is over", { skip: postgresMissing }, async (context) => {
  let deskhand: Deskhand;
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  before(async () => {
    database = await freshDatabase();
    deskhand = await startDeskhand({ databaseUrl: database.url, undoSeconds: 1 });
  });
  after(async () => {
    await deskhand.destroy();
    await database.drop();
  });

  const query = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(statement);
    await client.end();
  };

  await context.test(
    "is reminded of, expires, does nothing outside, and cannot be approved any more",
    async () => {
      await deskhand.mail(ANN, "My headphones broke, please refund order 789", { subject: "Late" });
      const card = await deskhand.card((text) => text.includes("Refund 120.00 USD"));
      const users = deskhand.endpoints.slack?.users ?? { sam: "", lea: "" };
      const alert = (words: RegExp) =>
        until("the alert", async () => {
          const found = (await deskhand.alerts()).filter((one) => words.test(JSON.stringify(one)));
          return found.length === 0 ? null : found;
        });
      // Four hours pass.
      await query("update approval set remind_at = now() - interval '1 second'");
      const [reminder] = await alert(/Still waiting for a decision: Refund 120\.00 USD/);
      for (const person of [users.sam, users.lea])
        assert.ok(JSON.stringify(reminder).includes(`<@${person}>`), "both are on duty");
      // Eight hours pass.
      await query("update approval set expires_at = now() - interval '1 second'");
      const expired = await until("the expired card", async () => {
        const text = shownText((await deskhand.cards()).find(({ ts }) => ts === card.ts) ?? card);
        return /Expired/.test(text) ? text : null;
      });
      assert.match(expired, /no teammate decided in time/);
      // Here no hours really passed, so that it is in the thread of the reminder, which mentions the lead already.
      const [told] = await alert(/Expired, no teammate decided in time: Refund 120\.00 USD/);
      assert.equal(told?.thread_ts, reminder?.ts);
      const channel = deskhand.endpoints.slack?.approvalsChannel ?? "";
      const sam = deskhand.endpoints.slack?.users.sam ?? "";
      const approve = buttonsOf(card)[labelsOf(card).indexOf("Approve")];
      assert.ok(approve?.action_id);
      // The button of the earlier screen, as a slow teammate would still press it.
      await deskhand.slack.clickAnything(sam, channel, card.ts, {
        action_id: approve.action_id,
        block_id: approve.block_id,
        value: String(approve["value"]),
      });
      await until("the hand-over", async () => {
        const listed = JSON.stringify(await deskhand.zendesk("admin", "/tickets.json"));
        return listed.includes("no teammate decided in time");
      });
      assert.deepEqual((await deskhand.order("789")).refunds, []);
      assert.equal((await deskhand.mailbox(ANN)).length, 0);
      assert.match(
        (await deskhand.command("trace")).stdout,
        /expired\s+no teammate decided in time/,
      );
      assert.equal((await alert(/Still waiting/)).length, 1);
    },
  );
});
