/** A small disk that a case fills up; only root can make one. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorCode } from "#core/values/errors.ts";
import type { CaseContext } from "./arena.ts";
import type { Messages } from "./messages.ts";

/** A disk of so many megabytes, which only root can make; without it there is nothing to fill but the machine's own. */
export function smallDisk(context: Pick<CaseContext, "after">, megabytes: number): string {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-small-disk-"));
  // One step, since the ends of a test and of a case come in another order.
  context.after(() => {
    spawnSync("umount", ["-l", folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  const options = ["-t", "tmpfs", "-o", `size=${megabytes}m`];
  const { status, stderr } = spawnSync("mount", [...options, "tmpfs", folder]);
  if (status !== 0)
    throw new Error(
      `this case mounts a small disk, which needs root: ${String(stderr ?? "").trim()}`,
    );
  return folder;
}

/** Leaves no room on the disk below the folder. */
export function fill(folder: string, file: string): void {
  const { bavail, bsize } = statfsSync(folder);
  try {
    writeFileSync(file, Buffer.alloc(bavail * bsize));
  } catch (error) {
    // Whoever wrote in the meantime has the rest of the room.
    if (errorCode(error) !== "ENOSPC") throw error;
  }
}

/** As many as use up the free space in the files the database has already. */
const VISITS = 25;

/**
 * Strangers write what does not compress until there is no room: each is taken, and has to be answered in the end, or is
 * asked to come back later.
 */
export async function refusedForRoom({ chat }: Pick<Messages, "chat">): Promise<void> {
  const visits = Array.from({ length: VISITS }, (_, index) =>
    chat(`passer-by-${index}`, `passing-${index}`, randomBytes(9_000).toString("base64"), {
      triesMost: 1,
      mayBeRefused: true,
    }),
  );
  const statuses = (await Promise.all(visits)).flatMap((visit) => visit.statuses);
  const refused = statuses.filter((status) => status !== 200);
  assert.ok(refused.length > 0, "the disk was not full");
  assert.deepEqual([...new Set(refused)], [503], "a full disk is told as “come back later”");
}
