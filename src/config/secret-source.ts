/** Reads a secret that a settings file names but does not contain. */

import { readFileSync, statSync } from "node:fs";
import { z } from "zod";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { Secret } from "./secret.ts";

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
export function readSecret(path: string): Secret {
  const problem = (reason: string, cause?: unknown): DeskhandError =>
    new DeskhandError("config.invalid", `the secret's file ${path} ${reason}`, { cause });
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
