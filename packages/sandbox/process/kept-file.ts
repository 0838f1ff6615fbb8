/** Files that a killed process leaves whole: the old content or the new one. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";

/** The text of a file; undefined where there is none. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Replaces the whole file at once; only this user may read it. Throws when the disk refuses. */
export function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.next`, text, { mode: 0o600 });
  renameSync(`${path}.next`, path);
}
