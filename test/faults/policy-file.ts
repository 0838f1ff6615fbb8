/** The sandbox's policy with some of its lines changed, as an operator would change them. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CaseContext } from "./arena.ts";

const SANDBOX_POLICY = join(import.meta.dirname, "../../src/policy/files/sandbox.yaml");

/** Writes it with each text replaced by its other one, for as long as the case runs; gives the variable that names it. */
export function policyFile(
  context: CaseContext,
  changes: Readonly<Record<string, string>>,
): { readonly DESKHAND_POLICY: string } {
  const folder = mkdtempSync(join(tmpdir(), "policy-"));
  context.onEnd(async () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "policy.yaml");
  writeFileSync(file, changedPolicy(readFileSync(SANDBOX_POLICY, "utf8"), changes));
  return { DESKHAND_POLICY: file };
}

/** Each text replaced by its other one. A text that is not there fails, so that no case runs under another policy than it says. */
export function changedPolicy(text: string, changes: Readonly<Record<string, string>>): string {
  return Object.entries(changes).reduce((before, [from, to]) => {
    assert.ok(before.includes(from), `the sandbox's policy has no “${from}”`);
    return before.replace(from, to);
  }, text);
}
