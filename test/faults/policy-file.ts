/** Changes lines of the sandbox's policy, as an operator would. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unverified } from "#test/support/unverified-policy.ts";
import type { CaseContext } from "./arena.ts";

const SANDBOX_POLICY = join(import.meta.dirname, "../../src/policy/files/sandbox.yaml");

/** Writes the changed policy for as long as the case runs; returns the variable that names it. */
export function policyFile(
  context: CaseContext,
  changes: Readonly<Record<string, string>>,
): { readonly DESKHAND_POLICY: string } {
  const folder = mkdtempSync(join(tmpdir(), "policy-"));
  context.onEnd(async () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "policy.yaml");
  writeFileSync(file, unverified(changedPolicy(readFileSync(SANDBOX_POLICY, "utf8"), changes)));
  return { DESKHAND_POLICY: file };
}

/** Replaces each text. Fails for a text that is not there, so that no case runs under another policy than it says. */
export function changedPolicy(text: string, changes: Readonly<Record<string, string>>): string {
  return Object.entries(changes).reduce((before, [from, to]) => {
    assert.ok(before.includes(from), `the sandbox's policy has no “${from}”`);
    return before.replace(from, to);
  }, text);
}
