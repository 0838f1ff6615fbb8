/** Runs a command that opens what it needs by itself, beside Deskhand or without it. */
import { Command, CommanderError } from "commander";
import { reasonOf } from "#core/values/errors.ts";
import type { CommandResult } from "#cli/control.ts";

/**
 * Reads the words with the commands that `describe` adds. Their actions say what is printed with `say`, and give the
 * exit code with `endWith` where it is not 0; an action that throws ends with 1 and its reason on standard error. Never
 * throws.
 */
export async function runTyped(
  argv: readonly string[],
  describe: (
    program: Command,
    say: (text: string) => void,
    endWith: (exitCode: number) => void,
  ) => void,
): Promise<CommandResult> {
  const result = { stdout: "", stderr: "", exitCode: 0 };
  const program = new Command("deskhand").exitOverride().configureOutput({
    writeOut: (text) => (result.stdout += text),
    writeErr: (text) => (result.stderr += text),
  });
  describe(
    program,
    (text) => (result.stdout += text),
    (exitCode) => (result.exitCode = exitCode),
  );
  try {
    await program.parseAsync([...argv], { from: "user" });
    return result;
  } catch (error) {
    if (error instanceof CommanderError) return { ...result, exitCode: error.exitCode };
    return { ...result, stderr: `${result.stderr}${reasonOf(error)}\n`, exitCode: 1 };
  }
}
