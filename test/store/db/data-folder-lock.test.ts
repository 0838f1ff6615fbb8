/** One process for each data folder, with real processes: a second one is refused, a dead one does not block. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { openStore } from "#store/db/database.ts";
import { lockDataFolder } from "#store/db/data-folder.ts";
import { silentLog } from "#test/store/bench.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

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

async function kill({ child }: Rival): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
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
    assert.match(told, /If it is just starting, type a command again once it is ready/);
    assert.throws(
      () => lockDataFolder(folder),
      (error: unknown) =>
        error instanceof DeskhandError &&
        error.code === "store.in_use" &&
        error.message.includes(String(first.pid)),
    );
  },
);

test("the folder of a process that was killed is free at once", LIMIT, async (context) => {
  const [first, second, folder] = [rival(context), rival(context), temporaryFolder(context)];
  assert.equal(await first.take(folder), "held");
  await kill(first);
  assert.equal(await second.take(folder), "held");
});

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
  "of processes that start at the same moment exactly one gets the folder",
  LIMIT,
  async (context) => {
    const rivals = [rival(context), rival(context), rival(context), rival(context)];
    await racing(rivals, context);
  },
);

/** Many folders, at each of which all rivals try in the same millisecond. */
async function racing(rivals: readonly Rival[], context: TestContext): Promise<void> {
  const root = temporaryFolder(context);
  for (const one of rivals) assert.equal(await one.take(join(root, `warm ${one.pid}`)), "held");
  for (let round = 0; round < 40; round += 1) {
    const folder = join(root, String(round));
    mkdirSync(folder);
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

test(
  "another container's lock holds, although both are process 1 there, until that process ends",
  LIMIT,
  async (context) => {
    const [other, folder] = [rival(context), temporaryFolder(context)];
    assert.equal(await other.take(folder), "held");
    writeFileSync(lockIn(folder), String(process.pid));
    assert.throws(() => lockDataFolder(folder), { code: "store.in_use" });
    await kill(other);
    lockDataFolder(folder).release();
    assert.equal(existsSync(lockIn(folder)), false);
  },
);

test(
  "a folder whose lock cannot be taken is a wrong setting, and names the file",
  LIMIT,
  (context) => {
    const folder = temporaryFolder(context);
    const path = join(folder, "deskhand.flock");
    mkdirSync(path);
    const refused = { code: "config.invalid", message: /deskhand\.flock cannot be locked/ };
    assert.throws(() => lockDataFolder(folder), refused);
    rmdirSync(path);
    writeFileSync(path, "", { mode: 0o400 });
    // Root may write it all the same.
    if (process.getuid?.() !== 0) assert.throws(() => lockDataFolder(folder), refused);
  },
);

for (const content of ["", "deskhand", "-1 token", "0 token", "999999999 token"])
  test(
    `a lock that says "${content}", as a crash may leave it, is taken over`,
    LIMIT,
    (context) => {
      const folder = temporaryFolder(context);
      writeFileSync(lockIn(folder), content);
      lockDataFolder(folder).release();
    },
  );

test(
  "a lock of 0.3.0 whose process id another program has by now is taken over",
  LIMIT,
  (context) => {
    const folder = temporaryFolder(context);
    const other = spawn("sleep", ["60"]);
    context.after(() => other.kill("SIGKILL"));
    writeFileSync(lockIn(folder), `${other.pid} ${randomUUID()}`);
    lockDataFolder(folder).release();
  },
);

test("a folder that a process of 0.3.0 uses is not taken until it ends", LIMIT, (context) => {
  const folder = temporaryFolder(context);
  const older = rival(context);
  writeFileSync(lockIn(folder), `${older.pid} ${randomUUID()}`);
  assert.throws(() => lockDataFolder(folder), {
    code: "store.in_use",
    message: new RegExp(`${older.pid}`),
  });
  // A container's restart leaves our own id there.
  writeFileSync(lockIn(folder), `${process.pid} ${randomUUID()}`);
  lockDataFolder(folder).release();
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
