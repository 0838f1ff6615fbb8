/** The data folder: locked to one process, and closed to other users of the machine. */
import { createHash, randomUUID } from "node:crypto";
import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  chmodSync,
  lstatSync,
  readdirSync,
  realpathSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { DeskhandError, errorCode, reasonOf, invalidConfig } from "#core/values/errors.ts";

/** Tokens of the locks held by this process: a matching process id alone may date from before a restart. */
const held = new Set<string>();

/**
 * One process per data folder: PGlite takes no lock of its own, and two processes on one folder lose rows without an
 * error. The lock is taken over from a dead process only, never because it is old.
 */
export function lockDataFolder(folder: string): { release(): void } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, "deskhand.lock");
  const token = randomUUID();
  const holder = acquire(file, token);
  if (holder !== null)
    throw new DeskhandError(
      "store.in_use",
      `Another Deskhand (process ${holder}) uses ${folder}. Stop it first, or set DESKHAND_DATA to another folder: each process needs one of its own.`,
    );
  held.add(token);
  return {
    release() {
      held.delete(token);
      if (recordIn(file)?.token === token) rmSync(file, { force: true });
    },
  };
}

const ATTEMPTS_MAX = 20;

/**
 * Creates the lock file with our record. Returns the process id of a living holder, or null when the lock is ours. The
 * record is written under another name and then linked, so that no process reads a partial file.
 */
function acquire(file: string, token: string): number | null {
  const own = `${file}.${token}`;
  writeFileSync(own, `${process.pid} ${token}`, { mode: 0o600, flag: "wx" });
  try {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      if (isLinked(own, file)) return null;
      const found = recordIn(file);
      if (found === null) continue;
      if (isAlive(found)) return found.pid;
      const rival = takeOver(file, own, found);
      if (rival !== "again") return rival;
    }
    throw new DeskhandError("store.in_use", `The lock ${file} could not be taken.`);
  } finally {
    rmSync(own, { force: true });
  }
}

/**
 * Replaces a dead process's record. Only one of the processes that found it may do so, or the second would overwrite
 * the first: they settle it with another lock, named after this record, which can be taken over in the same way.
 */
function takeOver(file: string, own: string, dead: LockRecord): number | "again" | null {
  const succession = `${file}.${createHash("sha256").update(dead.content).digest("hex").slice(0, 16)}`;
  const rival = acquire(succession, randomUUID());
  if (rival !== null) return rival;
  try {
    if (recordIn(file)?.content !== dead.content) return "again";
    renameSync(own, file);
    return null;
  } finally {
    rmSync(succession, { force: true });
  }
}

/** True when the name was free and now links to the existing file. */
function isLinked(existing: string, name: string): boolean {
  try {
    linkSync(existing, name);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

interface LockRecord {
  readonly content: string;
  /** Zero when the content names no process. */
  readonly pid: number;
  readonly token: string;
}

/** Null when no process holds the lock. */
function recordIn(file: string): LockRecord | null {
  try {
    const content = readFileSync(file, "utf8");
    const [, pid = "0", token = ""] = /^(\d+)(?: (\S+))?$/.exec(content) ?? [];
    return { content, pid: Number(pid), token };
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}

/** After a restart the process id may belong to another program, so the command line is checked as well. */
function isAlive({ pid, token }: LockRecord): boolean {
  if (pid === process.pid) return held.has(token);
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("node");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return true;
    throw error;
  }
}

/** Read, write and enter rights of the group and of other users. */
const OTHERS = 0o077;
const STICKY = 0o1000;

/** Names that occur only in a data folder of Deskhand; any of these identifies one. */
const OURS = ["pglite", "blobs", "deskhand.lock", "control.sock", "endpoints.json", "worker"];

/**
 * Creates the data folder if missing. If it exists, removes other users' rights from it and from its direct entries;
 * nothing below can be reached without those. A folder made by another program or an older version may be open, and the
 * embedded database's log holds every secret of the installation.
 *
 * Returns a line about what was changed, or null. Throws `config.invalid` when the folder stays open, for example
 * because another user owns it, and when it also serves other purposes, such as `/tmp` or a home folder: closing that
 * would break what is not ours.
 */
export function closeToOthers(folder: string): string | null {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const real = realpathSync(folder);
  // Windows has no such rights, and reports all of them as given.
  if (process.platform === "win32" || !isOpen(real)) return null;
  const names = readdirSync(real);
  if (isShared(real, names))
    throw invalidConfig(
      `${folder} is open to other users of this machine and holds other things than Deskhand's data, so it is left as it is. Set DESKHAND_DATA to a folder of its own, such as ${join(folder, "deskhand")}.`,
    );
  // The folder first: after that no other user can reach its content.
  close(real, folder);
  for (const name of names) close(join(real, name), folder);
  return `${folder} was open to other users of this machine. It is closed to them now; what they may have read stays known.`;
}

/** A sticky folder is shared by users; any other is ours when it is empty or contains one of our names. */
function isShared(real: string, names: readonly string[]): boolean {
  return (
    (statSync(real).mode & STICKY) !== 0 ||
    (names.length > 0 && !names.some((name) => OURS.includes(name)))
  );
}

/** A link has no rights of its own and its target is not ours; a file may vanish meanwhile. */
function isOpen(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found !== undefined && !found.isSymbolicLink() && (found.mode & OTHERS) !== 0;
}

function close(path: string, folder: string): void {
  const refused = (reason: string): DeskhandError =>
    invalidConfig(
      `${path} is open to other users of this machine and cannot be closed to them (${reason}). Deskhand keeps mails and secrets in ${folder}: set DESKHAND_DATA to a folder of this user's own.`,
    );
  if (!isOpen(path)) return;
  try {
    chmodSync(path, statSync(path).mode & 0o7700);
  } catch (error) {
    throw refused(reasonOf(error));
  }
  if (isOpen(path)) throw refused("its file system keeps no rights");
}
