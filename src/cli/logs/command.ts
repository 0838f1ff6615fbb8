/** The command `logs`. It needs no running process and no database. */

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Command, Option } from "commander";
import { z } from "zod";
import { LEVELS } from "#telemetry/readable-line.ts";
import type { CommandResult } from "#cli/control.ts";
import { runTyped } from "#cli/standalone/run-typed.ts";
import { lineSplitter, linesOf, shownLine, type Wanted } from "./show-lines.ts";

const HOW = {
  logs: "prints log lines readably: of deskhand.log in the data folder, of a file, or of standard input (-)",
  follow: "goes on with what is added; Ctrl-C ends it",
  conversation: "only lines about this conversation",
  level: "only lines at least this important",
} as const;

/** Lists the command in `help`; it runs before any other command opens the data. */
export function describeLogs(program: Command): Command {
  return program
    .command("logs [file]")
    .description(HOW.logs)
    .option("-f, --follow", HOW.follow)
    .option("--conversation <id>", HOW.conversation)
    .addOption(new Option("--level <level>", HOW.level).choices([...LEVELS]));
}

const Options = z.object({
  follow: z.boolean().optional(),
  conversation: z.string().optional(),
  level: z.enum(LEVELS).optional(),
});

/** Where the command runs. */
interface LogsPlace {
  /** Names of files count from here. */
  readonly folder: string;
  /** The data folder; throws where the settings are wrong. */
  readonly dataFolder: () => string;
  readonly input: AsyncIterable<Uint8Array | string>;
  readonly write: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Runs `logs …`. Lines are written as they are read. */
export async function logsCommand(
  place: LogsPlace,
  argv: readonly string[],
): Promise<CommandResult> {
  return runTyped(argv, (program) => {
    describeLogs(program).action(async (file: string | undefined, given: unknown) => {
      await show(place, file, Options.parse(given));
    });
  });
}

async function show(
  place: LogsPlace,
  file: string | undefined,
  { follow = false, conversation, level }: z.infer<typeof Options>,
): Promise<void> {
  const wanted: Wanted = {
    ...(conversation === undefined ? {} : { conversation }),
    ...(level === undefined ? {} : { level }),
  };
  const lines =
    file === "-"
      ? inputLines(place.input)
      : linesOf(fileOf(place, file), { follow, signal: place.signal });
  for await (const line of lines) {
    const shown = shownLine(line, wanted);
    if (shown !== null) place.write(`${shown}\n`);
  }
}

function fileOf({ folder, dataFolder }: LogsPlace, named: string | undefined): string {
  const file = named === undefined ? join(dataFolder(), "deskhand.log") : resolve(folder, named);
  if (existsSync(file)) return file;
  throw new Error(
    `There is no ${file}. A process writes that file on a terminal and in the sandbox, unless DESKHAND_LOG is set; every other one logs to standard error. Name the file its lines are kept in, or send them here: journalctl -o cat -u deskhand | npm run -s deskhand -- logs -`,
  );
}

async function* inputLines(input: LogsPlace["input"]): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const split = lineSplitter();
  for await (const chunk of input)
    yield* split(typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true }));
  yield* split("\n");
}
