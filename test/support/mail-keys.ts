/**
 * The sandbox makes a key for each of its mail domains, in a fifth of a second of processor time at every first start.
 * Where `npm test` has made them, sandboxes of tests begin with those; elsewhere each makes its own.
 */
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";

const TEMPLATES = process.env["TEST_EMBEDDED_DATABASES"] ?? "";

/** Puts keys where a mail sandbox that keeps its files in `directory` looks for them. It makes what is missing. */
export function placeMailKeys(directory: string): void {
  if (TEMPLATES === "") return;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  copyFileSync(join(TEMPLATES, "mail", "dkim-keys.json"), join(directory, "dkim-keys.json"));
}
