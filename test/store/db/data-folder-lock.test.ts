/** One process for each data folder, with real processes: a second one is refused, a dead one does not block. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import { openStore } from "#store/db/database.ts";
import { lockDataFolder } from "#store/db/data-folder.ts";
import { silentLog } from "#test/store/bench.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

const ROOT = join(import.meta.dirname, "../../..");
const LIMIT = { timeout: PATIENCE_MS };

/** Takes the locks of the folders it is told, one a line, each at the moment it is told, and says how it went. */
const CHILD = `
  import { createInterface } from "node:readline";
  import { lockDataFolder } from "#store/db/data-folder.ts";
  for await (const line of createInterface({ input: process.stdin })) {
    const [at, folder] = JSON.parse(line);
    while (Date.now() < at);
    try { lockDataFolder(folder); console.log("held"); }
    catch (error) { console.log(error.code === "store.in_use" ? error.message : "broken: " + error.stack); }
  }`;

interface Rival {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Tries to take the lock at this time; "held" or what it was told instead. */
  take(folder: string, at?: number): Promise<string>;
}

function rival(context: TestContext): Rival {
  const child = spawn(process.execPath, ["--input-type=module", "-e", CHILD], {
    cwd: ROOT,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  context.after(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    pid: child.pid ?? 0,
    async take(folder, at = 0) {
      child.stdin.write(`${JSON.stringify([at, folder])}\n`);
      return String((await lines.next()).value);
    },
  };
}

/** The id of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn("true");
  await once(child, "exit");
  return child.pid ?? 0;
}

const lockIn = (folder: string): string => join(folder, "deskhand.lock");

test(
  "a second process is told which one uses the folder, and what to do",
  LIMIT,
  async (context) => {
    const [first, second, folder] = [rival(context), rival(context), temporaryFolder(context)];
    assert.equal(await first.take(folder), "held");
    const told = await second.take(folder);
    assert.match(told, new RegExp(`process ${first.pid}\\b`));
    assert.ok(told.includes(folder) && told.includes("DESKHAND_DATA"), told);
    assert.throws(
      () => lockDataFolder(folder),
      (error: unknown) =>
        error instanceof DeskhandError &&
        error.code === "store.in_use" &&
        error.message.includes(String(first.pid)),
    );
  },
);

test(
  "a lock that was given back is free, for the same process and for others",
  LIMIT,
  async (context) => {
    const [other, folder] = [rival(context), temporaryFolder(context)];
    lockDataFolder(folder).release();
    const lock = lockDataFolder(folder);
    assert.match(await other.take(folder), new RegExp(`process ${process.pid}\\b`));
    lock.release();
    assert.equal(await other.take(folder), "held");
  },
);

test("a folder cannot be used twice within one process either", LIMIT, async (context) => {
  const folder = temporaryFolder(context);
  const lock = lockDataFolder(folder);
  assert.throws(() => lockDataFolder(folder), /uses/);
  lock.release();
});

test(
  "of processes that find a dead one's lock at the same moment exactly one takes it over",
  LIMIT,
  async (context) => {
    const rivals = [rival(context), rival(context), rival(context), rival(context)];
    const dead = String(await deadPid());
    await racing(rivals, context, (folder) => writeFileSync(lockIn(folder), dead));
  },
);

/** Many folders, at each of which all rivals try in the same millisecond. */
async function racing(
  rivals: readonly Rival[],
  context: TestContext,
  prepare: (folder: string) => void,
): Promise<void> {
  const root = temporaryFolder(context);
  for (const one of rivals) assert.equal(await one.take(join(root, `warm ${one.pid}`)), "held");
  for (let round = 0; round < 40; round += 1) {
    const folder = join(root, String(round));
    mkdirSync(folder);
    prepare(folder);
    const at = Date.now() + 15;
    const told = await Promise.all(rivals.map((one) => one.take(folder, at)));
    assert.equal(
      told.filter((line) => line === "held").length,
      1,
      `round ${round}: ${told.join(" | ")}`,
    );
    assert.ok(!told.some((line) => line.startsWith("broken")), told.join("\n"));
  }
}

for (const [what, content] of [
  ["nothing", ""],
  ["no number", "deskhand"],
  ["no possible process", "-1"],
] as const)
  test(`a lock that says ${what}, as a crash may leave it, is taken over`, LIMIT, (context) => {
    const folder = temporaryFolder(context);
    writeFileSync(lockIn(folder), content);
    lockDataFolder(folder).release();
    assert.equal(existsSync(lockIn(folder)), false);
  });

test("a lock whose process id another program has by now is taken over", LIMIT, async (context) => {
  const folder = temporaryFolder(context);
  const other = spawn("sleep", ["60"]);
  context.after(async () => {
    const ended = once(other, "exit");
    other.kill("SIGKILL");
    await ended;
  });
  writeFileSync(lockIn(folder), String(other.pid));
  lockDataFolder(folder).release();
});

test(
  "a lock with our own id, as a container's restart leaves it, is taken over",
  LIMIT,
  (context) => {
    const folder = temporaryFolder(context);
    writeFileSync(lockIn(folder), String(process.pid));
    lockDataFolder(folder).release();
  },
);

test("giving back leaves alone what another process holds by now", LIMIT, async (context) => {
  const [other, folder] = [rival(context), temporaryFolder(context)];
  const lock = lockDataFolder(folder);
  rmSync(lockIn(folder));
  assert.equal(await other.take(folder), "held");
  lock.release();
  assert.ok(readFileSync(lockIn(folder), "utf8").includes(String(other.pid)));
});

test("a database that cannot be opened leaves no lock behind", LIMIT, async (context) => {
  const folder = temporaryFolder(context);
  const databaseUrl = "postgres://nobody@127.0.0.1:1/nothing";
  await assert.rejects(
    openStore({ databaseUrl, folder, log: silentLog }),
    (error: unknown) => error instanceof DeskhandError && error.code === "store.unavailable",
  );
  assert.equal(existsSync(lockIn(folder)), false);
});
