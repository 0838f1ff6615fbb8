/** From an empty folder to the first shadow card, with accounts of others: each service is reached by its API alone. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { z } from "zod";
import { callControl } from "#cli/control.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { startSandboxMail, type SandboxMail } from "#sandbox/mail/index.ts";
import { startSampleShop, type SampleShop } from "#sandbox/shop/index.ts";
import { CREDENTIALS } from "#sandbox/slack/index.ts";
import { startSandboxZendesk, type SandboxZendesk } from "#sandbox/zendesk/index.ts";
import { CHANNELS, startTestSlack, type TestSlack } from "#test/slack/local-slack.ts";
import { ask } from "#test/support/http-request.ts";
import { shownText } from "#test/support/slack.ts";
import { until } from "#test/support/waiting.ts";
import { NODE_FLAGS } from "../../src/bootstrap/node-flags.mjs";
import { askInHelpCenter } from "#test/support/help-center.ts";

const ROOT = join(import.meta.dirname, "../..");
const Comments = z.object({
  comments: z.array(z.object({ public: z.boolean(), body: z.string() })),
});
const now = (): Date => new Date();

/** What a shell has set before Deskhand is known to it. */
const SHELL = {
  PATH: process.env["PATH"],
  NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
  EMBEDDINGS: "off",
};

describe("set-up by script", () => {
  const folders = ["deskhand-set-up-", "deskhand-accounts-"].map((name) =>
    mkdtempSync(join(tmpdir(), name)),
  );
  const [folder = "", accounts = ""] = folders;
  let slack: TestSlack;
  let zendesk: SandboxZendesk;
  let mail: SandboxMail;
  let shop: SampleShop;
  let port = 0;

  before(async () => {
    slack = await startTestSlack();
    zendesk = await startSandboxZendesk({ directory: join(accounts, "zendesk"), now });
    mail = await startSandboxMail({ directory: join(accounts, "mail"), now });
    shop = await startSampleShop({
      directory: join(accounts, "shop"),
      now,
      sendMail: async () => undefined,
    });
    port = await freePort();
  });
  after(async () => {
    await Promise.all([slack.close(), zendesk.close(), mail.close(), shop.close()]);
    for (const made of folders) rmSync(made, { recursive: true, force: true });
  });

  test("without a terminal and without answers it says so, and ends with 2", async () => {
    const { printed, exitCode } = await init([]);
    assert.equal(exitCode, 2);
    assert.match(printed, /--answers FILE/);
    assert.equal(existsSync(join(folder, ".env")), false);
  });

  test("a connection that does not work is named with its mend, and nothing is written", async () => {
    const wrong = answers();
    wrong.email.password = "not-the-password";
    const { printed, exitCode } = await init(["--answers", written("wrong.json", wrong)]);
    assert.equal(exitCode, 1, printed);
    assert.match(printed, /✗ email, IMAP login: /);
    assert.match(printed, /→ /);
    assert.match(printed, /nothing was written/);
    assert.equal(existsSync(join(folder, ".env")), false);
    assert.equal(existsSync(join(folder, "deskhand.policy.yaml")), false);
  });

  test("the answers become files, a green doctor, and a shadow card about a real ticket", async () => {
    const ticket = await ticketOf("Where is my order 456?", "It should have been here by now.");
    const { printed, exitCode } = await init(["--answers", written("answers.json", answers())]);
    assert.equal(exitCode, 0, printed);
    assert.match(printed, new RegExp(`A first card is in the channel for cards.*ticket ${ticket}`));
    for (const secret of secrets()) assert.ok(!printed.includes(secret), "a secret was printed");
    const variables = readFileSync(join(folder, ".env"), "utf8");
    assert.equal(statSync(join(folder, ".env")).mode & 0o777, 0o600);
    assert.match(variables, new RegExp(`SLACK_APPROVALS_CHANNEL=${CHANNELS.approvals}`));
    assert.ok(!variables.includes(zendesk.tokens.admin), "the admin's token was kept");
    const text = readFileSync(join(folder, "deskhand.policy.yaml"), "utf8");
    const policy = loadPolicy(text, "deskhand.policy.yaml");
    assert.equal(policy.roleOf({ id: "lea@ourshop.test", email: "lea@ourshop.test" }), "lead");
    assert.match(text, /# What Deskhand may do by itself/);
    assert.equal((await shadowCards("Where is my order 456?")).length, 1);
    const { comments } = Comments.parse(
      await zendeskAs("admin", `/tickets/${ticket}/comments.json`),
    );
    const seen = comments.filter((comment) => comment.public);
    assert.equal(seen.length, 1, `the customer got something: ${JSON.stringify(comments)}`);
  });

  test("the program starts with what was written, and shadows what comes in", async () => {
    const deskhand = spawn(process.execPath, [...NODE_FLAGS, join(ROOT, "src/main.ts")], {
      cwd: folder,
      env: { ...SHELL, DESKHAND_PORT: String(port) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    try {
      const output = collected(deskhand);
      const data = join(folder, ".deskhand");
      await until(
        "Deskhand",
        async () => (await callControl(data, ["status"]).catch(() => null)) ?? undefined,
        () => output.text,
      );
      await ticketOf("Is order 789 on its way?", "I am waiting for it.");
      await until(
        "the card",
        async () => (await shadowCards("order 789"))[0],
        () => output.text,
      );
      const doctor = await callControl(data, ["doctor"]);
      assert.equal(doctor?.exitCode, 0, doctor?.stdout);
      const again = await init([]);
      assert.equal(again.exitCode, 2);
    } finally {
      const ended = once(deskhand, "exit");
      if (deskhand.kill("SIGTERM")) await ended;
    }
  });

  test("a second time it shows what is set, asks for nothing, and changes nothing", async () => {
    const files = (): string =>
      [".env", "deskhand.policy.yaml"]
        .map((name) => readFileSync(join(folder, name), "utf8"))
        .join();
    const before = files();
    const { printed, exitCode } = await init(["--no-start", "--answers", written("none.yaml", {})]);
    assert.equal(exitCode, 0, printed);
    assert.match(printed, /✓ deskhand\.policy\.yaml/);
    for (const part of ["slack", "zendesk", "email", "shop"])
      assert.match(printed, new RegExp(`✓ ${part} `));
    assert.equal(files(), before);
    const moved = { shop: { url: "http://127.0.0.1:1", key: "another" } };
    const changed = await init(["--no-start", "--answers", written("moved.yaml", moved)]);
    assert.equal(changed.exitCode, 1);
    assert.equal(files(), before);
  });

  function answers() {
    return {
      company: { name: "OurShop" },
      hours: { zone: "Europe/Berlin", open: "always" },
      money: { currency: "USD", refunds: "200, 1000, 30" },
      hosting: { public_url: `http://127.0.0.1:${port}` },
      slack: {
        bot_token: CREDENTIALS.botToken,
        app_token: CREDENTIALS.appToken,
        approvals_channel: CHANNELS.approvals,
        alerts_channel: CHANNELS.alerts,
        api_url: slack.apiUrl,
      },
      people: { leads: ["lea@ourshop.test"], support: ["@sam"] },
      zendesk: {
        url: zendesk.url,
        writer_client_id: zendesk.oauth.writer.id,
        writer_client_secret: zendesk.oauth.writer.secret,
        reader_client_id: zendesk.oauth.reader.id,
        reader_client_secret: zendesk.oauth.reader.secret,
        admin_token: zendesk.tokens.admin,
      },
      email: {
        address: mail.address,
        imap: `127.0.0.1:${mail.imap.port}`,
        smtp: `127.0.0.1:${mail.smtp.port}`,
        password: mail.imap.pass,
      },
      shop: { url: shop.url, key: shop.key },
    };
  }

  function secrets(): readonly string[] {
    const { writer, reader } = zendesk.oauth;
    const own = [CREDENTIALS.botToken, CREDENTIALS.appToken, mail.imap.pass, shop.key];
    return [...own, writer.secret, reader.secret, zendesk.tokens.admin];
  }

  function written(name: string, content: object): string {
    const path = join(accounts, name);
    writeFileSync(path, JSON.stringify(content));
    return path;
  }

  async function init(argv: readonly string[]) {
    const child = spawn(process.execPath, [join(ROOT, "src/cli/main.ts"), "init", ...argv], {
      cwd: folder,
      env: { ...SHELL, DESKHAND_PORT: String(port) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output = collected(child);
    const [exitCode] = await once(child, "close");
    return { printed: output.text, exitCode: z.int().parse(exitCode) };
  }

  async function shadowCards(words: string) {
    const messages = await slack.people.messages(CHANNELS.approvals);
    return messages.map(shownText).filter((text) => text.includes(words) && /shadow/i.test(text));
  }

  const zendeskAs = (who: "admin", path: string): Promise<unknown> =>
    ask(`${zendesk.url}/api/v2${path}`, {
      headers: { authorization: `Bearer ${zendesk.tokens[who]}` },
    });

  const ticketOf = (subject: string, body: string): Promise<number> =>
    askInHelpCenter(zendesk.url, "ann", { subject, body });
});

function collected(child: ChildProcess): { text: string } {
  const output = { text: "" };
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (output.text += chunk.toString("utf8")));
  return output;
}

/** Below the ports that outgoing connections take, so that it is still free a minute later. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 30_000);
    const server = createServer().listen(port, "127.0.0.1");
    const isFree = await once(server, "listening").then(
      () => true,
      () => false,
    );
    server.close();
    if (isFree) return port;
  }
}
