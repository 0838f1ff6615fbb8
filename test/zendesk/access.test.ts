/**
 * Signing in to Zendesk: tokens that run out, that are refused, and that were never enough. Judged by the calls that went
 * over the wire, with the vault in a real PostgreSQL.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { zendesk } from "#adapters/zendesk/index.ts";
import type { Action } from "#core/action.ts";
import type { Channel } from "#core/channel.ts";
import { startSandboxZendesk, type SandboxZendesk } from "#sandbox/zendesk/index.ts";
import { type SignIns, zendeskAccess, type ZendeskAccess } from "#src/zendesk-access.ts";
import { rowsOf } from "#store/driver.ts";
import { migrate } from "#store/migrate.ts";
import { tokenVaultOf } from "#store/token-vault.ts";
import { emptyDatabase, type OpenedStore } from "#test/store/bench.ts";
import { failsWith, memoryCursors } from "./bench.ts";
import { type Desk, deskOf } from "./people.ts";
import { type Call, openRecorder } from "./recorder.ts";

const START = Date.parse("2026-11-20T12:00:00Z");
const MINUTE = 60_000;
const signal = AbortSignal.timeout(120_000);

let opened: OpenedStore;
let directory: string;
let sandbox: SandboxZendesk;
let people: Desk;
let recorder: Awaited<ReturnType<typeof openRecorder>>;
const time = { ms: START };
const clock = { now: () => new Date(time.ms) };
const lines: string[] = [];
const keep = (message: string, details?: unknown): void =>
  void lines.push(`${message} ${JSON.stringify(details ?? {})}`);
const log = { info: keep, warn: keep, error: keep };

before(async () => {
  opened = await emptyDatabase("postgres");
  await migrate(opened.store);
  directory = await mkdtemp(join(tmpdir(), "deskhand-access-"));
  sandbox = await startSandboxZendesk({ directory, now: clock.now });
  people = deskOf(sandbox);
  recorder = await openRecorder(sandbox.url);
});

after(async () => {
  await recorder.close();
  await sandbox.close();
  await opened.close();
  await rm(directory, { recursive: true, force: true });
});

beforeEach(async () => {
  // A day later whatever an earlier test was issued is over, and so is every limit.
  time.ms += 24 * 60 * MINUTE;
  await opened.store.run((transaction) => transaction.execute(sql`delete from token_vault`));
  recorder.calls.length = 0;
  lines.length = 0;
});

const started: Channel[] = [];
afterEach(async () => {
  for (const channel of started.splice(0)) await channel.stop();
  await people.control("DELETE", "faults");
});

function clients(change: Partial<Record<keyof SignIns, object>> = {}): SignIns {
  const client = (of: keyof SignIns) => ({
    kind: "client" as const,
    clientId: sandbox.oauth[of].id,
    clientSecret: sandbox.oauth[of].secret,
    refreshToken: null,
    ...change[of],
  });
  return { writer: client("writer"), reader: client("reader") };
}

/** What a process has: its own memory over the vault all processes share. */
function processWith(
  signIns: SignIns = clients(),
  role: "all" | "worker" | "channels" = "all",
): { readonly access: ZendeskAccess; readonly channel: Channel } {
  const vault = tokenVaultOf(opened.store);
  const access = zendeskAccess({ url: recorder.url, signIns, role, vault, clock, log });
  const channel = zendesk({
    url: recorder.url,
    writerToken: access.writerToken,
    readerToken: access.readerToken,
    webhookSecret: sandbox.webhookSecret,
    groups: sandbox.groups,
    clock,
    log,
    cursors: memoryCursors(),
    pollMs: 60_000,
    senderAuthentication: false,
    brand: "ourshop",
    callsPerMinute: 6_000,
  });
  return { access, channel };
}

async function start(channel: Channel): Promise<void> {
  await channel.start(async () => undefined);
  started.push(channel);
}

const read = (channel: Channel, ticketId: number) =>
  channel.fetch(
    { id: "c1", channel: "zendesk", externalId: String(ticketId), subject: "", brand: "" },
    signal,
  );

const grants = (): readonly Call[] => recorder.calls.filter(({ path }) => path === "/oauth/tokens");
const answered = (status: number): number =>
  recorder.calls.filter((call) => call.status === status).length;

/** Ends every token of a client, as an admin who revokes them. */
async function revoke(role: keyof SandboxZendesk["oauth"]): Promise<void> {
  await people.control("POST", "revoke", { client_id: sandbox.oauth[role].id });
}

describe("signing in to Zendesk", () => {
  test("a token is asked for once, used by all processes, and renewed before its end", async () => {
    const ticketId = await people.ask("Where is 123?");
    const [first, second] = [processWith().channel, processWith().channel];
    await read(first, ticketId);
    await read(second, ticketId);
    await read(first, ticketId);
    assert.equal(grants().length, 1);
    time.ms += 26 * MINUTE;
    await read(second, ticketId);
    assert.equal(grants().length, 1);
    time.ms += 2 * MINUTE;
    await Promise.all([read(first, ticketId), read(second, ticketId), read(first, ticketId)]);
    assert.equal(grants().length, 2);
    assert.equal(answered(401), 0);
  });

  test("a token that is renewed ahead of its end is used on while the exchange cannot be reached", async () => {
    const { access } = processWith();
    const token = await access.writerToken();
    time.ms += 27 * MINUTE;
    const elsewhere = tokenVaultOf(opened.store);
    assert.ok(await elsewhere.claim("zendesk writer", 60_000), "another process is at it");
    assert.equal(await access.writerToken(), token);
    assert.equal(grants().length, 1);
  });

  test("a 401 in mid-run is one exchange for all calls under way, and each is made once more", async () => {
    const ticketId = await people.ask("Where is 456?");
    const processes = [processWith().channel, processWith().channel];
    for (const channel of processes) await read(channel, ticketId);
    await revoke("writer");
    recorder.calls.length = 0;
    const found = await Promise.all(
      [...processes, ...processes].map((channel) => read(channel, ticketId)),
    );
    assert.ok(found.every(({ messages }) => messages.length === 1));
    assert.equal(grants().length, 1);
    const refused = recorder.calls.filter(({ status }) => status === 401);
    assert.ok(refused.length >= 1);
    assert.equal(new Set(refused.map(({ authorization }) => authorization)).size, 1);
  });

  test("a write that met a 401 is carried out once", async () => {
    const ticketId = await people.ask("Please note that.");
    const { channel } = processWith();
    await read(channel, ticketId);
    await revoke("writer");
    recorder.calls.length = 0;
    const words = { conversationId: "c1", externalId: String(ticketId), text: "Noted." };
    const note: Action = { target: "zendesk", operation: "note", arguments: words };
    await channel.commit(note, "effect:1", signal);
    const notes = (await people.comments(ticketId)).filter(({ public: isPublic }) => !isPublic);
    assert.equal(notes.length, 1);
    assert.deepEqual([grants().length, answered(401)], [1, 1]);
  });

  test("a second 401 stops it: nothing is asked for five minutes, and health says why", async () => {
    const ticketId = await people.ask("Where is 789?");
    const { channel, access } = processWith();
    await read(channel, ticketId);
    recorder.calls.length = 0;
    await people.control("POST", "faults", { kind: "unauthorized", times: 100, path: "/" });
    await assert.rejects(read(channel, ticketId), failsWith("channel.unauthorized", /doctor/));
    assert.equal(grants().length, 1);
    const asked = recorder.calls.length;
    for (let round = 0; round < 20; round += 1)
      await assert.rejects(read(channel, ticketId), failsWith("channel.unauthorized"));
    assert.equal(recorder.calls.length, asked, "no call after the stop");
    assert.match(access.standings["zendesk writer"]?.problem() ?? "", /refuses/);
    await people.control("DELETE", "faults");
    time.ms += 5 * MINUTE;
    assert.equal((await read(channel, ticketId)).messages.length, 1);
    assert.equal(access.standings["zendesk writer"]?.problem(), null);
  });

  test("a client whose secret was changed stops at the exchange, with the variables to look at", async () => {
    const { access } = processWith(clients({ writer: { clientSecret: "old" } }));
    for (let round = 0; round < 5; round += 1)
      await assert.rejects(
        access.writerToken(),
        failsWith("channel.unauthorized", /identifier and secret/),
      );
    assert.equal(grants().length, 1);
  });

  test("a refresh token is used once, by one process, and its successor is kept for all", async () => {
    const refreshToken = await authorized("writer");
    const own = clients({ writer: { refreshToken } });
    const processes = [processWith(own), processWith(own), processWith(own)];
    const tokens = await Promise.all(processes.map(({ access }) => access.writerToken()));
    assert.equal(new Set(tokens).size, 1);
    assert.deepEqual(
      grants().map(({ status }) => status),
      [200],
    );
    time.ms += 29 * MINUTE;
    const later = await Promise.all(processes.map(({ access }) => access.writerToken()));
    assert.equal(new Set(later).size, 1);
    assert.notEqual(later[0], tokens[0]);
    assert.equal(grants().length, 2);
    // A start later on knows nothing but the first one, and the vault.
    time.ms += 29 * MINUTE;
    await processWith(own).access.writerToken();
    assert.equal(grants().length, 3);
    assert.ok(grants().every(({ status }) => status === 200));
  });

  test("a refresh token that is spent says that somebody has to authorize the client again", async () => {
    const own = clients({ writer: { refreshToken: "spent" } });
    const { access } = processWith(own);
    await assert.rejects(access.writerToken(), failsWith("channel.unauthorized", /authorize/));
    await assert.rejects(access.writerToken(), failsWith("channel.unauthorized"));
    assert.equal(grants().length, 1);
  });

  test("an exchange that ended after its claim still counts, unless somebody was faster", async () => {
    const vault = tokenVaultOf(opened.store);
    const slow = await vault.claim("lease", 1);
    assert.ok(slow);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const fast = await vault.claim("lease", 60_000);
    assert.ok(fast);
    assert.equal(await vault.put("lease", slow.generation, "of the slow one"), true);
    assert.equal(await vault.put("lease", fast.generation, "of the other"), false);
    assert.equal((await vault.read("lease")).value, "of the slow one");
  });

  test("tokens are in no row, no message and no line of the log as they are", async () => {
    const { access } = processWith();
    const tokens = [await access.writerToken(), await access.readerToken()];
    await revoke("writer");
    tokens.push(await access.writerToken(tokens[0]));
    const row = z.object({ name: z.string(), value: z.string() });
    const kept = await opened.store.run((transaction) =>
      rowsOf(transaction, row, sql`select name, value from token_vault order by name`),
    );
    assert.deepEqual(
      kept.map(({ name }) => name),
      ["zendesk reader", "zendesk writer"],
    );
    const text = `${JSON.stringify(kept)}${lines.join()}`;
    for (const token of [...tokens, sandbox.oauth.writer.secret]) assert.ok(!text.includes(token));
  });

  test("a worker never has the reader's token, neither from the account nor from the vault", async () => {
    await processWith().access.readerToken();
    recorder.calls.length = 0;
    const { access } = processWith(clients(), "worker");
    await assert.rejects(access.readerToken(), failsWith("config.invalid", /no sign-in/));
    assert.equal(typeof (await access.writerToken()), "string");
    assert.equal(grants().length, 1);
    assert.deepEqual(Object.keys(access.standings), ["zendesk writer"]);
  });
});

describe("the start at a Zendesk account", () => {
  const refusals = [
    ["a customer", "ann", "admin", /writer is a customer/],
    ["a reader who is no admin", "bot", "dana", /incremental export: it must be an admin/],
  ] as const;
  for (const [what, writer, reader, words] of refusals)
    test(`refuses ${what}, by name`, async () => {
      const token = (who: "ann" | "bot" | "admin" | "dana", name: string) => ({
        kind: "token" as const,
        name,
        token: sandbox.tokens[who],
      });
      const { channel } = processWith({
        writer: token(writer, "ZENDESK_WRITER_TOKEN"),
        reader: token(reader, "ZENDESK_READER_TOKEN"),
      });
      await assert.rejects(start(channel), failsWith("config.invalid", words));
      assert.ok(recorder.calls.length <= 3, "it asked once and was told");
    });

  test("refuses the anonymous user, whom Zendesk answers with 200", async () => {
    await people.control("PUT", "settings", { anonymous: true });
    try {
      const { channel } = processWith();
      await assert.rejects(start(channel), failsWith("config.invalid", /Anonymous user/));
    } finally {
      await people.control("PUT", "settings", { anonymous: false });
    }
    assert.deepEqual(
      recorder.calls.map(({ path }) => path.split("?")[0]),
      ["/oauth/tokens", "/api/v2/users/me.json"],
    );
  });

  test("refuses a token that does not reach tickets although it may ask who it is", async () => {
    const { channel } = processWith({
      ...clients(),
      writer: { kind: "token", name: "ZENDESK_WRITER_TOKEN", token: await scoped("users:read") },
    });
    await assert.rejects(start(channel), failsWith("config.invalid", /may not read tickets/));
  });

  test("refuses a light agent, who could not reply to a customer", async () => {
    await people.control("PUT", "settings", { lightAgents: [sandbox.users.bot] });
    try {
      await assert.rejects(
        start(processWith().channel),
        failsWith("config.invalid", /light agent/),
      );
    } finally {
      await people.control("PUT", "settings", { lightAgents: [] });
    }
  });

  test("refuses a client it is not known by, and asks for a token once", async () => {
    const { channel } = processWith(clients({ writer: { clientId: "nobody" } }));
    await assert.rejects(start(channel), failsWith("config.invalid", /identifier and secret/));
    assert.deepEqual([grants().length, recorder.calls.length], [1, 1]);
  });

  test("does not mind an account that is away for a moment", async () => {
    await people.control("POST", "faults", { kind: "unavailable", times: 3, path: "/" });
    await start(processWith().channel);
    assert.match(lines.join(), /cannot be asked yet/);
  });

  test("signs in with an API token where there is still one, and says until when", async () => {
    const apiToken = sandbox.tokens;
    const signIns: SignIns = {
      writer: { kind: "api-token", email: "deskhand@ourshop.test", token: apiToken.bot },
      reader: { kind: "api-token", email: "admin@ourshop.test", token: apiToken.admin },
    };
    time.ms = Math.max(time.ms, Date.parse("2026-11-20T12:00:00Z"));
    await start(processWith(signIns).channel);
    assert.ok(recorder.calls.every(({ authorization }) => authorization.startsWith("Basic ")));
    assert.match(lines.join(), /end on 30 April 2027.*"days":1\d\d/);
    assert.equal(grants().length, 0);
  });
});

const Issued = z.object({ access_token: z.string(), refresh_token: z.string() });

async function issue(role: keyof SandboxZendesk["oauth"], scope: string) {
  const { id, secret } = sandbox.oauth[role];
  const response = await fetch(`${sandbox.url}/oauth/tokens`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      grant_type: "client_credentials",
      client_id: id,
      client_secret: secret,
      scope,
    }),
  });
  return Issued.parse(await response.json());
}

/** The refresh token somebody gets who authorizes the client by hand. */
async function authorized(role: keyof SandboxZendesk["oauth"]): Promise<string> {
  return (await issue(role, "read write")).refresh_token;
}

async function scoped(scope: string): Promise<string> {
  return (await issue("writer", scope)).access_token;
}
