/** Runs a program under Node 24 as if it were this process: same terminal, same signals, same exit code. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";

import { ROOT, say } from "./install.mjs";
import { whenShellOfNpmEnds } from "./shell-of-npm.mjs";

const PASSED_ON = ["SIGINT", "SIGTERM", "SIGHUP"];

/** One Ctrl-C arrives here twice, from the terminal and from npm; a deliberate second one comes later. */
const SAME_SIGNAL_MS = 300;

/**
 * Where Node caches compiled code: it saves a third of the work of a start and of each small command. Node ignores a
 * folder it cannot write to. The variable for another folder, or NODE_DISABLE_COMPILE_CACHE, takes precedence.
 */
const COMPILED = join(ROOT, "node_modules", ".cache", "deskhand");

/**
 * Starts `node ...parameters` and resolves, once it has ended, to its exit code and signal. With `sweep`, processes it
 * left running in its session are ended too.
 */
export async function runNode(
  node,
  parameters,
  { env = process.env, cwd = process.cwd(), sweep = false } = {},
) {
  const attached = new URL("./attached.mjs", import.meta.url).href;
  const child = spawn(node, ["--import", attached, ...parameters], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    detached: true,
    env: { NODE_COMPILE_CACHE: COMPILED, ...env },
    cwd,
  });
  const last = new Map();
  const passOn = (signal) => {
    const now = performance.now();
    if (now - (last.get(signal) ?? -Infinity) > SAME_SIGNAL_MS) child.kill(signal);
    last.set(signal, now);
  };
  for (const signal of PASSED_ON) process.on(signal, passOn);
  const endWatch = whenShellOfNpmEnds(() => passOn("SIGTERM"));
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", (error) =>
        reject(
          new Error(
            `${node} could not be run (${error.message}). If node_modules was installed on another system, remove it and start again.`,
          ),
        ),
      );
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
  } finally {
    endWatch();
    for (const signal of PASSED_ON) process.off(signal, passOn);
    if (sweep && child.pid !== undefined) endGroup(child.pid);
  }
}

/** Ends this process the way the program ended, so that npm, a shell or a supervisor sees no difference. */
export function endLike({ code, signal }) {
  if (signal === null) {
    process.exitCode = code ?? 1;
  } else if (PASSED_ON.includes(signal)) {
    process.kill(process.pid, signal);
  } else {
    say(
      `Deskhand was ended by ${signal}${signal === "SIGKILL" ? ": a kill -9, or the system was out of memory" : ""}.`,
    );
    process.exitCode = 128 + (constants.signals[signal] ?? 0);
  }
}

/** Runs the script's work; an error of ours is printed as a message, not as a stack trace. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

function endGroup(leader) {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // The session has no process left, as intended.
  }
}
