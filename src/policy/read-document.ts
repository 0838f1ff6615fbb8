/** Reads and checks the policy file, and keeps the line of every setting. */
import { DeskhandError } from "#core/values/errors.ts";
import { problemsIn, problemsInForce } from "./cross-check.ts";
import { PolicyDocument } from "./schema.ts";
import { readYaml } from "./yaml.ts";

/** The file as typed values, and where each of them stands in it. */
export interface ReadDocument {
  readonly document: PolicyDocument;
  /** The line of a setting, or of the nearest one around it that is written down. */
  readonly lineOf: (path: readonly PropertyKey[]) => number;
}

/**
 * Reads the text of a policy file. Whatever is wrong is told at once, one line each, as `file:12 operations.refund:
 * reason`, so that one editing round is enough. One that is in force already is not held to what later versions ask of a
 * new file. Throws `policy.invalid`.
 */
export function readDocument(
  text: string,
  fileName: string,
  { isInForce }: { readonly isInForce: boolean },
): ReadDocument {
  const more = isInForce ? problemsInForce : problemsIn;
  const read = readYaml(text, fileName, { schema: PolicyDocument, more });
  if (read.kind === "invalid") throw new DeskhandError("policy.invalid", read.problems.join("\n"));
  return read;
}
