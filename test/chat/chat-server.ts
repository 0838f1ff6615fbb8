/** The chat's routes over real HTTP and a real database, without workers: tests store what workers would have done. */
import { noSpans } from "#telemetry/spans.ts";
import { localNotices } from "#jobs/queue/change-notices.ts";
import type { InputGuard } from "#core/contracts/guard.ts";
import type { ChangeNotices, Log } from "#core/contracts/ports.ts";
import { SignJWT } from "jose";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { chat } from "#adapters/chat/index.ts";
import type { TokenRules } from "#adapters/chat/identity.ts";
import type { Outcome } from "#core/values/vocabulary.ts";
import { oneTimeCodes } from "#jobs/identity/one-time-codes.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { createApp, listen } from "#server/http/app.ts";
import type { ChatOptions } from "#server/chat/access.ts";
import { chatRoutes } from "#server/chat/message-route.ts";
import { chatStreams } from "#server/chat/stream-updates.ts";
import { addMessages, setOutcome } from "#store/conversations/messages.ts";
import { openStore, rowsOf, type Store } from "#store/db/database.ts";
import { migrate } from "#store/db/migrate.ts";
import { writeLine } from "#store/chat/chat-state.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { migratedFreshDatabase } from "#test/support/postgres.ts";
import { messageOf, silentLog } from "#test/store/bench.ts";
import { bearerOf, Data } from "./window.ts";
import { sandboxText } from "#test/policy/policy-files.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openGuard } from "#test/support/fixtures/open-guard.ts";
import { memoryBlobs } from "#test/jobs/memory-ports.ts";
import { markRead, unreadHints } from "#test/support/stored-rows.ts";

export const SECRET = "an identity secret of at least 32 characters";

export const RULES: TokenRules = {
  secrets: [SECRET],
  publicKeys: [],
  audience: null,
  issuer: null,
  lifetimeMsMax: 3_600_000,
};

/** A token of this user's, good for so many seconds. */
export function tokenOf(user: string, seconds = 300): Promise<string> {
  return new SignJWT({})
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(user)
    .setExpirationTime(Math.floor(Date.now() / 1_000) + seconds)
    .sign(new TextEncoder().encode(SECRET));
}

/** A store of a process of its own on this database. */
export async function storeOn(databaseUrl: string | null): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-chat-"));
  const store = await openStore({ databaseUrl, folder, log: silentLog });
  return {
    ...store,
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A store on the main database of the tests, which is there for one test file alone and goes when it is closed. */
export async function mainStore(): Promise<Store> {
  const database = MAIN_DATABASE === "postgres" ? await migratedFreshDatabase() : null;
  const store = await storeOn(database?.url ?? null);
  return {
    ...store,
    close: async () => {
      await store.close();
      await database?.drop();
    },
  };
}

/** One process that serves the chat. */
export async function serveChat(
  store: Store,
  given: {
    readonly options?: Partial<Omit<ChatOptions, "streams">>;
    readonly streams?: Parameters<typeof chatStreams>[1];
    readonly proxies?: number;
    readonly now?: () => Date;
    readonly changes?: ChangeNotices;
    readonly log?: Log;
    readonly guard?: InputGuard;
  } = {},
) {
  await migrate(store);
  const policy = loadPolicy(sandboxText, "sandbox.yaml");
  const clock = { now: given.now ?? (() => new Date()) };
  const transcript = { write: async () => undefined, has: async () => false };
  let made = 0;
  const parts = {
    store,
    blobs: memoryBlobs(),
    ids: { next: (prefix: string) => `${prefix}_${process.pid}_${(made += 1)}` },
    clock,
    log: given.log ?? silentLog,
    guard: given.guard ?? openGuard(),
    policy,
    channels: new Map([["chat" as const, chat({ transcript })]]),
    codes: oneTimeCodes("a secret of this test"),
    changes: given.changes ?? localNotices(),
    spans: noSpans,
    wake: async () => undefined,
  };
  const streams = chatStreams(parts, { everyMs: 40, ...given.streams });
  const routes = chatRoutes(parts, {
    tokens: RULES,
    origins: new Set(),
    answerWaitMs: 0,
    messagesPerMinute: { perUser: 1_000, perAddress: 1_000 },
    ...given.options,
    streams,
  });
  const app = createApp({
    log: silentLog,
    frames: [],
    proxies: given.proxies ?? 0,
    mounted: [["/support/chat", routes]],
  });
  const listening = await listen(app, { host: "127.0.0.1", port: 0 });
  const url = `${listening.url}/support/chat`;
  return {
    url,
    policy,
    changes: parts.changes,
    /** Asks as this user, or with null as an unsigned visitor; gives status and body. */
    async ask(
      user: string | null,
      body: Readonly<Record<string, unknown>>,
      headers: Readonly<Record<string, string>> = {},
    ) {
      const response = await fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(user === null ? {} : await bearer(user)),
          ...headers,
        },
        body: JSON.stringify({ user_id: user ?? "guest", message: "Hello", ...body }),
      });
      return { status: response.status, body: Data.parse(await response.json()) };
    },
    async stop() {
      streams.stop();
      await listening.close();
    },
  };
}

/** The header that proves this user. */
export async function bearer(user: string): Promise<{ readonly authorization: string }> {
  return bearerOf(await tokenOf(user));
}

const Id = z.object({ id: z.string() });

/** What the workers do with a chat, as far as its visitor can see. */
export function workersOn(store: Store, key: string) {
  const idOf = async (): Promise<string> => {
    const [row] = await store.run((transaction) =>
      rowsOf(
        transaction,
        Id,
        sql`select conversation_id as id from conversation_key where key = ${key}`,
      ),
    );
    return row?.id ?? "";
  };
  return {
    idOf,
    /** Reads what came in, as one question. */
    async read(name: string): Promise<string> {
      const id = await idOf();
      const question = `${key}:${name}`;
      await store.run(async (transaction) => {
        const unread = await unreadHints(transaction, id, 50);
        await markRead(
          transaction,
          unread.map((hint) => hint.id),
        );
        await addMessages(transaction, id, [messageOf(question)], new Date());
      });
      return question;
    },
    say: (name: string, text: string, at = new Date()): Promise<void> =>
      store.run((transaction) =>
        writeLine(transaction, { key: `${key}:${name}`, conversationId: key, text, at }),
      ),
    end: async (question: string, outcome: Outcome): Promise<void> => {
      const decidedIn = await idOf();
      const ended = { outcome, reason: "because", turnId: "turn_1", decidedIn };
      await store.run((transaction) => setOutcome(transaction, [question], ended, new Date()));
    },
  };
}
