/** A policy under which no draft is read against its sources, for models that answer by rules alone. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SANDBOX_POLICY } from "./real-parts.ts";

/** The same policy without the verifier. */
export function unverified(policy: string): string {
  return `${policy.trimEnd()}\nverify: { email: never, zendesk: never, slack: never, chat: never }\n`;
}

/** The environment of a Deskhand under the sandbox's policy without the verifier; the file lies in this folder. */
export function unverifiedSandbox(folder: string): { readonly DESKHAND_POLICY: string } {
  const file = join(folder, "unverified.yaml");
  writeFileSync(file, unverified(readFileSync(SANDBOX_POLICY, "utf8")));
  return { DESKHAND_POLICY: file };
}
