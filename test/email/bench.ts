/** The e-mail channel on a real SMTP and a real IMAP server, with a wire between that can be counted and cut. */

import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext } from "node:test";
import { email } from "#email/index.ts";
import { EMAIL_LIMITS, type EmailOptions } from "#email/options.ts";
import type { Accept, Channel, Resolved, Delivery } from "#core/contracts/channel.ts";
import type { Blobs, Cursors } from "#core/contracts/ports.ts";
import type { Message } from "#core/values/message.ts";
import { startSandboxMail, type SandboxMail } from "#sandbox/mail/index.ts";
import { memoryBlobs, memoryCursors, memoryLog } from "#test/jobs/memory-ports.ts";
import { resolver, written } from "./mails.ts";
import { placeMailKeys } from "#test/support/mail-keys.ts";
import { openedBy } from "#test/support/opened.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";
import { closed, listen } from "#test/support/loopback.ts";

const SUPPORT = "support@ourshop.test";
const SECRET = "a secret of the tests, long enough";

/** A TCP wire to another port. */
export interface Wire {
  readonly port: number;
  /** Connections made so far. */
  readonly connections: () => number;
  /** Ends all connections at once, as a killed server does. */
  readonly cut: () => void;
  /** Lets the open connections carry nothing any more without ending them, as a lost router does. */
  readonly freeze: () => void;
  /**
   * Once the server has said this many bytes from now on: a reset, a polite end, or nothing any more on any connection
   * that is open then. Connections made later are not concerned.
   */
  readonly failAfter: (bytes: number, how: "reset" | "end" | "silence") => void;
  /** The same, as soon as a client has said this word: the server gets it, and its answer gets lost. */
  readonly silenceAt: (word: string) => void;
  /** What clients have said so far. */
  readonly said: () => string;
  /** What servers have said so far. */
  readonly heard: () => string;
  readonly close: () => Promise<void>;
}

/** Passes bytes both ways. */
export async function wireTo(target: number): Promise<Wire> {
  let count = 0;
  let said = "";
  let heard = "";
  const sockets = new Set<Socket>();
  const failure = { afterBytes: Infinity, happen: (): void => {} };
  const silence = { word: "" };
  const server = createServer((near) => {
    count += 1;
    const far = connect(target, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on("data", (chunk) => {
      said += chunk.toString("latin1");
      if (silence.word === "" || !chunk.includes(silence.word)) return;
      silence.word = "";
      freeze();
    });
    near.pipe(far).pipe(near);
    far.on("data", (chunk) => {
      heard += chunk.toString("latin1");
      failure.afterBytes -= chunk.length;
      if (failure.afterBytes > 0) return;
      failure.afterBytes = Infinity;
      failure.happen();
    });
  });
  const freeze = (): void => {
    for (const socket of sockets) socket.unpipe().pause();
  };
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: await listen(server),
    connections: () => count,
    said: () => said,
    heard: () => heard,
    freeze,
    failAfter: (bytes, how) => {
      const each = (act: (socket: Socket) => void) => (): void => sockets.forEach(act);
      const ways = {
        reset: each((socket) => socket.resetAndDestroy()),
        end: each((socket) => socket.end()),
        silence: freeze,
      };
      Object.assign(failure, { afterBytes: bytes, happen: ways[how] });
    },
    silenceAt: (word) => void (silence.word = word),
    cut,
    close: async () => {
      cut();
      await closed(server);
    },
  };
}

/** Everything a test of the channel needs; `close` ends it all. */
export interface EmailBench {
  readonly sandbox: SandboxMail;
  readonly channel: Channel;
  readonly cursors: ReturnType<typeof memoryCursors>;
  readonly blobs: Blobs;
  readonly log: ReturnType<typeof memoryLog>;
  readonly smtpWire: Wire;
  readonly imapWire: Wire;
  /** A second channel on the same world, as after a restart of the process. */
  readonly again: (changes?: Partial<EmailOptions>) => Channel;
  /** The same, where no result can be recorded, or where the process ends before it is. */
  readonly ending: (how: "unrecorded" | "crashed") => Channel;
  /** The raw mails this address received, oldest first. */
  readonly received: (address: string) => Promise<readonly Buffer[]>;
  readonly close: () => Promise<void>;
}

/** Opens a world with one inbox. `smtpPort` replaces the SMTP server by another one. */
export async function openBench(
  changes: Partial<EmailOptions> & { readonly smtpPort?: number } = {},
): Promise<EmailBench> {
  const directory = await mkdtemp(join(tmpdir(), "email-"));
  placeMailKeys(directory);
  const sandbox = await startSandboxMail({ directory, now: () => new Date() });
  const smtpWire = await wireTo(changes.smtpPort ?? sandbox.smtp.port);
  const imapWire = await wireTo(sandbox.imap.port);
  const cursors = memoryCursors();
  const log = memoryLog();
  const blobs = memoryBlobs();
  const { host, user, pass } = sandbox.imap;
  const { smtpPort: _, ...rest } = changes;
  const options: EmailOptions = {
    blobs,
    inboxes: [
      {
        address: SUPPORT,
        aliases: [],
        imap: { host, port: imapWire.port, secure: false, user, pass },
        smtp: { host: "127.0.0.1", port: smtpWire.port, secure: false },
      },
    ],
    cursors,
    clock: { now: () => new Date() },
    log,
    resolver,
    messageIdDomain: "ourshop.test",
    instance: "test",
    secret: SECRET,
    startAt: "now",
    limits: { ...EMAIL_LIMITS, retryMs: { first: 20, most: 200 } },
    ...rest,
  };
  const channel = inUse(email(options), options.cursors);
  return {
    sandbox,
    channel,
    cursors,
    blobs,
    log,
    smtpWire,
    imapWire,
    again: (more = {}) => inUse(email({ ...options, ...more }), more.cursors ?? options.cursors),
    ending: (how) => inUse(email(options), options.cursors, how),
    received: async (address) => {
      const folder = join(directory, "people", Buffer.from(address).toString("hex"), "received");
      const names = await readdir(folder).catch(() => []);
      return Promise.all(
        names.toSorted((a, b) => a.localeCompare(b)).map((name) => readFile(join(folder, name))),
      );
    },
    close: async () => {
      await channel.stop();
      await Promise.all([smtpWire.close(), imapWire.close()]);
      await sandbox.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** A bench that is closed after the test. */
export async function bench(
  context: TestContext,
  changes: Parameters<typeof openBench>[0] = {},
): Promise<EmailBench> {
  const opened = await openBench(changes);
  context.after(opened.close);
  return opened;
}

/** One bench for a file's tests. */
export function benchForTests(changes: Parameters<typeof openBench>[0] = {}): EmailBench {
  const opened: { bench?: EmailBench } = {};
  before(async () => {
    opened.bench = await openBench(changes);
  });
  after(() => opened.bench?.close());
  return openedBy(() => opened.bench);
}

/** A mail as the poller would hand it in. */
export function deliveryOf(raw: Uint8Array): Delivery {
  return { source: "imap", headers: { "x-inbox": SUPPORT }, body: raw, receivedAt: new Date() };
}

/**
 * As intake and ledger use it: where the reader goes on is kept with what is accepted, and what may wait until a result is
 * recorded follows it.
 */
export function inUse(
  channel: Channel,
  cursors: Cursors,
  result: "recorded" | "unrecorded" | "crashed" = "recorded",
): Channel {
  return {
    ...channel,
    commit: async (...given) => {
      const { afterwards, ...committed } = await channel.commit(...given);
      if (result !== "crashed") await afterwards?.(result === "recorded");
      return committed;
    },
    start: (accept) =>
      channel.start(async (delivery) => {
        await accept(delivery);
        const { position, lease = null } = delivery;
        if (position !== undefined) await cursors.write(position.name, position.value, lease);
      }),
  };
}

/** What the mails of a channel were believed by, as if one turn read them all. */
const believed = new WeakMap<Channel, Map<string, string>>();

/** Takes a delivery through `receive` and `resolve`. */
export async function resolved(channel: Channel, raw: Uint8Array): Promise<Resolved> {
  const delivery = deliveryOf(raw);
  const [hint] = channel.receive(delivery);
  if (hint === undefined) throw new Error("no hint");
  const { body, receivedAt } = delivery;
  const proofs = believed.get(channel) ?? new Map<string, string>();
  believed.set(channel, proofs);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  return channel.resolve(hint, { body, receivedAt, proofs, signal });
}

/** The one message a mail becomes. */
export async function messageOf(channel: Channel, raw: Uint8Array): Promise<Message> {
  const [message] = (await resolved(channel, raw)).messages;
  assert.ok(message);
  return message;
}

/** A mail known by its subject. */
export function mail(name: string): Buffer {
  return written({ subject: name, messageId: `<${name}@customer.test>` });
}

export function subjectIn({ body }: Pick<Delivery, "body">): string {
  return /^Subject: (.*)\r$/m.exec(Buffer.from(body).toString("latin1"))?.[1] ?? "";
}

/** Collects the subjects of what arrives; `fail` may refuse a delivery. */
export function collector(fail: (subject: string) => Error | null = () => null): {
  readonly accept: Accept;
  readonly subjects: string[];
  readonly deliveries: Delivery[];
} {
  const subjects: string[] = [];
  const deliveries: Delivery[] = [];
  return {
    subjects,
    deliveries,
    accept: async (delivery) => {
      const subject = subjectIn(delivery);
      const error = fail(subject);
      if (error !== null) throw error;
      subjects.push(subject);
      deliveries.push(delivery);
    },
  };
}

/** Waits until this is true; generous, since the machine may be busy. */
export async function waitFor(context: TestContext, isTrue: () => boolean): Promise<void> {
  await context.waitFor(() => assert.ok(isTrue()), { timeout: PATIENCE_MS, interval: 5 });
}
