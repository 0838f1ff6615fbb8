/** Reads and checks the policy file, and keeps the line of every setting. */
import { DeskhandError } from "#core/values/errors.ts";
import { problemsIn, problemsInForce } from "./cross-check.ts";
import { PolicyDocument } from "./schema.ts";
import { readYaml } from "./yaml.ts";

/** The file as typed values, with the line of each. */
export interface ReadDocument {
  readonly document: PolicyDocument;
  /** The line of a setting, or of the nearest enclosing one in the file. */
  readonly lineOf: (path: readonly PropertyKey[]) => number;
}

/**
 * Reads the text of a policy file. Reports all problems at once, one line each, as `file:12 operations.refund: reason`.
 * A policy in force is not held to checks that later versions make of new files. Throws `policy.invalid`.
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
