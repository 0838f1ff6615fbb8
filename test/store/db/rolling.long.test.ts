/** Processes of two versions on one database: what the older one does while the newer one migrates, and afterwards. */
import assert from "node:assert/strict";
import { fork, type ChildProcess } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { openStore, rowsOf, type Store } from "#store/db/database.ts";
import { migrate, newestMigration, pendingFor } from "#store/db/migrate.ts";
import { freshDatabase, postgresMissing } from "#test/support/postgres.ts";
import { until } from "#test/support/waiting.ts";
import { silentLog } from "#test/store/bench.ts";

const OURS = join(import.meta.dirname, "../../../src/store/db/migrations");
const NEXT = join(import.meta.dirname, "../../fixtures/migrations/next.sql");

const Said = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("migrated"), applied: z.array(z.string()) }),
  z.object({ kind: z.literal("rounds"), rounds: z.int() }),
  z.object({ kind: z.literal("failed"), code: z.string(), reason: z.string() }),
]);

interface Worker {
  readonly applied: () => readonly string[] | null;
  readonly rounds: () => number;
  readonly failed: () => { readonly code: string; readonly reason: string } | null;
  readonly signal: (name: "SIGSTOP" | "SIGKILL") => Promise<void>;
  /** Lets the round in hand come to its end. */
  readonly stop: () => Promise<void>;
}

describe("two versions on one database", { skip: postgresMissing }, () => {
  const opened: { folder?: string; database?: Awaited<ReturnType<typeof freshDatabase>> } = {};
  const children: ChildProcess[] = [];
  const stores: Store[] = [];
  /** The files of later versions so far, by name; a later version has those of the ones before. */
  const written = new Map<string, string>();
  let count = 0;

  before(async () => {
    opened.folder = await mkdtemp(join(tmpdir(), "deskhand-rolling-"));
    opened.database = await freshDatabase();
  });
  after(async () => {
    for (const child of children) child.kill("SIGKILL");
    for (const store of stores) await store.close();
    await opened.database?.drop();
    if (opened.folder !== undefined) await rm(opened.folder, { recursive: true, force: true });
  });

  async function newFolder(): Promise<string> {
    count += 1;
    const made = join(opened.folder ?? "", String(count));
    await mkdir(made);
    return made;
  }

  /** The migrations of a version after ours: the same files and one more, which may say with whom it works. */
  async function nextVersion(name: string, header: string, text: string): Promise<string> {
    const made = await newFolder();
    await cp(OURS, made, { recursive: true });
    written.set(name, `${header}${text}`);
    for (const [file, content] of written) await writeFile(join(made, file), content);
    return made;
  }

  async function startWorker(migrations = OURS): Promise<Worker> {
    const program = join(import.meta.dirname, "rolling-worker.ts");
    const child = fork(program, [opened.database?.url ?? "", await newFolder(), migrations]);
    children.push(child);
    const seen: {
      applied: readonly string[] | null;
      rounds: number;
      failed: { readonly code: string; readonly reason: string } | null;
    } = { applied: null, rounds: 0, failed: null };
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.on("message", (message) => {
      const said = Said.parse(message);
      if (said.kind === "migrated") seen.applied = said.applied;
      else if (said.kind === "rounds") seen.rounds = said.rounds;
      else seen.failed = said;
    });
    return {
      applied: () => seen.applied,
      rounds: () => seen.rounds,
      failed: () => seen.failed,
      async signal(name) {
        child.kill(name);
        if (name === "SIGKILL") await gone;
      },
      async stop() {
        child.send("stop");
        await gone;
      },
    };
  }

  async function storeOfNext(): Promise<Store> {
    const folder = await newFolder();
    const store = await openStore({
      databaseUrl: opened.database?.url ?? null,
      folder,
      log: silentLog,
    });
    stores.push(store);
    return store;
  }

  const workers: Worker[] = [];

  function noneFailed(): void {
    assert.deepEqual(
      workers.map((worker) => worker.failed()).filter((failed) => failed !== null),
      [],
    );
  }

  async function allGoOn(): Promise<void> {
    const reached = workers.map((worker) => worker.rounds());
    await until("two more rounds of every worker", async () => {
      noneFailed();
      return workers.every((worker, index) => worker.rounds() >= (reached[index] ?? 0) + 2);
    });
  }

  test("five processes that start at once migrate it once and all work", async () => {
    workers.push(...(await Promise.all(Array.from({ length: 5 }, () => startWorker()))));
    await allGoOn();
    assert.deepEqual(
      workers.flatMap((worker) => worker.applied() ?? []).toSorted(),
      pendingFor([]).map(({ name }) => name),
    );
  });

  test("they go on while a newer version migrates, and with its tables", async () => {
    const newest = newestMigration().slice(0, 4);
    const next = await nextVersion(
      "9000_next.sql",
      `-- works with: ${newest}\n`,
      await readFile(NEXT, "utf8"),
    );
    assert.deepEqual(await migrate(await storeOfNext(), next), { applied: ["9000_next.sql"] });
    await allGoOn();
  });

  test("one of them that its supervisor starts again works with what says that it may", async () => {
    const [first] = workers.splice(0, 1);
    await first?.stop();
    const again = await startWorker();
    workers.push(again);
    await allGoOn();
    assert.deepEqual(again.applied(), []);
  });

  test("a change that waits for another's lock keeps the others waiting for moments only", async () => {
    const store = await storeOfNext();
    const next = await nextVersion(
      "9001_more.sql",
      "-- works with: 9000\n",
      "alter table conversation add column next_more text;\n",
    );
    const held = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const reader = (await storeOfNext()).run(async (transaction) => {
      await transaction.execute(sql`select count(*) from conversation`);
      held.resolve();
      await released.promise;
    });
    await held.promise;
    const migrating = migrate(store, next);
    await until("the change to wait for its lock", async () => {
      const waiting = await store.run((transaction) =>
        rowsOf(
          transaction,
          z.object({ pid: z.int() }),
          sql`select pid from pg_locks where not granted and mode = 'AccessExclusiveLock'`,
        ),
      );
      return waiting.length > 0;
    });
    await allGoOn();
    released.resolve();
    await reader;
    assert.deepEqual(await migrating, { applied: ["9001_more.sql"] });
  });

  test("a worker of the older version is not started again where a file does not say that it may", async () => {
    const refused = await startWorker();
    await until("the refusal", async () => refused.failed());
    assert.equal(refused.failed()?.code, "store.newer_schema");
    assert.match(refused.failed()?.reason ?? "", /9001_more\.sql/);
    noneFailed();
    await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  });

  /** What the session that runs the slow migration is doing. */
  async function sleeping(store: Store): Promise<string | undefined> {
    const [row] = await store.run((transaction) =>
      rowsOf(
        transaction,
        z.object({ state: z.string() }),
        sql`select state from pg_stat_activity where query like '%pg_sleep(%' and pid <> pg_backend_pid()
            and datname = current_database()`,
      ),
    );
    return row?.state;
  }

  for (const [when, state] of [
    ["in the middle of a statement", "active"],
    ["between two statements", "idle in transaction"],
  ] as const)
    test(`a migration whose process is killed ${when} leaves nothing, and the next start finishes it`, async () => {
      const store = await storeOfNext();
      const has = (name: string): Promise<boolean> =>
        store.run(async (transaction) => {
          const Found = z.object({ found: z.boolean() });
          const query = sql`select to_regclass(${name}) is not null as found`;
          return (await rowsOf(transaction, Found, query))[0]?.found === true;
        });
      const [first, last] = [`slow_first_${count}`, `slow_last_${count}`];
      const next = await nextVersion(
        `9100_slow_${String(count).padStart(4, "0")}.sql`,
        "-- works with: 9000\n",
        `create table ${first} (id text);\nselect pg_sleep(1);\ncreate table ${last} (id text);\n`,
      );
      const killed = await startWorker(next);
      await until(
        "the migration to be under way",
        async () => (await sleeping(store)) === "active",
      );
      // Stopped, it sends no further statement once this one is done.
      await killed.signal("SIGSTOP");
      await until(`it to be ${state}`, async () => (await sleeping(store)) === state);
      await killed.signal("SIGKILL");
      assert.deepEqual([await has(first), await has(last)], [false, false]);
      const { applied } = await migrate(store, next);
      assert.equal(applied.length, 1);
      assert.deepEqual([await has(first), await has(last)], [true, true]);
    });
});
