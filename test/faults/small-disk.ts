/** A small disk that a case fills up; only root can make one. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorCode } from "#core/values/errors.ts";
import type { CaseContext } from "./arena.ts";

/** A disk of so many megabytes, which only root can make; without it there is nothing to fill but the machine's own. */
export function smallDisk(context: Pick<CaseContext, "onEnd">, megabytes: number): string {
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
  try {
    writeFileSync(file, Buffer.alloc(bavail * bsize));
  } catch (error) {
    // Whoever wrote in the meantime has the rest of the room.
    if (errorCode(error) !== "ENOSPC") throw error;
  }
}

/** As many as use up the free space in the files the database has already. */
const VISITS = 25;

/** Strangers write until there is no room: each is taken, or asked to come back later. */
export async function refusedForRoom(url: string): Promise<void> {
  const visits = Array.from({ length: VISITS }, (_, index) => chatOnce(url, index));
  const refused = (await Promise.all(visits)).filter((status) => status !== 200);
  assert.ok(refused.length > 0, "the disk was not full");
  assert.deepEqual([...new Set(refused)], [503], "a full disk is told as “come back later”");
}

/** Sends an anonymous message that does not compress and that no check depends on; returns the status. */
async function chatOnce(url: string, visitor: number): Promise<number> {
  const body = { user_id: `passer-by-${visitor}`, message: randomBytes(9_000).toString("base64") };
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(40_000),
  });
  await response.text();
  return response.status;
}
