/** How every measuring command ends when it could not run: wrong options, files or settings. */
import { inspect } from "node:util";
import { CommanderError } from "commander";
import { DeskhandError } from "#core/values/errors.ts";

/** The exit code of a run that was not possible. */
const NOT_RUN = 2;

/** The exit code after an error, told with `tell`: 0 when only help was asked for. A mistake of ours shows its stack. */
export function endedBy(error: unknown, tell: (text: string) => void): number {
  // The text was told while the options were read.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : NOT_RUN;
  tell(`${error instanceof DeskhandError ? error.message : inspect(error)}\n`);
  return NOT_RUN;
}
