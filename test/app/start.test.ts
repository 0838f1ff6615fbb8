/** A start that cannot work says what to fix, in the operator's terms, and leaves nothing behind; the clock a process goes by, and the end of what it does beside. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { openStore } from "#store/db/database.ts";
import { lockDataFolder } from "#store/db/data-folder.ts";
import { migrate } from "#store/db/migrate.ts";
import { BARE_ENVIRONMENT } from "#test/support/bare-environment.ts";
import { closed, listen } from "#test/support/loopback.ts";
import { placeEmbedded } from "#test/support/embedded.ts";
import { freshDatabase, postgresMissing } from "#test/support/postgres.ts";
import { REAL_ENVIRONMENT, SANDBOX_POLICY, SECRET } from "#test/support/real-parts.ts";
import { freshRedis, redisMissing, startRedis } from "#test/support/redis.ts";
import { NODE_FLAGS } from "../../src/bootstrap/node-flags.mjs";
import { testLong } from "#test/support/tiers.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import { besideUntilClosed } from "#app/shutdown.ts";
import { clockProblem, sharedClock } from "#app/shared-clock.ts";
import { silentLog } from "#test/store/bench.ts";

const ROOT = join(import.meta.dirname, "../..");

interface Ended {
  readonly code: number | null;
  /** What ended it when that was no exit of its own, and after how long. */
  readonly ending: string;
  readonly out: string;
  readonly error: string;
  readonly folder: string;
}

/** For a start that hangs; on a busy machine one that gives up takes many times its two seconds. */
const START_LIMIT_MS = 150_000;

/** Starts Deskhand with this environment and waits for it to give up, or stops it once it has said this. */
async function start(
  context: TestContext,
  environment: Readonly<Record<string, string>>,
  stopAt?: RegExp,
): Promise<Ended> {
  const folder = environment["DESKHAND_DATA"] ?? temporaryFolder(context);
  const child = spawn(process.execPath, [...NODE_FLAGS, "src/main.ts"], {
    cwd: ROOT,
    env: {
      ...BARE_ENVIRONMENT,
      HOME: folder,
      DESKHAND_DATA: folder,
      DESKHAND_PORT: "0",
      EMBEDDINGS: "off",
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: START_LIMIT_MS,
    killSignal: "SIGKILL",
  });
  const printed = { out: "", error: "" };
  child.stdout.on("data", (chunk) => {
    printed.out += String(chunk);
    if (stopAt?.test(printed.out) === true) child.kill("SIGTERM");
  });
  child.stderr.on("data", (chunk) => (printed.error += String(chunk)));
  const began = performance.now();
  const [code, signal] = await once(child, "close");
  const ending = `${String(signal ?? code)} after ${Math.round(performance.now() - began)} ms`;
  return { code: typeof code === "number" ? code : null, ending, folder, ...printed };
}

/** It said this and no stack, showed no secret, and neither lock nor address list is left. */
function assertRefused({ code, ending, out, error, folder }: Ended, words: RegExp): void {
  assert.ok(code === 1 || code === 78, `${ending}\n${out}\n${error}`);
  assert.match(error, words);
  assert.doesNotMatch(error, /^\s+at .*:\d+/m, "a person is shown a stack");
  assert.ok(!`${out}${error}`.includes(SECRET), "a secret was printed");
  for (const file of ["endpoints.json", "control.sock"])
    assert.equal(existsSync(join(folder, file)), false, `${file} is left`);
}

describe("a start", () => {
  test("with a wrong environment tells all of it at once and touches nothing", async (context) => {
    const folder = join(temporaryFolder(context), "data");
    const ended = await start(context, {
      DESKHAND_DATA: folder,
      DESKHAND_PORT: "many",
      DESKHAND_LOG: "loud",
      DATABASE_URL: `mysql://u:${SECRET}@db/x`,
      CHAT_IDENTITY_SECRET: "short",
      IMAP_PASS: SECRET,
    });
    assertRefused(ended, /DESKHAND_PORT: .*\n.*DESKHAND_LOG: .*\n.*DATABASE_URL: /);
    assert.equal(ended.code, 78, "starting again does not mend it");
    for (const name of [
      "IMAP_HOST",
      "IMAP_USER",
      "SMTP_HOST",
      "SUPPORT_ADDRESS",
      "CHAT_IDENTITY_SECRET",
    ])
      assert.ok(ended.error.includes(`  - ${name}: `), name);
    assert.equal(ended.out, "");
    assert.equal(existsSync(folder), false);
  });

  test("with tools it cannot read names a setting that is misspelt or of the past, and opens no database, which a migration would change for good", async (context) => {
    const wrong = {
      TOOLS: temporaryFolder(context),
      DESKHAND_PROT: "4848",
      ZENDESK_API_TOKEN: SECRET,
    };
    const ended = await start(context, wrong);
    assertRefused(ended, /there is no connection\.yaml/);
    assert.equal(
      ended.out,
      "DESKHAND_PROT is not read by this version; did you mean DESKHAND_PORT?\n" +
        "ZENDESK_API_TOKEN is not read by this version; make OAuth clients (docs/zendesk.md)\n",
    );
    assert.deepEqual(readdirSync(ended.folder), []);
  });

  test("that waits for a database ends by a signal, also where the kernel would ignore one", async (context) => {
    const environment = { DATABASE_URL: "postgresql://deskhand@127.0.0.1:9/deskhand" };
    const { code, ending, out } = await start(context, environment, /does not answer yet/);
    assert.equal(code, 0, ending);
    assert.match(out, /Stopping …\nStopped\.\n$/);
  });

  testLong("on a folder that is in use names the process that uses it", async (context) => {
    const folder = temporaryFolder(context);
    const lock = lockDataFolder(folder);
    const before = readdirSync(folder);
    const ended = await start(context, { DESKHAND_DATA: folder });
    assertRefused(ended, new RegExp(`process ${process.pid}\\b`));
    assert.deepEqual(readdirSync(folder), before);
    lock.release();
  });

  test(
    "with a port that is taken names the port and the variable, and stops what it had started",
    { skip: redisMissing },
    async (context) => {
      const server = createServer();
      const port = await listen(server);
      context.after(() => closed(server));
      const folder = temporaryFolder(context);
      placeEmbedded(folder, "empty");
      const ended = await start(context, {
        DESKHAND_DATA: folder,
        DESKHAND_PORT: String(port),
      });
      assertRefused(ended, new RegExp(`DESKHAND_PORT: 127\\.0\\.0\\.1:${port}\\b`));
      assert.equal(existsSync(join(ended.folder, "deskhand.lock")), false);
      assert.deepEqual(processesNaming(ended.folder), [], "parts go on running");
    },
  );
});

/** Command lines of processes that name this folder. */
function processesNaming(folder: string): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        return line.includes(folder) ? [line] : [];
      } catch {
        // It ended while it was looked at.
        return [];
      }
    });
}

describe("a start with real parts", { skip: postgresMissing || redisMissing }, () => {
  async function surroundings(context: TestContext): Promise<Record<string, string>> {
    const [database, redis] = [await freshDatabase(), await freshRedis()];
    context.after(() => Promise.all([database.drop(), redis.drop()]));
    return { ...REAL_ENVIRONMENT, DATABASE_URL: database.url, REDIS_URL: redis.url };
  }

  test("with a policy that holds a value that does not fit names line and field", async (context) => {
    const file = join(temporaryFolder(context), "policy.yaml");
    const before = readFileSync(SANDBOX_POLICY, "utf8");
    const after = before.replace(/undo_seconds: \d+/, "undo_seconds: soon");
    assert.notEqual(after, before);
    writeFileSync(file, after);
    const ended = await start(context, {
      ...(await surroundings(context)),
      DESKHAND_POLICY: file,
    });
    const line = before.split("\n").findIndex((one) => one.includes("undo_seconds")) + 1;
    assertRefused(ended, new RegExp(`policy\\.yaml:${line}\\b.*undo_seconds`));
  });

  testLong("with a Redis that evicts refuses it and says what to set", async (context) => {
    const redis = await startRedis({ settings: { "maxmemory-policy": "allkeys-lru" } });
    context.after(() => redis.stop());
    const environment = await surroundings(context);
    const ended = await start(context, { ...environment, REDIS_URL: redis.url });
    assertRefused(ended, /allkeys-lru.*noeviction/s);
  });

  testLong("on a database of a newer version leaves it as it is", async (context) => {
    const environment = await surroundings(context);
    const store = await openStore({
      databaseUrl: environment["DATABASE_URL"] ?? "",
      folder: temporaryFolder(context),
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    await migrate(store);
    await store.run((transaction) =>
      transaction.execute(
        sql`insert into deskhand_migration (name, hash) values ('9999_future.sql', 'x')`,
      ),
    );
    await store.close();
    assertRefused(await start(context, environment), /newer Deskhand \(9999_future\.sql\)/);
  });
});

test("the end aborts what is under way, waits for it, closes the rest, and starts nothing more", async () => {
  const told: string[] = [];
  const { beside, close } = besideUntilClosed(async () => void told.push("closed"));
  beside(async () => void told.push("done at once"));
  beside(async (signal) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    await new Promise((resolve) => setTimeout(resolve, 5));
    told.push("ended");
  });
  await close();
  assert.deepEqual(told, ["done at once", "ended", "closed"]);
  beside(async () => void told.push("too late"));
  await close();
  assert.equal(told.includes("too late"), false);
});

const MINUTE_MS = 60_000;
const NEAR_MS = 5_000;

test(
  "a clock ten minutes off, or set an hour on or back meanwhile, goes by the database's",
  {
    skip: postgresMissing,
  },
  async (t) => {
    const database = await freshDatabase();
    t.after(() => database.drop());
    const folder = temporaryFolder(t);
    const store = await openStore({ databaseUrl: database.url, folder, log: silentLog });
    t.after(() => store.close());
    for (const stepMs of [60 * MINUTE_MS, -60 * MINUTE_MS]) {
      const set = { ms: 0 };
      const clock = sharedClock({ now: () => new Date(Date.now() + set.ms) });
      const unfollow = await clock.follow(store, silentLog);
      unfollow();
      assert.equal(clockProblem(clock), null);
      set.ms = stepMs;
      const near = Math.abs(clock.now().getTime() - Date.now()) < NEAR_MS;
      assert.ok(near, "right before the database is asked again");
      assert.match(clockProblem(clock) ?? "", stepMs > 0 ? /60 min ahead of/ : /60 min behind/);
    }
    for (const wrongMs of [10 * MINUTE_MS, -10 * MINUTE_MS]) {
      const warnings: unknown[] = [];
      const clock = sharedClock({ now: () => new Date(Date.now() + wrongMs) });
      assert.ok(Math.abs(clock.now().getTime() - Date.now() - wrongMs) < NEAR_MS);
      const unfollow = await clock.follow(store, {
        ...silentLog,
        warn: (_message, details) => warnings.push(details?.["difference_ms"]),
      });
      unfollow();
      assert.ok(Math.abs(clock.now().getTime() - Date.now()) < NEAR_MS);
      const [told] = warnings;
      assert.ok(typeof told === "number" && Math.abs(told + wrongMs) < NEAR_MS, String(told));
    }
  },
);
