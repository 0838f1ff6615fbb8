/** Secrets that come from files, as containers get them mounted: read at the start, and again whenever they change. */

import { statSync } from "node:fs";
import { resolve } from "node:path";
import { reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import { isSecret } from "./environment-file.ts";
import { Secret } from "./secret.ts";
import { readSecret } from "./secret-source.ts";

/** How often the files are looked at, in milliseconds. Their times are compared; no event of the file system is needed. */
const LOOK_MS = 5_000;

/** A secret and the file it comes from. */
export interface FiledSecret {
  readonly name: string;
  readonly path: string;
  readonly secret: Secret;
}

/** The variables with what the files name in them. */
interface WithFiles {
  readonly set: Readonly<Partial<Record<string, string>>>;
  /** The path by the name of the variable it stands for. */
  readonly paths: ReadonlyMap<string, string>;
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
  const paths = new Map<string, string>();
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
      found[name] = linesIn(path)[0] ?? "";
      paths.set(name, path);
    } catch (error) {
      problems.push(`${name}_FILE: ${reasonOf(error).replace(/^config\.invalid: /, "")}`);
    }
  }
  return { set: found, paths, problems };
}

/** The values in the file, the one to use first. */
function linesIn(path: string): readonly string[] {
  return readSecret(path)
    .reveal()
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** Takes further values that a file names beside the first one. */
export function takeFurtherLines({ secret, path }: FiledSecret): void {
  secret.replace(linesIn(path));
}

/**
 * Reads the files again as they change, until `stop`. `isUsable` says whether a value could be one; a file that is
 * missing, empty or unusable changes nothing and is logged once.
 */
export function followSecretFiles(
  secrets: readonly FiledSecret[],
  {
    log,
    isUsable,
  }: { readonly log: Log; readonly isUsable: (name: string, value: string) => boolean },
): { look(): void; stop(): void } {
  const stamps = new Map(secrets.map(({ path }) => [path, stampOf(path)]));
  const look = (): void => {
    for (const { name, path, secret } of secrets) {
      const stamp = stampOf(path);
      const isSame = stamp === stamps.get(path);
      if (isSame) continue;
      try {
        const values = linesIn(path);
        if (!values.every((value) => isUsable(name, value)))
          throw new Error(`the file ${path} has a value that ${name} cannot have`);
        if (secret.replace(values)) log.info("a secret was read again from its file", { name });
      } catch (error) {
        log.error("a changed secret cannot be used, the one before stays", {
          name,
          reason: reasonOf(error),
        });
      }
      stamps.set(path, stamp);
    }
  };
  const timer = setInterval(look, LOOK_MS).unref();
  return { look, stop: () => clearInterval(timer) };
}

/** What may be said about a configured secret; its value is no part of it. */
export interface ConfiguredSecret {
  readonly name: string;
  readonly source: "environment" | "file";
  /** When the file was written; null for a variable. */
  readonly writtenAt: Date | null;
  /** For how many milliseconds this process did not use it; null when it never did, or does not note it. */
  readonly unusedMs: number | null;
}

/** Every secret that is set, in the order of their names. */
export function configuredSecrets({
  environment,
  filedSecrets,
}: {
  readonly environment: Readonly<Record<string, unknown>>;
  readonly filedSecrets: readonly FiledSecret[];
}): readonly ConfiguredSecret[] {
  return Object.entries(environment)
    .filter(([name, value]) => isSecret(name) && value !== undefined)
    .map(([name, value]): ConfiguredSecret => {
      const filed = filedSecrets.find((one) => one.name === name);
      const secret = filed?.secret ?? (value instanceof Secret ? value : null);
      const stats = filed && statSync(filed.path, { throwIfNoEntry: false });
      return {
        name,
        source: filed === undefined ? "environment" : "file",
        writtenAt: stats?.mtime ?? null,
        unusedMs: secret?.unusedMs() ?? null,
      };
    })
    .toSorted((one, other) => one.name.localeCompare(other.name));
}

/** Differs whenever the file may have changed, also behind a link that was turned to another folder. */
export function stampOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined
    ? "missing"
    : `${stats.mtimeMs}:${stats.ctimeMs}:${stats.size}:${stats.ino}`;
}
