import { chmodSync, lstatSync, mkdirSync, readdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";

/** What others may do: read, write and enter, for the group and for everybody. */
const OTHERS = 0o077;
const STICKY = 0o1000;

/** What only a data folder of Deskhand's holds; one of these is enough to know it by. */
const OURS = ["pglite", "blobs", "deskhand.lock", "control.sock", "endpoints.json", "worker"];

/**
 * Makes a data folder where there is none, and takes other users' rights off one that is there, with what is directly
 * in it; nothing below can be reached without them. A folder made elsewhere, or by an older version, may be open, and
 * the embedded database's log holds every secret of the installation.
 *
 * Gives a line about what was changed, or null when nothing had to be. Throws `config.invalid` when the folder stays
 * open, such as one of another user, and when it is a place for other things as well, such as `/tmp` or somebody's home:
 * closing that to others would break what is not ours.
 */
export function closeToOthers(folder: string): string | null {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const real = realpathSync(folder);
  // Windows has no such rights, and shows all of them as given.
  if (process.platform === "win32" || !isOpen(real)) return null;
  const names = readdirSync(real);
  if (isShared(real, names))
    throw new DeskhandError(
      "config.invalid",
      `${folder} is open to other users of this machine and holds other things than Deskhand's data, so it is left as it is. Set DESKHAND_DATA to a folder of its own, such as ${join(folder, "deskhand")}.`,
    );
  // The folder first: from then on nobody gets at what is in it.
  close(real, folder);
  for (const name of names) close(join(real, name), folder);
  return `${folder} was open to other users of this machine. It is closed to them now; what they may have read stays known.`;
}

/** A sticky folder is one that users share; any other is ours when it is empty or holds what only we put there. */
function isShared(real: string, names: readonly string[]): boolean {
  return (
    (statSync(real).mode & STICKY) !== 0 ||
    (names.length > 0 && !names.some((name) => OURS.includes(name)))
  );
}

/** A link has no rights of its own, and what it leads to is not ours; a file may go away meanwhile. */
function isOpen(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found !== undefined && !found.isSymbolicLink() && (found.mode & OTHERS) !== 0;
}

function close(path: string, folder: string): void {
  const refused = (reason: string): DeskhandError =>
    new DeskhandError(
      "config.invalid",
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
