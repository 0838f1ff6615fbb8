/** Running it: pause and resume, stop and start again, a second instance, and malformed input. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { BARE_ENVIRONMENT } from "#test/support/bare-environment.ts";
import { decide } from "#test/support/decide.ts";
import { MAIN_DATABASE, startDeskhand, type Deskhand } from "#test/support/deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { freshDatabase } from "#test/support/postgres.ts";
import { shownText } from "#test/support/slack.ts";
import { NODE_FLAGS } from "../../src/bootstrap/node-flags.mjs";

const ANN = "ann@customer.test";

for (const database of [MAIN_DATABASE])
  describe(`running it on ${database}`, () => {
    let deskhand: Deskhand;
    let own: { url: string; drop(): Promise<void> } | null = null;
    before(async () => {
      own = database === "postgres" ? await freshDatabase() : null;
      deskhand = await startDeskhand({ database, databaseUrl: own?.url ?? "", undoSeconds: 1 });
    });
    after(async () => {
      await deskhand.destroy();
      await own?.drop();
    });

    test("paused, an approved refund waits; resumed, it happens once", async () => {
      await deskhand.mail(ANN, "My headphones broke, please refund order 789", {
        subject: "Broken",
      });
      const card = await deskhand.card((text) => text.includes("Refund 120.00 USD"));
      assert.match((await deskhand.command("pause")).stdout, /Paused/);
      await decide(deskhand, "sam", card, "Approve");
      await delay(4_000);
      assert.deepEqual((await deskhand.order("789")).refunds, []);
      assert.match(
        (await deskhand.command("resume", "--as", "lea@ourshop.test")).stdout,
        /Running/,
      );
      await until("the reply", async () => (await deskhand.mailbox(ANN)).length === 1);
      assert.equal((await deskhand.order("789")).refunds.length, 1);
    });

    test("a second instance on the same data names the process and leaves", async () => {
      const second = spawn(process.execPath, [...NODE_FLAGS, "src/main.ts"], {
        cwd: join(import.meta.dirname, "../.."),
        env: {
          ...BARE_ENVIRONMENT,
          DESKHAND_DATA: deskhand.folder,
          DESKHAND_PORT: "0",
          DATABASE_URL: own?.url ?? "",
        },
        stdio: ["ignore", "ignore", "pipe"],
      });
      let said = "";
      second.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
      const [code] = await once(second, "exit");
      assert.equal(code, 1);
      assert.match(said, /process \d+/);
      assert.ok(
        existsSync(join(deskhand.folder, "endpoints.json")),
        "the first one's addresses must stay",
      );
    });

    test("a forged webhook, bytes that are no JSON and a body that is too large are refused by name", async () => {
      const { url } = deskhand.endpoints.app;
      const forged = await fetch(`${url}/webhooks/zendesk`, {
        method: "POST",
        headers: {
          "x-zendesk-webhook-signature": "AAAA",
          "x-zendesk-webhook-signature-timestamp": new Date().toISOString(),
        },
        body: "{}",
      });
      assert.equal(forged.status, 401);
      const noJson = await fetch(deskhand.endpoints.chat.url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: "{nope",
      });
      assert.equal(noJson.status, 400);
      const large = await fetch(`${url}/webhooks/zendesk`, {
        method: "POST",
        body: "x".repeat(5_000_000),
      });
      assert.equal(large.status, 413);
      const chatForged = await fetch(`${url}/webhooks/chat`, {
        method: "POST",
        headers: { "x-chat-subject": "u123" },
        body: "{}",
      });
      assert.equal(chatForged.status, 404);
    });

    test("a malformed mail and one of five megabytes are read or kept, and the next one is answered", async () => {
      const { host, port } = deskhand.endpoints.email?.smtp ?? { host: "", port: 0 };
      await inject(
        host,
        port,
        "From: broken\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: \xff\r\n\r\n\0\0",
      );
      await inject(
        host,
        port,
        `From: bob@elsewhere.test\r\nTo: support@ourshop.test\r\nSubject: Big\r\nMessage-ID: <big@elsewhere.test>\r\n\r\nWhere is order 1001?\r\n${"a line of padding that nobody reads\r\n".repeat(140_000)}`,
      );
      await deskhand.mail("cara@customer.test", "Where is my order 2001?", { subject: "After" });
      await deskhand.card((text) => text.includes("Where is my order 2001?"));
      await until(
        "the big one",
        async () => (await deskhand.command("trace")).stdout.split("\n").length >= 4,
      );
    });

    test("stopped by Ctrl-C it leaves nothing behind; started again it posts what waits once more", async () => {
      assert.equal(await deskhand.stop(), 0);
      deskhand.slack.close();
      assert.ok(!existsSync(join(deskhand.folder, "endpoints.json")));
      const folder = deskhand.folder;
      deskhand = await startDeskhand({
        database,
        databaseUrl: own?.url ?? "",
        folder,
        undoSeconds: 1,
      });
      const card = await deskhand.card((text) => text.includes("Where is my order 2001?"));
      await delay(2_500);
      assert.equal(
        (await deskhand.cards()).filter((one) => shownText(one).includes("Where is my order 2001?"))
          .length,
        1,
      );
      await decide(deskhand, "sam", card, "Send");
      await until(
        "the reply",
        async () => (await deskhand.mailbox("cara@customer.test")).length === 1,
      );
      assert.equal((await deskhand.mailbox(ANN)).length, 1);
    });
  });

/** Raw bytes at the SMTP port, as any client on the net could send them; one line after each answer. */
async function inject(host: string, port: number, raw: string): Promise<void> {
  const socket = connect(port, host);
  const body = Buffer.from(`${raw.replace(/^\./gm, "..")}\r\n.\r\n`, "latin1");
  const says: readonly (string | Buffer)[] = [
    "HELO somewhere.test\r\n",
    "MAIL FROM:<bob@elsewhere.test>\r\n",
    "RCPT TO:<support@ourshop.test>\r\n",
    "DATA\r\n",
    body,
    "QUIT\r\n",
  ];
  let said = 0;
  socket.setEncoding("utf8");
  for await (const chunk of socket)
    for (const line of String(chunk)
      .split("\r\n")
      .filter((part) => /^\d{3} /.test(part))) {
      assert.match(line, /^[23]/);
      const next = says[said];
      said += 1;
      if (next !== undefined) socket.write(next);
    }
  assert.ok(said > says.length, "the mail server closed the connection early");
}
