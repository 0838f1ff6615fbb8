/** Starts Deskhand once with what was written, where its address is free: a first card, then what the doctor finds, then it stops. */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { callControl, FIRST_CARD } from "#cli/control.ts";
import { Environment, readConfig } from "#config/environment.ts";
import { setVariables, withEnvironmentFile } from "#config/environment-file.ts";

const PROGRAM = join(import.meta.dirname, "../../main.ts");
const START_MS_MAX = 90_000;
const STOP_MS_MAX = 20_000;
const LOOK_MS = 200;
/** What a process that ended too early printed last is enough to see why. */
const OUTPUT_MAX = 4_000;

interface FirstStart {
  readonly folder: string;
  readonly dataFolder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
}

/** Gives the exit code: 0 when the card is there and no problem was found. */
export async function showFirst(given: FirstStart): Promise<number> {
  const { folder, dataFolder, environment, say } = given;
  const merged = withEnvironmentFile(environment, folder);
  const { real } = readConfig(merged);
  const taken = await takenAddress(merged);
  if (taken !== null) {
    say(`✗ ${portAdvice(taken)}: what is written stays, and init gives the first card then.`);
    return 1;
  }
  say("\nStarting Deskhand once, to see that all of it works (up to a minute) …");
  const child = spawn(process.execPath, [PROGRAM], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed = { text: "" };
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      printed.text = `${printed.text}${chunk.toString("utf8")}`.slice(-OUTPUT_MAX);
    });
  try {
    if (!(await isUp(child, dataFolder))) {
      say(`✗ It did not start:\n${printed.text.trim()}`);
      return 1;
    }
    const card = real.slack ? await command(dataFolder, [FIRST_CARD], say) : 0;
    say("");
    const doctor = await command(dataFolder, ["doctor"], say);
    say(real.slack ? NEXT : NEXT_IN_SANDBOX);
    return Math.max(card, doctor);
  } finally {
    await stop(child);
  }
}

const NEXT = `
Set up. From now on:
  npm start                        starts Deskhand; Ctrl-C stops it
  npm run -s deskhand -- doctor    says what is wrong, and what to do
  deskhand.policy.yaml             the rules; every channel shadows until a lead changes it there`;

const NEXT_IN_SANDBOX = `
Set up with the sandbox's Slack. npm start shows its address; cards are there. To connect your own, type init again.`;

/** Prints what a command in the running process prints, and gives its exit code. */
async function command(
  dataFolder: string,
  argv: readonly string[],
  say: FirstStart["say"],
): Promise<number> {
  const result = await callControl(dataFolder, argv);
  if (result === null) {
    say("✗ Deskhand ended while it was asked.");
    return 1;
  }
  const { stdout, stderr, exitCode } = result;
  for (const text of [stdout, stderr]) if (text.trim() !== "") say(text.trimEnd());
  return exitCode;
}

/** Waits until it takes commands; false when it ended or took too long. */
async function isUp(child: ChildProcess, dataFolder: string): Promise<boolean> {
  const end = performance.now() + START_MS_MAX;
  while (performance.now() < end && child.exitCode === null && child.signalCode === null) {
    const answered = await callControl(dataFolder, ["status"]).catch(() => null);
    if (answered !== null) return true;
    await delay(LOOK_MS);
  }
  return false;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit", { signal: AbortSignal.timeout(STOP_MS_MAX) });
  child.kill("SIGTERM");
  await ended.catch(() => child.kill("SIGKILL"));
}

const Listens = Environment.pick({ DESKHAND_HOST: true, DESKHAND_PORT: true });

/** The address Deskhand would listen on where something else does, like "127.0.0.1:4747"; null where it is free. */
export async function takenAddress(environment: NodeJS.ProcessEnv): Promise<string | null> {
  const read = Listens.safeParse(setVariables(environment));
  // What is wrong with a variable is said where all of them are read.
  if (!read.success) return null;
  const { DESKHAND_HOST: host, DESKHAND_PORT: port } = read.data;
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, "listening");
    server.close();
    await once(server, "close");
    return null;
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : null;
    return code === "EADDRINUSE" ? `${host}:${port}` : null;
  }
}

/** What to do about it, without a full stop. */
export function portAdvice(address: string): string {
  return `Something listens on ${address}, where Deskhand would start. Stop it, or set DESKHAND_PORT to another number; then type init again`;
}
