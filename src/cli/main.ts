/**
 * Room: the command line. This file decides where a command runs; `program.ts` defines the commands.
 * In: the arguments, the environment, files the operator names.
 * Out: text for the terminal and an exit code.
 * May touch: the running process through its control socket, otherwise the database and files; vendors for `doctor`,
 * `init`.
 */

import { existsSync } from "node:fs";
import { readConfig } from "#config/environment.ts";
import { policySourceOf } from "#config/policy-file.ts";
import { examineHere } from "#doctor/index.ts";
import { initZendesk } from "./zendesk-init.ts";
import { ownMailNames, ownMailServerIn } from "#config/mail.ts";
import { createLog } from "#telemetry/log.ts";
import { openStore } from "#store/db/database.ts";
import { migrate } from "#store/db/migrate.ts";
import { reasonOf } from "#core/values/errors.ts";
import { callControl, type CommandResult } from "./control.ts";
import { backupOrRestore, withWholeFile } from "./backup-commands.ts";
import type { Examine } from "./doctor-command.ts";
import { withWholeList } from "./erase-commands.ts";
import { personalDataIn } from "./personal-data.ts";
import { withWholePaths } from "./policy-commands.ts";
import { runCommand } from "./program.ts";

/** Commands that work before anything is configured, and read and write in the caller's folder. */
const WITHOUT_DATA = ["init", "mail", "help", "--help", "-h"];

/** Checking a policy file does not need the policy in force. */
function needsNoData([name = "help", kind, ...rest]: readonly string[]): boolean {
  if (WITHOUT_DATA.includes(name)) return true;
  if (name !== "policy") return false;
  return (
    kind === "check" ||
    (kind === "explain" && rest.some((word) => /^--(?:file(?:=|$)|help$)/.test(word)))
  );
}

/** A command goes to the running Deskhand if there is one; otherwise it opens the data itself, under the same lock. */
async function main(typed: readonly string[]): Promise<CommandResult> {
  // File names are relative to the caller's folder; the running process has another one.
  const argv = withWholeList(withWholePaths(typed, process.cwd()), process.cwd());
  if (argv[0] === "init" && argv[1] === "zendesk") return initZendesk(process.env, argv.slice(2));
  if (argv[0] === "doctor") return doctor(argv);
  if (needsNoData(argv)) return runWithoutData(argv);
  if (typed[0] === "backup" || typed[0] === "restore")
    return backupOrRestore(readConfig(process.env), withWholeFile(typed, process.cwd()), (line) =>
      process.stderr.write(`${line}\n`),
    );
  return isComparison(argv) ? comparisonWithCards(argv) : runWithData(argv);
}

function isComparison([name, kind]: readonly string[]): boolean {
  return name === "policy" && kind === "diff";
}

/** Two files can be compared anywhere; pending cards are compared too where there are any and they can be read. */
async function comparisonWithCards(argv: readonly string[]): Promise<CommandResult> {
  try {
    const { dataFolder, environment } = readConfig(process.env);
    if (existsSync(dataFolder) || environment.DATABASE_URL !== undefined)
      return await runWithData(argv);
  } catch (error) {
    const result = await runWithoutData(argv);
    const note = `The waiting cards could not be looked at: ${reasonOf(error)}\n`;
    return { ...result, stderr: `${result.stderr}${note}` };
  }
  return runWithoutData(argv);
}

async function runWithData(argv: readonly string[]): Promise<CommandResult> {
  const config = readConfig(process.env);
  const answered = await callControl(config.dataFolder, argv);
  if (answered !== null) return answered;
  const store = await openStore({
    databaseUrl: config.environment.DATABASE_URL ?? null,
    folder: config.dataFolder,
    log: createLog("warn"),
  });
  try {
    await migrate(store);
    return await runCommand(
      {
        store,
        clock: { now: () => new Date() },
        status: null,
        appUrl: config.environment.DESKHAND_PUBLIC_URL ?? null,
        personal: await personalDataIn(store, config),
      },
      argv,
      { source: policySourceOf(config), reload: null },
    );
  } finally {
    await store.close();
  }
}

/** Finds mistakes in the configuration, so one must not stop it. */
async function doctor(argv: readonly string[]): Promise<CommandResult> {
  const folder = dataFolderOf(process.env);
  const answered = folder === null ? null : await callControl(folder, argv);
  return answered ?? runWithoutData(argv, () => examineHere(process.env));
}

function dataFolderOf(environment: NodeJS.ProcessEnv): string | null {
  try {
    return readConfig(environment).dataFolder;
  } catch {
    // The check itself reports what is wrong with it.
    return null;
  }
}

function runWithoutData(argv: readonly string[], examine?: Examine): Promise<CommandResult> {
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
      ...(argv[0] === "mail"
        ? { mail: { ownServer: ownMailServerIn(process.env), ours: ownMailNames(process.env) } }
        : {}),
    },
    argv,
  );
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
