/**
 * A sandbox account, the vault in a real PostgreSQL, and processes that sign in to the account over a recorder, for a
 * file's tests. All go by one clock, which only the tests move.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { zendesk } from "#zendesk/index.ts";
import type { Channel } from "#core/contracts/channel.ts";
import { startSandboxZendesk, type SandboxZendesk } from "#sandbox/zendesk/index.ts";
import { type SignIns, zendeskAccess, type ZendeskAccess } from "#connections/sign-ins.ts";
import { storedTokenVault } from "#store/db/settings.ts";
import { migratedDatabase, type OpenedStore } from "#test/store/bench.ts";
import { memoryCursors, memoryLog } from "#test/jobs/memory-ports.ts";
import { type Desk, deskOf } from "./read/people.ts";
import { type Call, openRecorder } from "./servers.ts";
import { openedBy } from "#test/support/opened.ts";

const START = Date.parse("2026-11-20T12:00:00Z");
export const MINUTE = 60_000;
const signal = new AbortController().signal;
const Issued = z.object({ access_token: z.string(), refresh_token: z.string() });

type Role = keyof SandboxZendesk["oauth"];

/** What one process has: its own memory over the vault that all share. */
interface Process {
  readonly access: ZendeskAccess;
  readonly channel: Channel;
}

interface Opened {
  readonly database: OpenedStore;
  readonly directory: string;
  readonly sandbox: SandboxZendesk;
  readonly people: Desk;
  readonly recorder: Awaited<ReturnType<typeof openRecorder>>;
}

export function accountForTests() {
  const now: { opened?: Opened } = {};
  const opened = openedBy(() => now.opened);
  const time = { ms: START };
  const clock = { now: () => new Date(time.ms) };
  const log = memoryLog();
  const started: Channel[] = [];

  before(async () => {
    const database = await migratedDatabase("postgres");
    const directory = await mkdtemp(join(tmpdir(), "deskhand-access-"));
    const sandbox = await startSandboxZendesk({ directory, now: clock.now });
    const recorder = await openRecorder(sandbox.url);
    now.opened = { database, directory, sandbox, people: deskOf(sandbox), recorder };
  });
  after(async () => {
    const { recorder, sandbox, database, directory } = opened;
    await recorder.close();
    await sandbox.close();
    await database.close();
    await rm(directory, { recursive: true, force: true });
  });
  beforeEach(async () => {
    // A day later whatever an earlier test was issued is over, and so is every limit.
    time.ms += 24 * 60 * MINUTE;
    const { database, recorder } = opened;
    await database.store.run((transaction) => transaction.execute(sql`delete from token_vault`));
    recorder.calls.length = 0;
    log.lines.length = 0;
  });
  afterEach(async () => {
    for (const channel of started.splice(0)) await channel.stop();
    await opened.people.control("DELETE", "faults");
  });

  function clients(change: Partial<Record<keyof SignIns, object>> = {}): SignIns {
    const client = (of: Role) => ({
      clientId: opened.sandbox.oauth[of].id,
      clientSecret: opened.sandbox.oauth[of].secret,
      refreshToken: null,
      ...change[of],
    });
    return { writer: client("writer"), reader: client("reader") };
  }

  const calls = (): readonly Call[] => opened.recorder.calls;
  const channelFor = (access: Pick<ZendeskAccess, "writerToken" | "readerToken">): Channel =>
    zendesk({
      url: opened.recorder.url,
      writerToken: access.writerToken,
      readerToken: access.readerToken,
      webhookSecret: opened.sandbox.webhookSecret,
      groups: opened.sandbox.groups,
      clock,
      log,
      cursors: memoryCursors(),
      pollMs: 60_000,
      senderAuthentication: false,
      brand: "ourshop",
      callsPerMinute: 6_000,
    });
  return {
    time,
    /** What was logged, one line each. */
    lines: log.lines,
    sandbox: openedBy(() => now.opened?.sandbox),
    people: openedBy(() => now.opened?.people),
    store: openedBy(() => now.opened?.database.store),
    calls,
    /** Forgets the calls made so far. */
    forget: () => void opened.recorder.calls.splice(0),
    grants: () => calls().filter(({ path }) => path === "/oauth/tokens"),
    answered: (status: number) => calls().filter((call) => call.status === status).length,
    clients,
    processWith: (
      signIns: SignIns = clients(),
      role: "all" | "worker" | "channels" = "all",
    ): Process => {
      const { recorder, database } = opened;
      const vault = storedTokenVault(database.store);
      const access = zendeskAccess({ url: recorder.url, signIns, role, vault, clock, log });
      return { access, channel: channelFor(access) };
    },
    channelFor,
    start: async (channel: Channel): Promise<void> => {
      await channel.start(async () => undefined);
      started.push(channel);
    },
    read: (channel: Channel, ticketId: number) =>
      channel.fetch(
        { id: "c1", channel: "zendesk", externalId: String(ticketId), subject: "", brand: "" },
        signal,
      ),
    /** Ends every token of a client, as an admin who revokes them. */
    revoke: async (role: Role): Promise<void> => {
      await opened.people.control("POST", "revoke", {
        client_id: opened.sandbox.oauth[role].id,
      });
    },
    /** Tokens that a test got by hand, past the recorder. */
    issue: async (role: Role, scope: string) => {
      const { id, secret } = opened.sandbox.oauth[role];
      const asked = {
        grant_type: "client_credentials",
        client_id: id,
        client_secret: secret,
        scope,
      };
      const response = await fetch(`${opened.sandbox.url}/oauth/tokens`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(asked),
      });
      return Issued.parse(await response.json());
    },
  };
}
