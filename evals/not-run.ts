/** How every measuring command ends when it could not run: wrong options, files or settings. */
import { CommanderError } from "commander";
import { DeskhandError } from "#core/values/errors.ts";

/** The exit code of a run that was not possible. */
const NOT_RUN = 2;

/** The exit code after an error that says so, told with `tell`: 0 when only help was asked for. Throws other errors. */
export function endedBy(error: unknown, tell: (text: string) => void): number {
  // The text was told while the options were read.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : NOT_RUN;
  if (!(error instanceof DeskhandError)) throw error;
  tell(`${error.message}\n`);
  return NOT_RUN;
}
