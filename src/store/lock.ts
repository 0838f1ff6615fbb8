import { mkdirSync, openSync, readFileSync, rmSync, writeSync, closeSync } from "node:fs";
import { join } from "node:path";
import { DeskhandError } from "#core/errors.ts";

/**
 * One process per data folder: PGlite takes no lock of its own, and two processes on one folder lose rows without an
 * error. The lock is taken over from a dead process only, never because it is old.
 */
export function lockDataFolder(folder: string): { release(): void } {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "deskhand.lock");
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      const handle = openSync(file, "wx", 0o600);
      writeSync(handle, String(process.pid));
      closeSync(handle);
      return { release: () => rmSync(file, { force: true }) };
    } catch (error) {
      if (!isCode(error, "EEXIST")) throw error;
      const holder = holderOf(file);
      if (holder !== null && isAlive(holder))
        throw new DeskhandError(
          "store.in_use",
          `Another Deskhand (process ${holder}) uses ${folder}. Stop it first, or set DESKHAND_DATA to another folder.`,
        );
      rmSync(file, { force: true });
    }
  }
  throw new DeskhandError("store.in_use", `The lock ${file} could not be taken.`);
}

function holderOf(file: string): number | null {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch (error) {
    if (isCode(error, "ENOENT")) return null;
    throw error;
  }
}

/** A process id alone may have been given to another program after a restart, so its command line is asked as well. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return isCode(error, "EPERM");
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("node");
  } catch (error) {
    if (isCode(error, "ENOENT")) return true;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
