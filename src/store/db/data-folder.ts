/** The data folder: locked to one process, and closed to other users of the machine. */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  chmodSync,
  lstatSync,
  readdirSync,
  realpathSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DeskhandError, reasonOf, invalidConfig } from "#core/values/errors.ts";

/** The locks this process holds: one that nothing refers to would be closed. */
const held = new Set<DatabaseSync>();

/**
 * One process per data folder: PGlite takes no lock of its own, and two processes on one folder lose rows without an
 * error. The lock is the kernel's, which SQLite takes on an empty file: it ends with its process, and holds between
 * containers that share the folder, where process ids say nothing. The file stays, since whoever waits for it has it open.
 */
export function lockDataFolder(folder: string): { release(): void } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const named = join(folder, "deskhand.lock");
  const lock = kernelLock(join(folder, "deskhand.flock"));
  const holder = lock === null ? holderIn(named) : holderOlderThanLock(named);
  if (lock === null || holder !== null) {
    lock?.close();
    throw new DeskhandError(
      "store.in_use",
      `Another Deskhand (process ${holder}) uses ${folder}, or its file system keeps no locks. If it is just starting, type a command again once it is ready. A second Deskhand needs a folder of its own on a local disk, in DESKHAND_DATA; to change what this one uses, stop it first.`,
    );
  }
  held.add(lock);
  writeFileSync(named, String(process.pid), { mode: 0o600 });
  return {
    release() {
      if (!held.delete(lock)) return;
      rmSync(named, { force: true });
      lock.close();
    },
  };
}

const SQLITE_BUSY = 5;

/** Null when another process has it; throws `config.invalid` where this user cannot write the file. */
function kernelLock(path: string): DatabaseSync | null {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(path);
    // Of a file that it may not write, SQLite takes a lock that others may have as well.
    accessSync(path, constants.W_OK);
    lock.exec("begin immediate");
    return lock;
  } catch (error) {
    lock?.close();
    if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY) return null;
    throw invalidConfig(
      `${path} cannot be locked (${reasonOf(error)}). Make its folder writable, and give the file to the user that runs Deskhand or remove it.`,
      { cause: error },
    );
  }
}

/** For people: the holder writes its process id after it has the lock. */
function holderIn(named: string): string {
  return existsSync(named) ? readFileSync(named, "utf8") : "unknown";
}

/** A process of 0.3.0, which wrote its id with a token and takes no other lock; null where none runs. */
function holderOlderThanLock(named: string): string | null {
  const [, id] = (existsSync(named) ? /^(\d+) \S+$/.exec(readFileSync(named, "utf8")) : null) ?? [];
  if (id === undefined || Number(id) === process.pid) return null;
  // After a restart the id may belong to another program.
  const command = `/proc/${id}/cmdline`;
  return existsSync(command) && readFileSync(command, "utf8").includes("node") ? id : null;
}

/** Read, write and enter rights of the group and of other users. */
const OTHERS = 0o077;
const STICKY = 0o1000;

/** Names that occur only in a data folder of Deskhand; any of these identifies one. */
const OURS = [
  "pglite",
  "blobs",
  "deskhand.lock",
  "deskhand.flock",
  "control.sock",
  "endpoints.json",
  "worker",
];

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
