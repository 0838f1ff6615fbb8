/** Running a program through the bootstrap: it behaves as if it ran directly. */
import assert from "node:assert/strict";
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { after, test } from "node:test";
import { until } from "#test/support/waiting.ts";

const RUN = join(import.meta.dirname, "..", "..", "src", "bootstrap", "run.mjs");
const folder = mkdtempSync(join(tmpdir(), "bootstrap-run-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Says its PID and every signal, and ends 300 ms after the first with the code 7. */
const STAYS = program(
  "stays.ts",
  `const stop = (signal: string): void => {
     process.stdout.write(signal + "\\n");
     setTimeout(() => process.exit(7), 300);
   };
   for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, stop);
   process.stdout.write("pid " + process.pid + "\\n");
   setInterval(() => {}, 1000);`,
);

function program(name: string, source: string): string {
  const file = join(folder, name);
  writeFileSync(file, source);
  return file;
}

type Started = ChildProcessByStdio<null, Readable, Readable>;

function start(
  command: string,
  parameters: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Started {
  const { npm_lifecycle_event: _, ...rest } = process.env;
  return spawn(command, parameters, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...rest, ...env },
  });
}

/** Everything printed so far, for waiting on. */
function printed(child: Started): () => string {
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  return () => text;
}

function pidIn(text: string): number {
  return Number(/pid (\d+)/.exec(text)?.[1]);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("a program gets its arguments and Node 24, and its output and exit code are all there is", async () => {
  const file = program(
    "says.ts",
    `const words: readonly string[] = process.argv.slice(2);
     process.stdout.write(JSON.stringify([words, process.version.split(".")[0]]));
     process.exit(3);`,
  );
  const child = start(process.execPath, [RUN, file, "trace", "a b", "--json"]);
  const text = printed(child);
  assert.deepEqual(await once(child, "close"), [3, null]);
  assert.deepEqual(JSON.parse(text()), [["trace", "a b", "--json"], "v24"]);
});

test("the two signals of one Ctrl-C reach the program once, and the parent waits for its end", async () => {
  const child = start(process.execPath, [RUN, STAYS]);
  const text = printed(child);
  await until("the program to be up", async () => text().includes("pid"));
  child.kill("SIGINT");
  // Apart, as the terminal's and npm's are; together they would become one on the way.
  await until("the first to arrive", async () => text().includes("SIGINT"));
  child.kill("SIGINT");
  assert.deepEqual(await once(child, "close"), [7, null]);
  assert.equal(text().replace(/pid \d+\n/, ""), "SIGINT\n");
  assert.equal(alive(pidIn(text())), false);
});

test("a program that dies by a signal takes the parent along by the same", async () => {
  const child = start(process.execPath, [
    RUN,
    program("dies.ts", 'process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1000);'),
  ]);
  assert.deepEqual(await once(child, "close"), [null, "SIGTERM"]);
});

test("a parent that is killed does not leave the program behind", async () => {
  const child = start(process.execPath, [RUN, STAYS]);
  const text = printed(child);
  await until("the program to be up", async () => text().includes("pid"));
  child.kill("SIGKILL");
  await until(
    "the program to be told and to end",
    async () => text().includes("SIGTERM") && !alive(pidIn(text())),
    text,
  );
});

test("a signal that ends only the shell npm uses ends the program too", async () => {
  // The second command keeps the shell from replacing itself by the first.
  const shell = start("sh", ["-c", `"${process.execPath}" "${RUN}" "${STAYS}"; true`], {
    npm_lifecycle_event: "start",
  });
  const text = printed(shell);
  await until("the program to be up", async () => text().includes("pid"));
  shell.kill("SIGTERM");
  await until(
    "the program to be told and to end",
    async () => text().includes("SIGTERM") && !alive(pidIn(text())),
    text,
  );
});
