/**
 * Room: the command line. This file decides where a command runs; `program.ts` defines the commands.
 * In: the arguments, the environment, files the operator names.
 * Out: text for the terminal and an exit code.
 * May touch: the running process through its control socket, otherwise the database and files; vendors for `doctor`,
 * `init`.
 */
import { existsSync } from "node:fs";
import { z } from "zod";
import { type Config, dataFolderIn, readConfig, wayOutIn } from "#config/environment.ts";
import { withEnvironmentFile } from "#config/environment-file.ts";
import { openExit } from "#http/proxy.ts";
import { ownMailNames, ownMailServerIn } from "#config/mail.ts";
import { systemSettings } from "#config/secret.ts";
import { Finding } from "#core/connection/connection-board.ts";
import { reasonOf } from "#core/values/errors.ts";
import type { ToolImports } from "#importing/command/import-tools.ts";
import type { CallerPlace, KnownParts } from "./command-parts.ts";
import { callControl, type CommandResult } from "./control.ts";
import { openTerminal } from "./init/terminal.ts";
import { runCommand } from "./program.ts";

/** What few commands need, loaded by them: every command would wait for it otherwise. */
const LOADED = {
  doctor: () => import("#doctor/index.ts"),
  settings: () => import("#doctor/probes.ts"),
  parts: () => import("#app/commands/here.ts"),
  compare: () => import("#app/commands/compare-versions.ts"),
  inspector: () => import("#jobs/knowledge/pages.ts"),
};

/** Commands that run where they are typed, with no data: before anything is configured, and beside a running Deskhand. */
function isForCaller([name = "help", kind = "", ...rest]: readonly string[]): boolean {
  if (["help", "--help", "-h", "init", "doctor", "mail", "compare"].includes(name)) return true;
  if (name === "tools") return kind === "import";
  // A file is checked by this version, and without the policy in force.
  return (
    name === "policy" &&
    (kind === "check" || rest.some((word) => /^--(?:file(?:=|$)|help$)/.test(word)))
  );
}

/** A command goes to the running Deskhand if there is one; otherwise it opens the data itself, under the same lock. */
async function main(argv: readonly string[]): Promise<CommandResult> {
  const folder = process.cwd();
  const environment = withEnvironmentFile(process.env, folder);
  const settings = settingsIn(environment);
  // Also where a setting is wrong: `init` and `doctor` reach the vendors all the same.
  await openExit(...wayOutIn(environment));
  const dataFolder = "error" in settings ? null : settings.config.dataFolder;
  const caller = { environment, shell: process.env, folder, dataFolder, terminal };
  const here = contextHere(caller);
  if (isForCaller(argv)) return runCommand({ ...here, ...(await importsFor(argv, caller)) }, argv);
  if ("error" in settings)
    return withoutSettings(here, argv, {
      ...settings,
      dataFolder: dataFolderIn(environment, folder),
    });
  const { config } = settings;
  // Two files can be compared anywhere; pending cards are compared too where there may be any.
  const hasData = existsSync(config.dataFolder) || config.environment.DATABASE_URL !== undefined;
  if (isComparison(argv) && !hasData) return runCommand(here, argv);
  const isRestore = argv[0] === "restore";
  // PostgreSQL shows one moment to every reader, and a process that runs may see other disks and another /tmp.
  const isBeside = argv[0] === "backup" && config.environment.DATABASE_URL !== undefined;
  // A restore takes the data's lock, so it is refused while a Deskhand runs.
  const answered =
    isRestore || isBeside ? null : await callControl(config.dataFolder, argv, sayAside);
  if (answered !== null) return answered;
  const { withPartsHere } = await LOADED.parts();
  return withPartsHere({ config, isRestore, isBeside, progress: sayAside }, (parts) =>
    runCommand({ ...here, ...parts }, argv),
  );
}

function settingsIn(
  environment: NodeJS.ProcessEnv,
): { readonly config: Config } | { readonly error: unknown } {
  try {
    return { config: readConfig(environment) };
  } catch (error) {
    return { error };
  }
}

/** Beside the result, which may be piped on. */
function sayAside(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Asks a person only where one can both read and type. */
const terminal =
  process.stdin.isTTY && process.stdout.isTTY
    ? () => openTerminal(process.stdin, process.stdout)
    : null;

/** What a command has where it is typed. Lines are printed as they come, because a person may read along. */
function contextHere(caller: CallerPlace): KnownParts {
  const { environment, dataFolder, folder } = caller;
  const none = async (): Promise<never> => {
    throw new Error("this command has no data to work on");
  };
  return {
    store: { kind: "pglite", run: none, close: none },
    clock: { now: () => new Date() },
    folder,
    caller,
    examine: () => examined(environment, dataFolder),
    compare: async (request) =>
      (await LOADED.compare()).compareVersions(request, {
        environment,
        folder,
        progress: sayAside,
      }),
    mail: { ownServer: ownMailServerIn(environment), ours: ownMailNames(environment) },
    write: (text) => process.stdout.write(text),
  };
}

/** Every check, of the running Deskhand where there is one. It finds mistakes in the settings, so one must not stop it. */
async function examined(
  environment: NodeJS.ProcessEnv,
  dataFolder: string | null,
): Promise<readonly Finding[]> {
  const answered = dataFolder === null ? null : await callControl(dataFolder, ["doctor", "--json"]);
  if (answered === null) return (await LOADED.doctor()).examineHere(environment);
  if (answered.stdout === "") throw new Error(answered.stderr.trim());
  const { settingFindings } = await LOADED.settings();
  return [...z.array(Finding).parse(JSON.parse(answered.stdout)), ...settingFindings(environment)];
}

function isComparison([name, kind]: readonly string[]): boolean {
  return name === "policy" && kind === "diff";
}

/**
 * With a mistake in the settings, such as in a line for tomorrow's start, a Deskhand that runs still takes commands, and
 * two files of the policy can be compared. A backup and a restore go by the settings of where they are typed.
 */
async function withoutSettings(
  here: KnownParts,
  argv: readonly string[],
  { error, dataFolder }: { readonly error: unknown; readonly dataFolder: string },
): Promise<CommandResult> {
  const isOwn = ["backup", "restore"].includes(argv[0] ?? "");
  const answered = isOwn ? null : await callControl(dataFolder, argv, sayAside);
  if (answered !== null) return answered;
  if (!isComparison(argv)) throw error;
  const result = await runCommand(here, argv);
  const note = `The waiting cards could not be looked at: ${reasonOf(error)}\n`;
  return { ...result, stderr: `${result.stderr}${note}` };
}

/** What a document says to the model is looked at as a help page is. */
async function importsFor(
  [name]: readonly string[],
  { environment, folder }: CallerPlace,
): Promise<{ readonly imports?: ToolImports }> {
  if (name !== "tools") return {};
  const inspect = (await LOADED.inspector()).pageInspector();
  const { text: setting } = systemSettings(environment);
  const look = (text: string): string | null => inspect({ title: "", text });
  return { imports: { folder, terminal, inspect: look, setting } };
}

// Files a command creates, such as a database or a backup, are readable by their owner only.
process.umask(0o077);

try {
  const { stdout, stderr, exitCode } = await main(process.argv.slice(2));
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exitCode = exitCode;
} catch (error) {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exitCode = 1;
}
