/** Changes lines of the sandbox's policy, as an operator would. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changedPolicy, policyIn, unverified } from "#test/support/sandbox-policy.ts";
import type { CaseContext } from "./arena.ts";

/** Writes the changed policy for as long as the case runs; returns the variable that names it. */
export function policyFile(
  context: CaseContext,
  changes: Readonly<Record<string, string>>,
): { readonly DESKHAND_POLICY: string } {
  const folder = mkdtempSync(join(tmpdir(), "policy-"));
  context.onEnd(async () => rmSync(folder, { recursive: true, force: true }));
  return policyIn(folder, unverified(changedPolicy(Object.entries(changes))));
}
