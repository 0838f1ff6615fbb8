import assert from "node:assert/strict";
import { readdir, rm, writeFile, mkdtemp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test, afterEach, beforeEach } from "node:test";
import { tmpdir } from "node:os";
import { authenticate } from "mailauth";
import { ImapFlow } from "imapflow";
import { createTransport, type SendMailOptions } from "nodemailer";
import { z } from "zod";
import { startSandboxMail, type SandboxMail } from "#sandbox/mail/index.ts";

const Mail = z.object({
  id: z.string(),
  from: z.string(),
  to: z.string(),
  subject: z.string(),
  date: z.string(),
  text: z.string(),
  html: z.string().optional(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  messageId: z.string(),
});

/** The mail sandbox of the running test. */
interface Bench {
  mail: SandboxMail;
  directory: string;
  /** Closes the sandbox and starts it on the same directory. */
  restart(): Promise<void>;
  /** Posts to the page's interface. */
  post(body: unknown): Promise<{ status: number; json: unknown }>;
  /** Posts a mail that must be accepted; its Message-ID. */
  write(body: object): Promise<string>;
  /** The mailbox of an address. */
  read(address: string): Promise<z.infer<typeof Mail>[]>;
  /** Hands a mail to the SMTP port as any client would. */
  smtp(mail: SendMailOptions): Promise<void>;
  /** A logged-in IMAP client, closed after the test. */
  imap(): Promise<ImapFlow>;
}

async function post(url: string, body: unknown): Promise<{ status: number; json: unknown }> {
  const response = await fetch(`${url}/api/mail`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, json: await response.json() };
}

/** Gives every test of a file a fresh mail sandbox. */
function useMail(): Bench {
  const clients: ImapFlow[] = [];
  const start = () => startSandboxMail({ directory: bench.directory, now: () => new Date() });
  const none: SandboxMail = {
    address: "support@ourshop.test",
    web: "",
    smtp: { host: "", port: 0 },
    imap: { host: "", port: 0, user: "", pass: "" },
    resolver: () => Promise.resolve([]),
    deliver: () => {},
    send: () => Promise.resolve(""),
    threads: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  };
  const bench: Bench = {
    mail: none,
    directory: "",
    restart: async () => {
      await bench.mail.close();
      bench.mail = await start();
    },
    post: (body) => post(bench.mail.web, body),
    write: async (body) => {
      const { status, json } = await bench.post(body);
      if (status !== 201) throw new Error(`not sent: ${JSON.stringify(json)}`);
      return z.object({ messageId: z.string() }).parse(json).messageId;
    },
    read: async (address) => {
      const response = await fetch(`${bench.mail.web}/api/mail?to=${encodeURIComponent(address)}`);
      return z.array(Mail).parse(await response.json());
    },
    smtp: async (mail) => {
      const transport = createTransport({ ...bench.mail.smtp, secure: false, ignoreTLS: true });
      try {
        await transport.sendMail(mail);
      } finally {
        transport.close();
      }
    },
    imap: async () => {
      const { host, port, user, pass } = bench.mail.imap;
      const client = new ImapFlow({
        host,
        port,
        secure: false,
        auth: { user, pass },
        logger: false,
      });
      client.on("error", () => {});
      clients.push(client);
      await client.connect();
      return client;
    },
  };
  // Making keys is what takes time in a first start; every test but the first gets those of the first.
  let keys: string | undefined;
  beforeEach(async () => {
    bench.directory = await mkdtemp(join(tmpdir(), "mail-"));
    const keyFile = join(bench.directory, "dkim-keys.json");
    if (keys !== undefined) await writeFile(keyFile, keys);
    bench.mail = await start();
    keys ??= await readFile(keyFile, "utf8");
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await bench.mail.close();
    await rm(bench.directory, { recursive: true });
  });
  return bench;
}

const bench = useMail();
const DRAFT = {
  from: "ann@customer.test",
  to: "support@ourshop.test",
  subject: "Where is 456?",
  text: "Hello\n",
};

test("a mail written on the page lies in the support inbox with the customer's name and a trace of its way", async () => {
  const messageId = await bench.write(DRAFT);
  const [mail, ...others] = await bench.read("support@ourshop.test");
  assert.ok(mail !== undefined && others.length === 0);
  assert.match(messageId, /^<[^<>\s]+@customer\.test>$/);
  assert.equal(mail.messageId, messageId);
  assert.deepEqual(
    [mail.from, mail.to, mail.subject, mail.text],
    [DRAFT.from, DRAFT.to, DRAFT.subject, DRAFT.text],
  );
  assert.equal(mail.headers["from"], "Ann Fields <ann@customer.test>");
  assert.equal(mail.headers["return-path"], "<ann@customer.test>");
  assert.equal(mail.headers["delivered-to"], "support@ourshop.test");
});

test("an answer reaches the customer's mailbox with its thread and its text as it was sent", async () => {
  const question = await bench.write(DRAFT);
  const text =
    "Hello Ann,\n\norder 456 is being packed.\n  two spaces first\n.a dot first\n\n-- \nThe OurShop team\nGrüße \u{1F600}";
  await bench.smtp({
    from: "OurShop Support <support@ourshop.test>",
    to: "Ann@Customer.test",
    subject: "Re: Where is 456?",
    inReplyTo: question,
    references: question,
    text,
    html: "<p>Hello Ann</p>",
  });
  const [answer] = await bench.read("ann@customer.test");
  assert.equal(answer?.text, text);
  assert.equal(answer?.html, "<p>Hello Ann</p>");
  assert.equal(answer?.from, "support@ourshop.test");
  assert.equal(answer?.headers["in-reply-to"], question);
  assert.equal(answer?.headers["references"], question);
});

test("mail to the support address with a plus part is support mail, and a restart keeps every mailbox", async () => {
  await bench.smtp({
    from: "ann@customer.test",
    to: "Support+t.12.abc@ourshop.test",
    subject: "plus",
    text: "x",
  });
  await bench.smtp({
    from: "support@ourshop.test",
    to: "ann@customer.test",
    subject: "answer",
    text: "x",
  });
  await bench.restart();
  assert.equal(
    (await bench.read("support@ourshop.test"))[0]?.headers["delivered-to"],
    "support+t.12.abc@ourshop.test",
  );
  assert.equal((await bench.read("ann@customer.test"))[0]?.subject, "answer");
});

test("a form of another site cannot send mail", async () => {
  const form = await fetch(`${bench.mail.web}/api/mail`, {
    method: "POST",
    body: new URLSearchParams({ from: "a@b.test" }),
  });
  assert.equal(form.status, 415);
});

/** The newest mail of the support inbox as a reader over IMAP judges it: no client address, only the bytes. */
async function verdict(
  ip?: string,
): Promise<{ dmarc: string; aligned: boolean; domain: string | undefined }> {
  const client = await bench.imap();
  await client.mailboxOpen("INBOX");
  const message = await client.fetchOne("*", { source: true });
  assert.ok(message && message.source);
  const result = await authenticate(message.source, {
    resolver: bench.mail.resolver,
    ...(ip === undefined ? {} : { ip, helo: "localhost", sender: DRAFT.from }),
    mta: "deskhand.test",
    trustReceived: false,
    disableBimi: true,
  });
  return {
    dmarc:
      result.dmarc === false || result.dmarc === undefined ? "none" : result.dmarc.status.result,
    aligned:
      result.dkim?.results.some(
        (one) => one.status.result === "pass" && Boolean(one.status.aligned),
      ) ?? false,
    domain: result.dkim?.results[0]?.signingDomain,
  };
}

for (const from of [
  "ann@customer.test",
  "bob@elsewhere.test",
  "cara@customer.test",
  "mallory@evil.test",
]) {
  test(`a mail written on the page as ${from} passes DMARC by an aligned signature`, async () => {
    await bench.write({ ...DRAFT, from });
    assert.deepEqual(await verdict(), { dmarc: "pass", aligned: true, domain: from.split("@")[1] });
  });
}

test("an unsigned mail fails, from the page as over SMTP", async () => {
  await bench.write({ ...DRAFT, signed: false });
  assert.equal((await verdict()).dmarc, "fail");
  await bench.smtp(DRAFT);
  assert.deepEqual(await verdict(), { dmarc: "fail", aligned: false, domain: undefined });
  // Not by its origin either: every sender here is on this machine.
  assert.equal((await verdict("127.0.0.1")).dmarc, "fail");
});

test("keys survive a restart, so that yesterday's mail still verifies", async () => {
  await bench.write({ ...DRAFT, from: "mallory@evil.test" });
  await bench.restart();
  assert.deepEqual(await verdict(), { dmarc: "pass", aligned: true, domain: "evil.test" });
});

const MAIL =
  "From: ann@customer.test\r\nTo: support@ourshop.test\r\nMessage-ID: <m1@customer.test>\r\nSubject: hi\r\n\r\nhello\r\n";

async function sources(client: ImapFlow, folder: string): Promise<string[]> {
  const lock = await client.getMailboxLock(folder);
  try {
    // A session that does not idle learns of new mail with its next command.
    await client.noop();
    const found: string[] = [];
    if (client.mailbox !== false && client.mailbox.exists === 0) return found;
    for await (const message of client.fetch("1:*", { source: true }))
      found.push(String(message.source));
    return found;
  } finally {
    lock.release();
  }
}

test("a restart replays inbox, appended copies, flags and moves, under a higher UIDVALIDITY", async () => {
  bench.mail.deliver(Buffer.from(MAIL));
  bench.mail.deliver(Buffer.from(MAIL.replace("hello", "gr\u00fc\u00dfe \u{1F600}")));
  bench.mail.deliver(Buffer.from(MAIL.replace("hello", "to be deleted")));
  let client = await bench.imap();
  await client.append(
    "Sent",
    MAIL.replace("hello", "our answer"),
    ["\\Seen"],
    new Date("2026-03-01T10:20:30Z"),
  );
  const before = await client.mailboxOpen("INBOX");
  await client.messageFlagsAdd("1", ["$Done"], { uid: true });
  await client.mailboxCreate("Handled/2026");
  await client.messageMove("2", "Handled/2026", { uid: true });
  await client.messageDelete("3", { uid: true });
  await client.logout();
  await bench.restart();
  client = await bench.imap();
  const after = await client.mailboxOpen("INBOX");
  assert.ok(after.uidValidity > before.uidValidity);
  const kept = await client.fetchOne("1", { flags: true, source: true });
  assert.ok(kept);
  assert.deepEqual([...(kept.flags ?? [])], ["$Done"]);
  assert.deepEqual(await sources(client, "INBOX"), [MAIL]);
  assert.deepEqual(await sources(client, "Handled/2026"), [
    MAIL.replace("hello", "gr\u00fc\u00dfe \u{1F600}"),
  ]);
  const opened = await client.mailboxOpen("Sent");
  assert.equal(opened.uidValidity, after.uidValidity);
  const copy = await client.fetchOne("1", { flags: true, source: true, internalDate: true });
  assert.ok(copy);
  assert.match(String(copy.source), /our answer/);
  assert.equal(new Date(copy.internalDate ?? 0).toISOString(), "2026-03-01T10:20:30.000Z");
});

test("mail that cannot be stored is refused over SMTP and APPEND, and the session goes on", async () => {
  bench.mail.deliver(Buffer.from(MAIL));
  const client = await bench.imap();
  await client.mailboxOpen("INBOX");
  await rm(join(bench.directory, "support"), { recursive: true });
  await assert.rejects(client.append("Sent", MAIL), { responseStatus: "NO" });
  await assert.rejects(
    bench.smtp({ from: "ann@customer.test", to: bench.mail.address, text: "x" }),
    { responseCode: 451 },
  );
  assert.deepEqual(await sources(client, "INBOX"), [MAIL]);
  assert.deepEqual(await sources(client, "Sent"), []);
});

test("a file that was written but never promised is gone after a restart", async () => {
  bench.mail.deliver(Buffer.from(MAIL));
  const support = join(bench.directory, "support");
  await writeFile(join(support, "00000009-1772000000000.eml"), "half a delivery");
  await bench.restart();
  assert.deepEqual(
    (await readdir(support)).filter((name) => name.startsWith("00000009")),
    [],
  );
  assert.equal((await bench.read(bench.mail.address)).length, 1);
});
