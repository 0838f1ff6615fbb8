/** Finds and reads the policy file. */

import { accessSync, constants, readFileSync, statSync, writeFileSync } from "node:fs";
import { invalidConfig } from "#core/values/errors.ts";
import type { Config } from "./environment.ts";

/** The policy file's text; an unreadable file is reported with the variable it came from. */
export function readPolicyFile(config: Config): string {
  try {
    return readFileSync(config.policyFile, "utf8");
  } catch (cause) {
    throw invalidConfig(`DESKHAND_POLICY: ${config.policyFile} cannot be read`, { cause });
  }
}

/** A stamp that changes whenever the policy file may have changed; it costs one `stat` call. */
export function policyFileStamp(config: Config): string {
  const stats = statSync(config.policyFile, { throwIfNoEntry: false });
  return stats === undefined ? "missing" : `${stats.mtimeMs}:${stats.size}:${stats.ino}`;
}

/**
 * Whether this process may write the policy file. The sandbox's own is part of the program, and is never written; a
 * mount may be for reading alone.
 */
export function canWritePolicyFile({ isSandboxPolicy, policyFile }: Config): boolean {
  if (isSandboxPolicy) return false;
  try {
    accessSync(policyFile, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Writes the policy file in its place, so that a mounted file and its owner stay what they are. */
export function writePolicyFile({ policyFile }: Config, text: string): void {
  writeFileSync(policyFile, text);
}

/** Which file the policy comes from. The sandbox's own is part of the program and changes only with its version. */
export function configuredPolicySource(config: Config): {
  readonly kind: "built-in" | "file";
  readonly name: string;
} {
  return { kind: config.isSandboxPolicy ? "built-in" : "file", name: config.policyFile };
}
