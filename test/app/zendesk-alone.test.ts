/** A team with Zendesk alone: Deskhand starts without Slack, and the card is beside the ticket. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startSandboxZendesk, type SandboxZendesk } from "#sandbox/zendesk/index.ts";
import { openWith, pageWith, secretIn } from "#test/server/ticket/bench.ts";
import { startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import { askInHelpCenter } from "#test/support/help-center.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { until } from "#test/support/waiting.ts";

describe("a team with Zendesk alone", () => {
  let folder: string;
  let zendesk: SandboxZendesk;
  let deskhand: Deskhand;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "deskhand-alone-"));
    zendesk = await startSandboxZendesk({ directory: folder, now: () => new Date() });
    const { oauth, groups, app, webhookSecret } = zendesk;
    deskhand = await startDeskhand({
      environment: {
        ZENDESK_URL: zendesk.url,
        ZENDESK_WRITER_CLIENT_ID: oauth.writer.id,
        ZENDESK_WRITER_CLIENT_SECRET: oauth.writer.secret,
        ZENDESK_READER_CLIENT_ID: oauth.reader.id,
        ZENDESK_READER_CLIENT_SECRET: oauth.reader.secret,
        ZENDESK_WEBHOOK_SECRET: webhookSecret,
        ZENDESK_GROUP_BOT: String(groups.bot),
        ZENDESK_GROUP_TIER2: String(groups.tier2),
        ZENDESK_GROUP_SENSITIVE: String(groups.sensitive),
        ZENDESK_APP_INSTALLATION: String(app.installation),
        ZENDESK_APP_PEM: app.publicKey.replaceAll(/-----[A-Z ]+-----|\s/g, ""),
        DESKHAND_POLICY: SANDBOX_POLICY,
      },
    });
  });
  after(async () => {
    await deskhand?.destroy();
    await zendesk?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("starts with no Slack in which any user may approve, and shows the card of a ticket to its agents", async () => {
    const { url } = deskhand.endpoints.app;
    assert.equal(deskhand.endpoints.slack, null);
    zendesk.setWebhook(`${url}/webhooks/zendesk`, ["zen:event-type:ticket.created"]);
    zendesk.setAppPage(`${url}/zendesk/app`);
    const request = { subject: "Headphones", body: "Please refund order 789." };
    await askInHelpCenter(zendesk.url, "ann", request);
    const ticket = await (await fetch(`${zendesk.url}/agent/tickets/1`)).text();
    const token = /name="token" value="([^"]+)"/.exec(ticket)?.[1] ?? "";
    const page = pageWith(url, secretIn(await (await openWith(url, { token })).text()));
    assert.equal((await page.post("/ticket", { ticket: "1" })).status, 200);
    // Without a model, real customers are answered by no rule: the draft is shown and not sent.
    await until("the card", async () => /order 789/.test(await (await page.get("/state")).text()));
  });
});
