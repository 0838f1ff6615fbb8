/** What the measuring commands share: where they write, how they read their words, and how they end. */
import { inspect } from "node:util";
import { Command, CommanderError, Option, type OptionValues } from "commander";
import { DeskhandError } from "#core/values/errors.ts";

/** Where a command writes. */
export interface Output {
  readonly print: (text: string) => void;
  /** For errors and help. */
  readonly tell: (text: string) => void;
}

/** The same beside a line of progress. */
export interface Telling extends Output {
  readonly progress: (line: string) => void;
}

/** The same beside a count of what is done. */
export interface Counting extends Output {
  readonly progress: (done: number, all: number) => void;
}

/** The exit code of a run that was not possible. */
const NOT_RUN = 2;

/**
 * Reads the words after a command's name by the options that `describe` adds, and does the work. Returns the exit code:
 * that of the work, 0 when only help was asked for, and 2 when options, files or settings are wrong, with the reason told.
 * A mistake of ours shows its stack. A command of further ones leaves the work to these.
 */
export async function runCommand<Options extends OptionValues>(
  name: string,
  argv: readonly string[],
  { print, tell }: Output,
  command: {
    readonly describe: (program: Command) => Command;
    readonly work?: (options: Options) => number | Promise<number>;
  },
): Promise<number> {
  const program = new Command(name)
    .configureOutput({ writeOut: print, writeErr: tell })
    .exitOverride();
  try {
    // Settings of a command are taken over by those that are added to it afterwards.
    const parsed = await command.describe(program).parseAsync([...argv], { from: "user" });
    return (await command.work?.(parsed.opts<Options>())) ?? 0;
  } catch (error) {
    // The text was told while the options were read.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : NOT_RUN;
    tell(`${error instanceof DeskhandError ? error.message : inspect(error)}\n`);
    return NOT_RUN;
  }
}

/** Whether a model is asked as well, and the folder of its recorded answers. */
export interface ReaderOptions {
  readonly verifier: "on" | "off";
  readonly answers?: string;
}

/** Adds the options of a command that can ask a model as well. */
export function withReader(program: Command): Command {
  return program
    .addOption(
      new Option("--verifier <state>", "with on, the configured model reads as well")
        .choices(["on", "off"])
        .default("off"),
    )
    .option(
      "--answers <folder>",
      "answers recorded here, in place of a model; what has none is written here to be answered",
    );
}
