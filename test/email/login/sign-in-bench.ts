/**
 * Processes that sign in to providers of the tests' own as a file of inboxes says, with the vault in a real PostgreSQL.
 * All go by one clock, which the tests move; a refused login is tried again after 50 ms.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { loginStates } from "#email/login/sign-in.ts";
import { email } from "#email/index.ts";
import { EMAIL_LIMITS } from "#email/options.ts";
import type { Channel } from "#core/contracts/channel.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { type Config, readConfig } from "#config/environment.ts";
import type { Store } from "#store/db/database.ts";
import { storedTokenVault } from "#store/db/settings.ts";
import { migratedDatabase, type OpenedStore } from "#test/store/bench.ts";
import { REAL_ENVIRONMENT } from "#test/support/real-parts.ts";
import { until } from "#test/support/waiting.ts";
import { memoryBlobs, memoryCursors, memoryLog } from "#test/jobs/memory-ports.ts";
import { inUse } from "#test/email/bench.ts";
import { resolver, written } from "#test/email/mails.ts";
import { answer } from "#test/email/outbound/sending-bench.ts";
import { type Provider, startProvider } from "./sign-in-servers.ts";
import { mailAccess } from "#connections/sign-ins.ts";

export const MINUTE = 60_000;
export const SUPPORT = "support@ourshop.test";
export const BILLING = "billing@ourshop.test";
/** The cursor of the support inbox. */
export const POSITION = `email:${SUPPORT}:INBOX`;
export const CLIENT_SECRET = "the-client's-own-secret";
const WITHOUT_MAIL = Object.fromEntries(
  Object.entries(REAL_ENVIRONMENT).filter(([name]) => !/^(?:IMAP|SMTP|SUPPORT)_/.test(name)),
);

/** Opens everything for a file's tests, and closes what each of them started. */
export function mailboxesForTests() {
  const world: { database?: OpenedStore; folder: string } = { folder: "" };
  const running: Channel[] = [];
  const providers: Provider[] = [];
  const time = { aheadMs: 0 };
  const clock = { now: () => new Date(Date.now() + time.aheadMs) };
  const log = memoryLog();
  const store = (): Store => {
    if (world.database === undefined) throw new Error("opened before the first test");
    return world.database.store;
  };

  before(async () => {
    world.folder = await mkdtemp(join(tmpdir(), "deskhand-sign-in-"));
    world.database = await migratedDatabase("postgres");
  });
  after(async () => {
    await world.database?.close();
    await rm(world.folder, { recursive: true });
  });
  beforeEach(async () => {
    time.aheadMs = 0;
    log.lines.length = 0;
    await store().run((transaction) => transaction.execute(sql`delete from token_vault`));
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((channel) => channel.stop()));
    await Promise.all(providers.splice(0).map((one) => one.close()));
  });

  async function provider(user = SUPPORT): Promise<Provider> {
    const started = await startProvider({ user, now: clock.now });
    providers.push(started);
    return started;
  }

  /** The configuration with these entries in its file. */
  async function configWith(entries: readonly object[]): Promise<Config> {
    const file = join(world.folder, "inboxes.yaml");
    await writeFile(file, JSON.stringify({ inboxes: entries }));
    return readConfig({
      ...WITHOUT_MAIL,
      MAIL_INBOXES: file,
      TEST_SECRET: CLIENT_SECRET,
      TEST_REFRESH: "refresh-0",
    });
  }

  /** A process that reads and answers these inboxes. */
  async function processFor(
    entries: readonly object[],
    { cursors = memoryCursors(), waits = { first: 50, most: 200 } } = {},
  ) {
    const configured = (await configWith(entries)).inboxes;
    const { inboxes } = mailAccess(configured, { vault: storedTokenVault(store()), clock, log });
    const accounts = loginStates(inboxes, { clock, log, waits });
    const read = email({
      inboxes,
      accounts,
      cursors,
      blobs: memoryBlobs(),
      clock,
      log,
      resolver,
      messageIdDomain: "ourshop.test",
      instance: "test",
      secret: "a secret of the tests, long enough",
      startAt: "now",
      limits: { ...EMAIL_LIMITS, pollMs: 50, retryMs: { first: 10, most: 40 } },
    });
    const channel = inUse(read, cursors);
    running.push(channel);
    const subjects: string[] = [];
    await channel.start(async ({ body }) => {
      subjects.push(/^Subject: (.*)\r$/m.exec(Buffer.from(body).toString("latin1"))?.[1] ?? "");
    });
    const problem = (address: string): string | null =>
      accounts.credentialStates[`mail ${address.replace("@", " at ")}`]?.problem() ?? null;
    return { channel, subjects, problem, cursors, inboxes, accounts };
  }

  return {
    clock,
    log,
    lines: log.lines,
    time,
    store,
    provider,
    configWith,
    processFor,
    /** Where a password may be written; the file of inboxes is beside it. */
    passwordFile: () => join(world.folder, "password"),
  };
}

/** An entry of the file for this provider's mailbox. */
export function entry({ imap, smtp }: Provider, address: string, signIn: object): object {
  const place = ({ host, port }: Provider["imap"]) => ({ host, port });
  return { address, imap: place(imap), smtp: place(smtp), ...signIn };
}

/** How an entry signs in with tokens of this provider. */
export function oauth({ tokenUrl }: Provider, more: object = {}): object {
  const secrets = { client_secret: { env: "TEST_SECRET" }, refresh_token: { env: "TEST_REFRESH" } };
  return { oauth: { client_id: "deskhand", token_url: tokenUrl, ...secrets, ...more } };
}

/** A mail by its subject. */
export function mail(name: string): Buffer {
  return written({ subject: name, messageId: `<${name.replaceAll(" ", "-")}@customer.test>` });
}

/** Answers a mail to the support inbox. */
export async function answered(channel: Channel, name: string): Promise<void> {
  await answer({ channel }, mail(name), "Here it is.", `the answer to ${name}`);
}

/** Waits for the mail with this subject. */
export function arrived(subjects: readonly string[], name: string): Promise<boolean> {
  return until(`the mail ${name}`, async () => subjects.includes(name));
}

/** A refused or spared login, in these words. */
export function isUnauthorized(words: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof DeskhandError, String(error));
    assert.deepEqual([error.code, error.notTried], ["channel.unauthorized", true]);
    assert.match(error.message, words);
    return true;
  };
}
