/** Secrets that come from files, as containers get them mounted, read at the start. */

import { statSync } from "node:fs";
import { resolve } from "node:path";
import { reasonOf } from "#core/values/errors.ts";
import { isSecret } from "./environment-file.ts";
import { readSecret } from "./secret-source.ts";

/** A secret's file and the values in it: the one to use, then further ones that are accepted from callers as well. */
export interface SecretFile {
  readonly path: string;
  readonly values: readonly string[];
}

/** The variables with what the files name in them. */
interface WithFiles {
  readonly set: Readonly<Partial<Record<string, string>>>;
  /** By the name of the variable that each stands for. */
  readonly files: ReadonlyMap<string, SecretFile>;
  /** One line each, beginning with the variable. */
  readonly problems: readonly string[];
}

/**
 * Reads the file that `NAME_FILE` names in the place of each variable `NAME` that is a secret. The first line is the
 * value; further lines are accepted from callers as well.
 */
export function withSecretFiles(
  set: Readonly<Partial<Record<string, string>>>,
  names: readonly string[],
): WithFiles {
  const found: Partial<Record<string, string>> = { ...set };
  const files = new Map<string, SecretFile>();
  const problems: string[] = [];
  for (const name of names.filter(isSecret)) {
    const file = set[`${name}_FILE`]?.trim();
    if (file === undefined) continue;
    if (set[name] !== undefined) {
      problems.push(`${name}_FILE: is set beside ${name}; keep one of them`);
      continue;
    }
    const path = resolve(file);
    try {
      const values = linesIn(path);
      found[name] = values[0] ?? "";
      files.set(name, { path, values });
    } catch (error) {
      problems.push(`${name}_FILE: ${reasonOf(error).replace(/^config\.invalid: /, "")}`);
    }
  }
  return { set: found, files, problems };
}

/** The values in the file, the one to use first. */
function linesIn(path: string): readonly string[] {
  return readSecret(path)
    .reveal()
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** What may be said about a configured secret; its value is no part of it. */
export interface ConfiguredSecret {
  readonly name: string;
  readonly source: "environment" | "file";
  /** When the file was written; null for a variable. */
  readonly writtenAt: Date | null;
}

/** Every secret that is set, in the order of their names. */
export function configuredSecrets({
  environment,
  secretFiles,
}: {
  readonly environment: Readonly<Record<string, unknown>>;
  readonly secretFiles: ReadonlyMap<string, SecretFile>;
}): readonly ConfiguredSecret[] {
  return Object.entries(environment)
    .filter(([name, value]) => isSecret(name) && value !== undefined)
    .map(([name]): ConfiguredSecret => {
      const file = secretFiles.get(name);
      const stats = file && statSync(file.path, { throwIfNoEntry: false });
      return {
        name,
        source: file === undefined ? "environment" : "file",
        writtenAt: stats?.mtime ?? null,
      };
    })
    .toSorted((one, other) => one.name.localeCompare(other.name));
}
