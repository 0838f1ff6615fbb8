/** The page of commands, made from the program that runs them. */
import { type Argument, Command, type Option } from "commander";
import { addCommands } from "#cli/program.ts";
import { code } from "./markdown.ts";

interface Described {
  /** As it is typed, without arguments. */
  readonly name: string;
  readonly command: Command;
}

/** `docs/commands.md`. */
export function commandsPage(): string {
  return `# Commands

For leads and operators: everything \`npm run -s deskhand -- COMMAND\` can do. This page is made from the program by \`npm run docs\`.

While Deskhand runs, a command works inside it; otherwise it opens the data itself. \`--help\` after a command prints what is below, and \`${FOR_PROGRAMS}\` where there is an output for programs.

${allCommands().map(describedAs).join("\n")}
`;
}

/** So many options that another command has as well are named in one line. */
const SHARED_LEAST = 4;

function describedAs({ name, command }: Described, at: number, all: readonly Described[]): string {
  const shown = command.options.filter(({ long }) => long !== FOR_PROGRAMS);
  const isIn = (other: Described) => (option: Option) =>
    other.command.options.some(
      (known) => known.flags === option.flags && purposeOf(known) === purposeOf(option),
    );
  const like = all.slice(0, at).find((one) => shown.filter(isIn(one)).length >= SHARED_LEAST);
  const shared = like === undefined ? [] : shown.filter(isIn(like));
  const options = [
    ...shown
      .filter((option) => !shared.includes(option))
      .map((option) => `  - ${code(option.flags)}: ${purposeOf(option)}`),
    ...(like === undefined
      ? []
      : [
          `  - as for ${code(like.name)}: ${shared.map(({ long }) => code(long ?? "")).join(", ")}`,
        ]),
  ];
  return [`- ${code(typedAs(name, command))}: ${command.description()}`, ...options].join("\n");
}

/** An option that many commands have and that means the same in each. */
const FOR_PROGRAMS = "--json";

/** Names of all commands as they are typed, without arguments. */
export function commandNames(): readonly string[] {
  return allCommands().map(({ name }) => name);
}

function allCommands(): readonly Described[] {
  const program = addCommands(new Command("deskhand"), {
    store: { kind: "pglite", run: unused, close: unused },
    clock: { now: () => new Date() },
    print: () => undefined,
  });
  return program.commands.flatMap((command) => withInner("", command));
}

async function unused(): Promise<never> {
  throw new Error("Commands are described here and not run.");
}

/** A command and those below it; one that only groups others is left out. */
function withInner(before: string, command: Command): readonly Described[] {
  const name = `${before}${command.name()}`;
  const onlyGroups =
    command.commands.length > 0 &&
    command.options.length === 0 &&
    command.registeredArguments.length === 0;
  return [
    ...(onlyGroups ? [] : [{ name, command }]),
    ...command.commands.flatMap((inner) => withInner(`${name} `, inner)),
  ];
}

function typedAs(name: string, command: Command): string {
  return [name, ...command.registeredArguments.map(argumentAs)].join(" ");
}

function argumentAs(argument: Argument): string {
  const words = `${argument.name()}${argument.variadic ? "…" : ""}`;
  return argument.required ? `<${words}>` : `[${words}]`;
}

function purposeOf({ description, argChoices, defaultValue, mandatory }: Option): string {
  const remarks = [
    ...(argChoices === undefined ? [] : [`one of ${argChoices.map(code).join(", ")}`]),
    ...(typeof defaultValue === "string" && defaultValue !== ""
      ? [`default ${code(defaultValue)}`]
      : []),
    ...(mandatory ? ["necessary"] : []),
  ];
  return remarks.length === 0 ? description : `${description} (${remarks.join("; ")})`;
}
