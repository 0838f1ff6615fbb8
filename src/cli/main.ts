/**
 * Room: the command line. This file decides where a command runs; `program.ts` defines the commands.
 * In: the arguments, the environment, files the operator names.
 * Out: text for the terminal and an exit code.
 * May touch: the running process through its control socket, otherwise the database and files; vendors for `doctor`,
 * `init`.
 */
import { configuredSecrets, systemSettings } from "#config/secret.ts";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { readConfig } from "#config/environment.ts";
import { withEnvironmentFile } from "#config/environment-file.ts";
import { policySourceOf } from "#config/policy-file.ts";
import { examineHere } from "#doctor/index.ts";
import { initZendesk } from "./zendesk-init.ts";
import { ownMailNames, ownMailServerIn } from "#config/mail.ts";
import { createLog } from "#telemetry/log.ts";
import { openStore } from "#store/db/database.ts";
import { migrate } from "#store/db/migrate.ts";
import { Finding } from "#core/connection/diagnosis.ts";
import { reasonOf } from "#core/values/errors.ts";
import { callControl, type CommandResult } from "./control.ts";
import { backupOrRestore, withWholeFile } from "#cli/storage/backup-commands.ts";
import { logsCommand } from "#cli/logs/command.ts";
import { blobsCommand } from "#cli/storage/blobs-command.ts";
import { upgradeCommand } from "#cli/storage/upgrade-command.ts";
import type { Examine } from "./doctor-command.ts";
import { openTerminal } from "./init/terminal.ts";
import { personalDataIn } from "./personal-data.ts";
import { runCommand } from "./program.ts";
import type { ToolImports } from "#importing/command/place.ts";
import { withTerminalWidth } from "./tools/fit.ts";
import { withWholePaths } from "./whole-paths.ts";

/** What few commands need, loaded by them: every command would wait for it otherwise. */
const LOADED = {
  init: () => import("./init/index.ts"),
  fix: () => import("./doctor-fix.ts"),
  parts: () => import("#app/here.ts"),
  inspector: () => import("#jobs/knowledge/inspect-page.ts"),
};

/** Commands that use what a running Deskhand is composed of. */
const WITH_PARTS = new Set(["procedures", "rehearse", "replay", "tools", "knowledge"]);

/** Commands that work before anything is configured, and read and write in the caller's folder. */
const WITHOUT_DATA = ["mail", "help", "--help", "-h"];

/** Checking a policy file does not need the policy in force. */
function needsNoData([name = "help", kind, ...rest]: readonly string[]): boolean {
  if (WITHOUT_DATA.includes(name)) return true;
  if (name === "knowledge") return kind === "eval";
  if (name === "tools") return kind === "import";
  if (name === "guard") return kind !== "candidates";
  if (name !== "policy") return false;
  return (
    kind === "check" ||
    (kind === "explain" && rest.some((word) => /^--(?:file(?:=|$)|help$)/.test(word)))
  );
}

/** Commands that run before any other opens the data, each in its own way. */
const ITSELF = new Map<
  string | undefined,
  (typed: readonly string[], environment: NodeJS.ProcessEnv) => Promise<CommandResult>
>([
  ["upgrade", (typed, environment) => upgradeCommand(environment, typed, new Date())],
  ["backup", savedOrRestored],
  ["restore", savedOrRestored],
  [
    "blobs",
    (typed, environment) =>
      blobsCommand(readConfig(environment), typed, { folder: process.cwd(), progress: sayAside }),
  ],
  ["logs", logs],
]);

function savedOrRestored(
  typed: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<CommandResult> {
  return backupOrRestore(readConfig(environment), withWholeFile(typed, process.cwd()), sayAside);
}

/** A command goes to the running Deskhand if there is one; otherwise it opens the data itself, under the same lock. */
async function main(typed: readonly string[]): Promise<CommandResult> {
  // File names are relative to the caller's folder; the running process has another one.
  const argv = withTerminalWidth(
    withWholePaths(typed, process.cwd()),
    process.stdout.isTTY ? process.stdout.columns : undefined,
  );
  const environment = withEnvironmentFile(process.env, process.cwd());
  if (argv[0] === "init" && argv[1] === "zendesk") return initZendesk(environment, argv.slice(2));
  if (argv[0] === "init") return setUp(argv.slice(1), environment);
  if (argv[0] === "doctor") return doctor(argv, environment);
  if (needsNoData(argv)) return runWithoutData(argv, environment);
  const opensDataItself = ITSELF.get(argv[0]);
  if (opensDataItself !== undefined) return opensDataItself(typed, environment);
  return isComparison(argv)
    ? comparisonWithCards(argv, environment)
    : runWithData(argv, environment);
}

function logs(typed: readonly string[], environment: NodeJS.ProcessEnv): Promise<CommandResult> {
  return logsCommand(
    {
      folder: process.cwd(),
      dataFolder: () => readConfig(environment).dataFolder,
      input: process.stdin,
      write: (text) => process.stdout.write(text),
      // Ctrl-C ends the process itself.
      signal: new AbortController().signal,
    },
    typed,
  );
}

/** Lines are printed as they come, because a person reads along. */
function say(text: string): void {
  process.stdout.write(`${text}\n`);
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

async function setUp(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<CommandResult> {
  const place = { environment, shell: process.env, folder: process.cwd() };
  const { init } = await LOADED.init();
  const exitCode = await init({ ...place, say, terminal }, argv);
  return { stdout: "", stderr: "", exitCode };
}

function isComparison([name, kind]: readonly string[]): boolean {
  return name === "policy" && kind === "diff";
}

/** Two files can be compared anywhere; pending cards are compared too where there are any and they can be read. */
async function comparisonWithCards(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<CommandResult> {
  try {
    const config = readConfig(environment);
    if (existsSync(config.dataFolder) || config.environment.DATABASE_URL !== undefined)
      return await runWithData(argv, environment);
  } catch (error) {
    const result = await runWithoutData(argv, environment);
    const note = `The waiting cards could not be looked at: ${reasonOf(error)}\n`;
    return { ...result, stderr: `${result.stderr}${note}` };
  }
  return runWithoutData(argv, environment);
}

async function runWithData(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<CommandResult> {
  const config = readConfig(environment);
  const answered = await callControl(config.dataFolder, argv, sayAside);
  if (answered !== null) return answered;
  const log = createLog("warn");
  const { DATABASE_URL: databaseUrl = null } = config.environment;
  const store = await openStore({ databaseUrl, folder: config.dataFolder, log });
  try {
    await migrate(store);
    return await runCommand(
      {
        store,
        clock: { now: () => new Date() },
        status: null,
        appUrl: config.environment.DESKHAND_PUBLIC_URL ?? null,
        personal: await personalDataIn(store, config),
        configured: () => configuredSecrets(config),
        chatHoursMax: config.environment.CHAT_IDENTITY_HOURS_MAX,
        ...(WITH_PARTS.has(argv[0] ?? "")
          ? (await LOADED.parts()).partsHere({ config, store, log }, sayAside)
          : {}),
      },
      argv,
      { source: policySourceOf(config), reload: null },
    );
  } finally {
    await store.close();
  }
}

/** Finds mistakes in the configuration, so one must not stop it. */
async function doctor(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<CommandResult> {
  const folder = dataFolderOf(environment);
  if (folder !== null && argv.includes("--fix")) return fixed(argv, environment, folder);
  const answered = folder === null ? null : await callControl(folder, argv);
  return answered ?? runWithoutData(argv, environment, () => examineHere(environment));
}

/** Files and accounts are repaired from here, where a person can be asked, also while Deskhand runs. */
async function fixed(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
  dataFolder: string,
): Promise<CommandResult> {
  const set = Object.entries(environment).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const { doctorFix } = await LOADED.fix();
  const exitCode = await doctorFix({
    site: { environment: Object.fromEntries(set), folder: process.cwd(), dataFolder },
    look: async () => {
      const answered = await callControl(dataFolder, ["doctor", "--json"]);
      if (answered === null) return examineHere(environment);
      return z.array(Finding).parse(JSON.parse(answered.stdout));
    },
    say,
    terminal,
    isAgreed: argv.includes("--yes"),
  });
  return { stdout: "", stderr: "", exitCode };
}

function dataFolderOf(environment: NodeJS.ProcessEnv): string | null {
  try {
    return readConfig(environment).dataFolder;
  } catch {
    // The check itself reports what is wrong with it.
    return null;
  }
}

async function runWithoutData(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
  examine?: Examine,
): Promise<CommandResult> {
  const none = async (): Promise<never> => {
    throw new Error("this command has no data to work on");
  };
  return runCommand(
    {
      store: { kind: "pglite", run: none, close: none },
      clock: { now: () => new Date() },
      status: null,
      appUrl: null,
      ...(examine === undefined ? {} : { examine }),
      write: (text) => process.stdout.write(text),
      ...(argv[0] === "tools" ? { imports: await importsHere(environment) } : {}),
      ...(argv[0] === "mail"
        ? { mail: { ownServer: ownMailServerIn(environment), ours: ownMailNames(environment) } }
        : {}),
    },
    argv,
  );
}

/** What a document says to the model is looked at as a help page is. */
async function importsHere(environment: NodeJS.ProcessEnv): Promise<ToolImports> {
  const inspect = (await LOADED.inspector()).pageInspector();
  const { text: setting } = systemSettings(environment, (file) => resolve(file));
  return {
    folder: process.cwd(),
    terminal,
    inspect: (text) => inspect({ title: "", text }),
    setting,
  };
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
