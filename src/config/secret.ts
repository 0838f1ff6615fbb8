/** The kinds of values that settings have, and secrets: kept out of logs and messages, read from variables and from files. */

import { readFileSync, statSync } from "node:fs";
import { z } from "zod";
import { type DeskhandError, reasonOf, invalidConfig } from "#core/values/errors.ts";
import { resolve } from "node:path";
import { isSecure } from "#core/connection/http-answer.ts";
import { isSecret, type Variables } from "./environment-file.ts";

/** A value that prints as `[secret]` everywhere; only `reveal` and `accepted` return it. */
export class Secret {
  readonly #values: readonly [string, ...string[]];

  constructor(value: string, ...former: readonly string[]) {
    this.#values = [value, ...former];
  }

  reveal(): string {
    return this.#values[0];
  }

  /** The value, and the former ones that its file names below it: they are accepted from callers as well. */
  accepted(): readonly [string, ...string[]] {
    return this.#values;
  }

  toString(): string {
    return "[secret]";
  }
  toJSON(): string {
    return "[secret]";
  }
}

const HOW = "must be { env: NAME } or { file: PATH }; the secret itself is never written here";

/** How a settings file names a secret without containing it: an environment variable, or a file of its own. */
export const SecretReference = z
  .strictObject(
    {
      env: z
        .string()
        .regex(/^[A-Z][A-Z0-9_]*$/, "must be a variable's name")
        .optional(),
      file: z.string().min(1).optional(),
    },
    { error: ({ code }) => (code === "invalid_type" ? HOW : undefined) },
  )
  .refine(({ env, file }) => (env === undefined) !== (file === undefined), HOW);
export type SecretReference = z.infer<typeof SecretReference>;

/** Gives the secret at any time: a variable's value is fixed, a file is read again, so that it can be changed. */
export type SecretSource = () => Secret;

const SECRET_BYTES_MAX = 16 * 1024;

/**
 * Looks a secret up once, so that a missing one is reported at the start. `folder` resolves a file's name to a full
 * path.
 */
export function secretSource(
  reference: SecretReference,
  {
    environment,
    folder,
  }: {
    readonly environment: NodeJS.ProcessEnv;
    readonly folder: (file: string) => string;
  },
): { readonly source: SecretSource } | { readonly reason: string } {
  const { env, file = "" } = reference;
  if (env !== undefined) {
    const value = environment[env]?.trim() ?? "";
    if (value === "") return { reason: `the variable ${env} is not set` };
    const secret = new Secret(value);
    return { source: () => secret };
  }
  const path = folder(file);
  try {
    readSecret(path);
  } catch (error) {
    return { reason: reasonOf(error).replace(/^config\.invalid: /, "") };
  }
  return { source: () => readSecret(path) };
}

/** The trimmed content of a file. Throws `config.invalid` without it for a file that is missing, empty or too large. */
function readSecret(path: string): Secret {
  const problem = (reason: string, cause?: unknown): DeskhandError =>
    invalidConfig(`the secret's file ${path} ${reason}`, { cause });
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || !stats.isFile()) throw problem("is not there");
  if (stats.size > SECRET_BYTES_MAX) throw problem("is too large for a secret");
  let value: string;
  try {
    value = readFileSync(path, "utf8").trim();
  } catch (cause) {
    throw problem("cannot be read", cause);
  }
  if (value === "") throw problem("is empty");
  return new Secret(value);
}

/**
 * Reads the file that `NAME_FILE` names in the place of each variable `NAME` that is a secret. The first line is the
 * value; further lines are accepted from callers as well. Gives the lines by the names of the variables that they stand
 * for, and the problems in one line each that begins with the variable.
 */
export function withSecretFiles(set: Variables, names: readonly string[]) {
  const found: Partial<Record<string, string>> = { ...set };
  const files = new Map<string, readonly string[]>();
  const problems: string[] = [];
  for (const name of names.filter(isSecret)) {
    const file = set[`${name}_FILE`]?.trim();
    if (file === undefined) continue;
    if (set[name] !== undefined) {
      problems.push(`${name}_FILE: is set beside ${name}; keep one of them`);
      continue;
    }
    try {
      const values = linesIn(resolve(file));
      found[name] = values[0] ?? "";
      files.set(name, values);
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

/**
 * Reads a setting from the variable of its name, or from the file that `NAME_FILE` names. Files are read again each time,
 * so that a renewed secret needs no restart. Throws `config.invalid` for
 * what cannot be read, without its content.
 */
export function systemSettings(environment: NodeJS.ProcessEnv) {
  const variable = (name: string): string => environment[name]?.trim() ?? "";
  return {
    text: (name: string): string | null => {
      const value = variable(name);
      const file = variable(`${name}_FILE`);
      if (value !== "" && file !== "")
        throw invalidConfig(`${name} and ${name}_FILE are both set: keep one of them`);
      if (file !== "") return readSecret(resolve(file)).reveal();
      return value === "" ? null : value;
    },
  };
}

/** Any text that is not blank. */
export const text = z.string().trim().min(1);

/** A text that is never printed. */
export const secret = text.transform((value) => new Secret(value));

/** A port; 0 takes a free one. */
export const port = whole(0, 65_535);

/** An address of a web page or an API. */
export const url = z.url({ protocol: /^https?$/ });

/** Plain http is for a server on this machine only. What is no address at all is told by its own check. */
export function isProtected(address: string): boolean {
  const parsed = URL.parse(address);
  return parsed === null || isSecure(parsed);
}

/** An address that secrets are sent to. */
export const protectedUrl = url.refine(isProtected, "must be https, since secrets are sent there");

/** The items of a list with commas between them; empty ones are skipped. */
export function listIn(list = ""): readonly string[] {
  return list
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** A whole number within these bounds. */
export function whole(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.coerce.number({ error }).int({ error }).min(min, { error }).max(max, { error });
}
