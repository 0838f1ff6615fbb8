/** A running mail sandbox for each test, and how the tests speak to it. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "node:test";
import { ImapFlow } from "imapflow";
import { createTransport, type SendMailOptions } from "nodemailer";
import { startSandboxMail, type SandboxMail } from "#sandbox/mail/index.ts";
import { z } from "zod";

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
export interface Bench {
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
export function useMail(): Bench {
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
