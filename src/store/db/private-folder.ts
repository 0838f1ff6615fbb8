/** Closes the data folder to other users of the machine. */
import { chmodSync, lstatSync, mkdirSync, readdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { type DeskhandError, reasonOf, invalidConfig } from "#core/values/errors.ts";

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
