/**
 * What a mail with a 30 MB attachment costs in memory, above and below the size limit: `npm run figures -- mail-memory [--json]`.
 *
 * One process is the mailbox, another reads it as Deskhand does (poller, intake, database, resolve, then opening a file
 * of 9 MB) and tells its highest resident memory beyond what it had before the mail came.
 */
import { noSpans } from "#telemetry/spans.ts";
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { email } from "#email/index.ts";
import { EMAIL_LIMITS } from "#email/options.ts";
import type { Channel, Resolved } from "#core/contracts/channel.ts";
import { intake } from "#jobs/intake.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { startSandboxMail } from "#sandbox/mail/index.ts";
import { diskBlobs } from "#store/blobs/shared-place.ts";
import { openStore } from "#store/db/database.ts";
import { migrate } from "#store/db/migrate.ts";
import { storedCursors } from "#store/db/settings.ts";
import { resolver, signed, written } from "#test/email/mails.ts";
import { silentLog } from "#test/store/bench.ts";
import { measuredMb } from "#test/support/processor-time.ts";
import { until } from "#test/support/waiting.ts";
import { unreadHints } from "#test/support/stored-rows.ts";

const POLICY_FILE = new URL("../../src/policy/files/sandbox.yaml", import.meta.url);
const MEGABYTE = 1024 * 1024;
const LIMIT_MEGABYTES = 60;
const LARGE_BYTES = 30 * MEGABYTE;
const FILE_BYTES = 9 * MEGABYTE;
const WAIT_MS = 60_000;

/** A mail of this size is announced by its number, so that both processes speak of the same one. */
async function mailWith(bytes: number, number: number): Promise<Buffer> {
  const base64 = Buffer.alloc(bytes, 7).toString("base64").replace(/.{76}/g, "$&\r\n");
  const text = `--b\r\nContent-Type: text/plain\r\n\r\nMy lamp is broken.\r\n--b\r\nContent-Type: application/octet-stream; name=lamp.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64}\r\n--b--`;
  return signed(
    written({
      text,
      messageId: `<figure-${number}@customer.test>`,
      headers: [["Content-Type", 'multipart/mixed; boundary="b"']],
    }),
  );
}

const Port = z.object({ port: z.number(), user: z.string(), pass: z.string() });
const Measured = z.object({ megabytes: z.number(), what: z.string() });

/** The mailbox: delivers a mail of the size it is told. */
async function serve(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "deskhand-figure-"));
  const sandbox = await startSandboxMail({ directory, now: () => new Date() });
  const sent = { number: 0 };
  process.on("message", (told) => {
    if (told === "stop") process.disconnect?.();
    else
      void mailWith(z.number().parse(told), (sent.number += 1)).then((raw) => sandbox.deliver(raw));
  });
  process.on("disconnect", () => {
    void sandbox.close().then(() => rm(directory, { recursive: true }));
  });
  process.send?.(sandbox.imap);
}

/** Reads that mailbox with this size limit, one mail for each message it gets, and tells what each cost. */
async function read(imap: z.infer<typeof Port>, mailBytesMax: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "deskhand-figure-"));
  const store = await openStore({ databaseUrl: null, folder, log: silentLog });
  await migrate(store);
  const blobs = diskBlobs(join(folder, "blobs"));
  const clock = { now: () => new Date() };
  const channel = email({
    inboxes: [
      {
        address: "support@ourshop.test",
        aliases: [],
        imap: { ...imap, host: "127.0.0.1", secure: false },
        smtp: { host: "127.0.0.1", port: 1, secure: false },
      },
    ],
    cursors: storedCursors(store),
    blobs,
    clock,
    log: silentLog,
    resolver,
    messageIdDomain: "ourshop.test",
    instance: "figures",
    secret: "a secret of the figures",
    startAt: "all",
    limits: { ...EMAIL_LIMITS, mailBytesMax },
  });
  const ids = { next: (prefix: string) => `${prefix}_${performance.now()}` };
  const policy = loadPolicy(readFileSync(POLICY_FILE, "utf8"), "sandbox.yaml");
  const parts = {
    store,
    blobs,
    ids,
    policy,
    spans: noSpans,
    wake: async () => undefined,
    log: silentLog,
  };
  const taken: string[] = [];
  await channel.start(async (delivery) => {
    const { conversationIds } = await intake(parts, channel, delivery);
    taken.push(...conversationIds);
  });
  const take = async (): Promise<Resolved> => {
    await until("the mail", async () => taken.length > 0, WAIT_MS);
    const id = taken.pop() ?? "";
    const [unread] = await store.run((transaction) => unreadHints(transaction, id, 1));
    if (unread?.bodyRef == null) throw new Error("nothing was kept");
    const ref = unread.bodyRef;
    return channel.resolve(unread.hint, {
      body: { ref, open: () => blobs.open(ref) },
      receivedAt: unread.receivedAt,
      signal: AbortSignal.timeout(WAIT_MS),
    });
  };
  await work(channel, take);
  await channel.stop();
  await store.close();
  await rm(folder, { recursive: true });
  process.disconnect?.();
}

async function work(channel: Channel, take: () => Promise<Resolved>): Promise<void> {
  // Threads and libraries are there before anything is measured.
  process.send?.(MEGABYTE / 2);
  await take();
  const large = await costOf(async () => {
    process.send?.(LARGE_BYTES);
    return take();
  });
  const [message] = large.result.messages;
  process.send?.({
    what: `${message?.identity.reason ?? ""}; ${message?.attachments[0]?.bytes ?? 0} bytes attached`,
    megabytes: large.megabytes,
  });
  process.send?.(FILE_BYTES);
  const file = (await take()).messages[0]?.attachments[0]?.ref ?? "";
  const opening = await costOf(() =>
    channel.openFile(file, { bytesMax: FILE_BYTES, signal: AbortSignal.timeout(WAIT_MS) }),
  );
  process.send?.({ what: opening.result.state, megabytes: opening.megabytes });
}

/** How far the resident memory of this process went up at most. */
async function costOf<T>(
  step: () => Promise<T>,
): Promise<{ readonly result: T; readonly megabytes: number }> {
  globalThis.gc?.();
  // Linux counts the high-water mark anew after this.
  writeFileSync("/proc/self/clear_refs", "5");
  const before = measuredMb("self", "VmRSS");
  const result = await step();
  return { result, megabytes: Math.round(measuredMb("self", "VmHWM") - before) };
}

interface Figure {
  readonly mail: number;
  readonly file: number;
}

/** Both processes for one size limit. */
async function measure(mailBytesMax: number): Promise<Figure> {
  const server = fork(import.meta.filename, ["serve"]);
  const [imap] = await once(server, "message");
  const reader = fork(
    import.meta.filename,
    ["read", JSON.stringify(Port.parse(imap)), String(mailBytesMax)],
    { execArgv: ["--expose-gc"] },
  );
  const figures: z.infer<typeof Measured>[] = [];
  reader.on("message", (told) => {
    if (typeof told === "number") server.send(told);
    else figures.push(Measured.parse(told));
  });
  await ended(reader);
  server.send("stop");
  await ended(server);
  const [mail, file] = figures;
  process.stderr.write(`${mail?.what ?? ""}\n`);
  if (mail === undefined || file?.what !== "open") throw new Error("it was not measured");
  return { mail: mail.megabytes, file: file.megabytes };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null) await once(child, "exit");
  if (child.exitCode !== 0) throw new Error(`a process ended with ${child.exitCode}`);
}

const [, , role = "", imapJson = "{}", limit = "0"] = process.argv;
if (role === "serve") await serve();
else if (role === "read") await read(Port.parse(JSON.parse(imapJson)), Number(limit));
else {
  const above = await measure(EMAIL_LIMITS.mailBytesMax);
  const below = await measure(45 * MEGABYTE);
  const figures = {
    aboveLimitMegabytes: above.mail,
    belowLimitMegabytes: below.mail,
    openFileMegabytes: Math.max(above.file, below.file),
  };
  if (process.argv.includes("--json")) console.log(JSON.stringify(figures, null, 2));
  else
    console.log(
      [
        `30 MB attachment, mail above the size limit  ${figures.aboveLimitMegabytes} MB (limit ${LIMIT_MEGABYTES})`,
        `30 MB attachment, mail below the size limit  ${figures.belowLimitMegabytes} MB (limit ${LIMIT_MEGABYTES})`,
        `a 9 MB file of a mail, opened                ${figures.openFileMegabytes} MB`,
      ].join("\n"),
    );
  if (Math.max(above.mail, below.mail) >= LIMIT_MEGABYTES) process.exitCode = 1;
}
