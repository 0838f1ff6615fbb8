/** What the store's tests share: both databases, opened once for a file, and rows to start from. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, type TestContext } from "node:test";
import type { intend } from "#store/effects/intend.ts";
import { sql, type SQL } from "#store/db/drizzle.ts";
import { z } from "zod";
import type { PlannedAction } from "#core/values/action.ts";
import type { Hint } from "#core/contracts/channel.ts";
import type { Message } from "#core/values/message.ts";
import type { Ids, Log } from "#core/contracts/ports.ts";
import {
  openStore,
  type Reader,
  rowsOf,
  type Store,
  type Transaction,
} from "#store/db/database.ts";
import { acceptHints } from "#store/inbox/accept-hints.ts";
import { migrate } from "#store/db/migrate.ts";
import type { insertPolicyChange } from "#store/policy/policy-changes.ts";
import { DATABASES, type DatabaseKind } from "#test/support/deskhand.ts";
import { allTables, forgetting } from "#evals/harness/forgetting.ts";
import { atEndOfProcess } from "#test/support/at-end.ts";
import { placeEmbedded } from "#test/support/embedded.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import { freshDatabase, migratedFreshDatabase } from "#test/support/postgres.ts";

/** The business time of these tests; the database's own clock is a different one on purpose. */
export const NOW = new Date("2026-03-01T10:00:00.000Z");

/** So many milliseconds after `NOW`. */
export function later(ms: number): Date {
  return new Date(NOW.getTime() + ms);
}

export const silentLog: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A store to work with, and its database, so that a test can open a second one beside it. */
export interface OpenedStore {
  readonly kind: DatabaseKind;
  readonly folder: string;
  /** Null for the embedded database. */
  readonly databaseUrl: string | null;
  readonly store: Store;
  close(): Promise<void>;
}

/** An empty database of one kind, not migrated. */
export function emptyDatabase(kind: DatabaseKind): Promise<OpenedStore> {
  return openedDatabase(kind, "empty");
}

/** Databases that a suite has put back, for the next suite of this process: making one takes longer than most suites. */
const idle: Record<DatabaseKind, SharedDatabase[]> = { pglite: [], postgres: [] };

/** A database that several suites use one after the other; `forget` deletes all its rows. */
export interface SharedDatabase {
  readonly opened: OpenedStore;
  readonly forget: () => Promise<void>;
}

/**
 * A database of one kind with all its tables and no rows, which another suite of this process may have used before;
 * `close` puts it back. For suites that change no table and end no connection of it.
 */
export async function sharedDatabase(kind: DatabaseKind): Promise<SharedDatabase> {
  const database = idle[kind].pop() ?? (await emptiedDatabase(kind));
  await database.forget();
  const lent = { isBack: false };
  const close = async (): Promise<void> => {
    if (!lent.isBack) idle[kind].push(database);
    lent.isBack = true;
  };
  return { forget: database.forget, opened: { ...database.opened, close } };
}

async function emptiedDatabase(kind: DatabaseKind): Promise<SharedDatabase> {
  const opened = await migratedDatabase(kind);
  atEndOfProcess(() => opened.close());
  const { store } = opened;
  // With its connections made already, what is asked at once really arrives at once.
  await Promise.all(
    Array.from({ length: 10 }, () =>
      store.run((transaction) => transaction.execute(sql`select pg_sleep(0.02)`)),
    ),
  );
  return { opened, forget: await forgetting(store, await allTables(store)) };
}

/** A database of one's own of one kind, with all its tables and nothing in them. */
export async function migratedDatabase(kind: DatabaseKind): Promise<OpenedStore> {
  const opened = await openedDatabase(kind, "migrated");
  await migrate(opened.store);
  return opened;
}

async function openedDatabase(
  kind: DatabaseKind,
  state: "empty" | "migrated",
): Promise<OpenedStore> {
  const folder = await mkdtemp(join(tmpdir(), "deskhand-store-"));
  if (kind === "pglite") placeEmbedded(folder, state);
  const made = state === "empty" ? freshDatabase : migratedFreshDatabase;
  const database = kind === "postgres" ? await made() : null;
  const databaseUrl = database?.url ?? null;
  const store = await openStore({ databaseUrl, folder, log: silentLog });
  return {
    kind,
    folder,
    databaseUrl,
    store,
    async close() {
      await store.close();
      await database?.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A store of another process on this database, ended with the test. */
export async function storeAt(
  context: Pick<TestContext, "after">,
  databaseUrl: string,
): Promise<Store> {
  const folder = temporaryFolder(context);
  const store = await openStore({ databaseUrl, folder, log: silentLog });
  context.after(() => store.close());
  return store;
}

/** What a test works with; every id it hands out is new, so that tests of one file do not meet. */
export interface StoreBench {
  readonly kind: DatabaseKind;
  readonly store: Store;
  /** Runs work in a transaction, with what it is given besides. */
  run<T, Given extends readonly unknown[]>(
    work: (transaction: Transaction, ...given: Given) => Promise<T>,
    ...given: Given
  ): Promise<T>;
  /** Runs work on five stores of ten connections each, as five processes would; on the embedded database on its one. */
  overManyConnections<T>(
    start: (
      run: (index: number, work: (transaction: Transaction) => Promise<T>) => Promise<T>,
    ) => readonly Promise<T>[],
  ): Promise<readonly T[]>;
  /** Rows of a hand-written statement. */
  rows<Row extends z.ZodType>(row: Row, query: SQL): Promise<readonly z.output<Row>[]>;
  /** A number, such as from `select count(*)`. */
  count(query: SQL): Promise<number>;
  execute(query: SQL): Promise<void>;
  id(prefix: string): string;
  readonly ids: Ids;
  /** A conversation to hang rows on; gives its id. */
  conversation(channel?: string): Promise<string>;
}

/** Runs the same tests on every database there is, each time on a migrated one of its own. */
export function onEveryDatabase(name: string, body: (bench: StoreBench) => void): void {
  for (const kind of DATABASES)
    describe(`${name} on ${kind}`, () => {
      const opened: { store?: OpenedStore } = {};
      before(async () => void (opened.store = (await sharedDatabase(kind)).opened));
      after(() => opened.store?.close());
      body(
        benchOn(kind, () => {
          if (opened.store === undefined) throw new Error("the database is not open yet");
          return opened.store;
        }),
      );
    });
}

/** Further stores on the same database, each with its own folder; none for the embedded one, which has one process. */
async function storesBeside({ databaseUrl }: OpenedStore): Promise<readonly OpenedStore[]> {
  if (databaseUrl === null) return [];
  return Promise.all(
    Array.from({ length: 5 }, async () => {
      const folder = await mkdtemp(join(tmpdir(), "deskhand-store-"));
      const store = await openStore({ databaseUrl, folder, log: silentLog });
      const close = async (): Promise<void> => {
        await store.close();
        await rm(folder, { recursive: true, force: true });
      };
      return { kind: "postgres" as const, folder, databaseUrl, store, close };
    }),
  );
}

function benchOn(kind: DatabaseKind, opened: () => OpenedStore): StoreBench {
  const store = (): Store => opened().store;
  const counted = { ids: 0 };
  const id = (prefix: string): string => `${prefix}_${(counted.ids += 1)}`;
  const rows: StoreBench["rows"] = (row, query) =>
    store().run((transaction) => rowsOf(transaction, row, query));
  return {
    kind,
    get store() {
      return store();
    },
    run: (work, ...given) => store().run((transaction) => work(transaction, ...given)),
    async overManyConnections(start) {
      const beside = await storesBeside(opened());
      try {
        const all = beside.length === 0 ? [opened()] : beside;
        return await Promise.all(
          start((index, work) => (all[index % all.length] ?? opened()).store.run(work)),
        );
      } finally {
        for (const one of beside) await one.close();
      }
    },
    rows,
    count: async (query) => {
      const [row] = await rows(z.record(z.string(), z.coerce.number()), query);
      return Object.values(row ?? {})[0] ?? Number.NaN;
    },
    execute: (query) => store().run(async (transaction) => void (await transaction.execute(query))),
    id,
    ids: { next: id },
    async conversation(channel = "email") {
      const made = id("c");
      await store().run((transaction) =>
        transaction.execute(
          sql`insert into conversation (id, channel, created_at, updated_at)
              values (${made}, ${channel}, ${NOW.toISOString()}, ${NOW.toISOString()})`,
        ),
      );
      return made;
    },
  };
}

/** A change of the policy file that no teammate voted on, with an id of its own. */
export function policyRow(id: string, given: Partial<Parameters<typeof insertPolicyChange>[1]>) {
  return {
    id,
    source: "file" as const,
    version: id,
    text: "",
    state: "proposed" as const,
    relaxations: [],
    differences: [],
    needs: { count: 1, leads: 1 },
    proposedAt: NOW,
    activeSince: null,
    expiresAt: NOW,
    closing: "",
    ...given,
  };
}

/** A refund of an order, as a tool would plan it, under a key of its own. */
export function plannedRefund(key: string, orderId = "789"): PlannedAction {
  return {
    key,
    action: {
      target: "shop",
      operation: "refund",
      arguments: { orderId, amount: { minor: 12_000, currency: "USD" }, reason: "broken" },
    },
    label: `Refund 120.00 USD, order ${orderId}`,
    facts: [],
  };
}

/** How effects of a conversation are intended that policy allowed and that are due at once, unless said otherwise. */
export function intentionIn(
  { id }: Pick<StoreBench, "id">,
  conversationId: string,
  changes: Partial<Parameters<typeof intend>[2]> = {},
): Parameters<typeof intend>[2] {
  return {
    conversationId,
    approvalId: null,
    turnId: null,
    bundle: id("b"),
    revision: null,
    approvedBy: "policy",
    notBefore: NOW,
    now: NOW,
    ...changes,
  };
}

/** How a hint is taken in whose body is not kept. */
export function intakeOptions({ ids }: Pick<StoreBench, "ids">) {
  return { bodyRef: null, receivedAt: NOW, ids };
}

/** A hint as an adapter's `receive` makes it. */
export function hintOf(eventId: string, conversationKeys: readonly string[]): Hint {
  return {
    channel: "email",
    eventId,
    conversationKeys: [...conversationKeys],
    kind: "message",
    data: {},
    keepBody: false,
  };
}

/** Takes in a hint that goes to a conversation, as a delivery of its own. */
export async function acceptOne(
  reader: Reader,
  hint: Hint,
  options: Parameters<typeof acceptHints>[2],
): Promise<{ readonly conversationId: string; readonly known: boolean }> {
  const [taken] = await acceptHints(reader, [hint], options);
  if (taken === undefined) throw new Error("it goes to no conversation");
  const { conversationId, known } = taken;
  return { conversationId, known };
}

/** A customer's public message, unless said otherwise. */
export function messageOf(key: string, changes: Partial<Message> = {}): Message {
  return {
    key,
    author: { kind: "requester", id: "email:ann@customer.test", name: "Ann Fields" },
    visibility: "public",
    subject: "",
    text: `text of ${key}`,
    segments: [],
    attachments: [],
    sentAt: NOW.toISOString(),
    identity: { level: 0, method: "none", reason: "no identity", handle: { kind: "none" } },
    answerTo: null,
    answerPrivatelyTo: null,
    ignore: null,
    ...changes,
  };
}
