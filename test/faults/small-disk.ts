/** A small disk that a case fills up; only root can make one. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CaseContext } from "./arena.ts";

/** A disk of so many megabytes, which only root can make; without it there is nothing to fill but the machine's own. */
export function smallDisk(context: CaseContext, megabytes: number): string {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-small-disk-"));
  const { status, stderr } = spawnSync("mount", [
    "-t",
    "tmpfs",
    "-o",
    `size=${megabytes}m`,
    "tmpfs",
    folder,
  ]);
  if (status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(
      `this case mounts a small disk, which needs root: ${String(stderr ?? "").trim()}`,
    );
  }
  context.onEnd(async () => {
    spawnSync("umount", ["-l", folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Leaves no room on the disk below the folder. */
export function fill(folder: string, file: string): void {
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(file, Buffer.alloc(bavail * bsize));
}
