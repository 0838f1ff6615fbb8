/** The command line of `init`, for its own use and for the list of commands. */

import { Command } from "commander";

/** What may be said on the command line. */
export interface InitOptions {
  readonly answers?: string;
  readonly replace?: boolean;
  readonly start: boolean;
}

/** Lists the command; the running process never carries it out, because it writes files and asks a person. */
export function describeInit(program: Command): Command {
  return program
    .command("init")
    .description(
      "asks in ten parts, tries each connection, and writes `.env` and `deskhand.policy.yaml`; `init zendesk` says or makes what an account needs",
    )
    .option("--answers <file>", "YAML or JSON with the answers, instead of a terminal")
    .option("--replace", "with --answers: variables that `.env` has with another value are changed")
    .option("--no-start", "write the files only; no first card, no doctor")
    .action(() => {
      throw new Error("init is typed in the folder Deskhand is started from");
    });
}

/** Reads the words behind `init`. Throws `InitHelp` for `--help` and for a word that is not known. */
export function parseInit(argv: readonly string[]): InitOptions {
  const printed = { text: "" };
  const write = (text: string): void => void (printed.text += text);
  const program = new Command("deskhand").exitOverride();
  program.configureOutput({ writeOut: write, writeErr: write });
  const given: { options?: InitOptions } = {};
  describeInit(program)
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: write })
    .action((options: InitOptions) => void (given.options = options));
  try {
    program.parse(["init", ...argv], { from: "user" });
  } catch (error) {
    throw new InitHelp(printed.text, error);
  }
  return given.options ?? { start: true };
}

/** What commander printed instead of running the command: its help, or what is wrong with the words. */
export class InitHelp extends Error {
  readonly exitCode: number;
  constructor(text: string, cause: unknown) {
    super(text, { cause });
    const code =
      typeof cause === "object" && cause !== null && "exitCode" in cause ? cause.exitCode : 1;
    this.exitCode = typeof code === "number" ? code : 1;
  }
}
