/** The sandbox's policy, changed as an operator would. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SANDBOX_POLICY } from "./real-parts.ts";

/** What stands in the policy, and what is put in its place. */
export type PolicyChange = readonly [from: string | RegExp, to: string];

/** The sandbox's policy with these changes. Throws for one that finds nothing, so that no test runs under another policy than it says. */
export function changedPolicy(
  changes: readonly PolicyChange[],
  policy = readFileSync(SANDBOX_POLICY, "utf8"),
): string {
  return changes.reduce((before, [from, to]) => {
    const changed = before.replace(from, to);
    if (changed === before) throw new Error(`the sandbox's policy has no “${String(from)}”`);
    return changed;
  }, policy);
}

/** The same policy without the verifier, for models that answer by rules alone. */
export function unverified(policy: string): string {
  return `${policy.trimEnd()}\nverify: { email: never, zendesk: never, slack: never, chat: never }\n`;
}

/** Writes a policy into this folder; gives the variable that names it. */
export function policyIn(folder: string, policy: string): { readonly DESKHAND_POLICY: string } {
  const file = join(folder, "policy.yaml");
  writeFileSync(file, policy);
  return { DESKHAND_POLICY: file };
}
