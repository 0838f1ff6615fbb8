/** Changes lines of the sandbox's policy, as an operator would. */
import { changedPolicy, policyIn, unverified } from "#test/support/sandbox-policy.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import type { CaseContext } from "./arena.ts";

/** Writes the changed policy for as long as the case runs; returns the variable that names it. */
export function policyFile(
  context: CaseContext,
  changes: Readonly<Record<string, string>>,
): { readonly DESKHAND_POLICY: string } {
  return policyIn(temporaryFolder(context), unverified(changedPolicy(Object.entries(changes))));
}
