/** Finds and reads what the team wrote: the policy file and the folder of procedures; and finds the folders of tools. */

import {
  existsSync,
  readdirSync,
  readFileSync,
  accessSync,
  closeSync,
  constants,
  ftruncateSync,
  openSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { errorCode, invalidConfig } from "#core/values/errors.ts";
import { listIn } from "./secret.ts";

interface PolicyPlace {
  readonly policyFile: string;
  readonly isSandboxPolicy: boolean;
}

/**
 * The folder that is named, or the one beside the policy file, which may be made later. The sandbox's own policy lies
 * inside the program, and the sample shop's procedures at its top.
 */
export function chosenProceduresFolder(
  named: string | undefined,
  policy: string | undefined,
): string {
  if (named !== undefined) return resolve(named);
  return policy === undefined
    ? join(import.meta.dirname, "../../procedures")
    : join(dirname(resolve(policy)), "procedures");
}

/**
 * Every `.md` file of the folder under its name without that ending, in the order of names; none where there is no folder. Throws `config.invalid` for a
 * folder or file that cannot be read, and for a folder that was named and is not there.
 */
export function readProcedureFiles({
  proceduresFolder,
  environment: { DESKHAND_PROCEDURES: named },
}: {
  readonly proceduresFolder: string | null;
  readonly environment: { readonly DESKHAND_PROCEDURES?: string | undefined };
}) {
  if (proceduresFolder === null) return [];
  try {
    return readdirSync(proceduresFolder)
      .filter((name) => name.endsWith(".md"))
      .toSorted()
      .map((name) => ({
        name: name.slice(0, -".md".length),
        text: readFileSync(join(proceduresFolder, name), "utf8"),
      }));
  } catch (cause) {
    if (named === undefined && errorCode(cause) === "ENOENT") return [];
    throw invalidConfig(`DESKHAND_PROCEDURES: ${proceduresFolder} cannot be read`, { cause });
  }
}

/** What Deskhand itself is installed in: the ready-made tools of shops are there. */
const INSTALLED = join(import.meta.dirname, "../..");

/** The folders of a list with commas. A name that is no folder here may be one that Deskhand brings, such as `adapters/shops/stripe`. */
export function toolsFoldersIn(list: string): readonly string[] {
  return listIn(list).map((name) => {
    const brought = resolve(INSTALLED, name);
    return !existsSync(resolve(name)) && existsSync(brought) ? brought : resolve(name);
  });
}

/** The policy file's text; an unreadable file is reported with the variable it came from. */
export function readPolicyFile(config: Pick<PolicyPlace, "policyFile">): string {
  try {
    return readFileSync(config.policyFile, "utf8");
  } catch (cause) {
    throw invalidConfig(`DESKHAND_POLICY: ${config.policyFile} cannot be read`, { cause });
  }
}

/** A stamp that changes whenever the policy file may have changed; it costs one `stat` call. */
export function policyFileStamp(config: Pick<PolicyPlace, "policyFile">): string {
  const stats = statSync(config.policyFile, { throwIfNoEntry: false });
  return stats === undefined ? "missing" : `${stats.mtimeMs}:${stats.size}:${stats.ino}`;
}

/**
 * Whether this process may write the policy file. The sandbox's own is part of the program, and is never written; a
 * mount may be for reading alone.
 */
export function canWritePolicyFile({ isSandboxPolicy, policyFile }: PolicyPlace): boolean {
  if (isSandboxPolicy) return false;
  try {
    accessSync(policyFile, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Writes the policy file in its place, so that a mounted file and its owner stay what they are. It is never empty in
 * between, and says what it said before where there is no room for the new text.
 */
export function writePolicyFile(
  { policyFile }: Pick<PolicyPlace, "policyFile">,
  text: string,
): void {
  const before = readFileSync(policyFile);
  const file = openSync(policyFile, "r+");
  try {
    writeFileSync(file, text);
    ftruncateSync(file, Buffer.byteLength(text));
  } catch (error) {
    writeFileSync(policyFile, before);
    throw error;
  } finally {
    closeSync(file);
  }
}

/** Which file the policy comes from. The sandbox's own is part of the program and changes only with its version. */
export function configuredPolicySource(config: PolicyPlace): {
  readonly kind: "built-in" | "file";
  readonly name: string;
} {
  return { kind: config.isSandboxPolicy ? "built-in" : "file", name: config.policyFile };
}
