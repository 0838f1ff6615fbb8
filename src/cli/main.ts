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

/** What works before anything is configured, and reads and writes where the person stands who typed it. */
const WITHOUT_DATA = ["init", "mail", "help", "--help", "-h"];

/** A file is looked at by itself; what is in force has nothing to do with it. */
function needsNoData([name = "help", kind, ...rest]: readonly string[]): boolean {
  if (WITHOUT_DATA.includes(name)) return true;
  if (name !== "policy") return false;
  return (
    kind === "check" ||
    (kind === "explain" && rest.some((word) => /^--(?:file(?:=|$)|help$)/.test(word)))
  );
}

/** A command goes to the running Deskhand when there is one; otherwise it opens the data itself, under the same lock. */
async function main(typed: readonly string[]): Promise<CommandResult> {
  // Files are named from where somebody stands, and the running process stands elsewhere.
  const argv = withWholeList(withWholePaths(typed, process.cwd()), process.cwd());
  if (argv[0] === "init" && argv[1] === "zendesk") return initZendesk(process.env, argv.slice(2));
  if (argv[0] === "doctor") return doctor(argv);
  if (needsNoData(argv)) return withoutData(argv);
  if (typed[0] === "backup" || typed[0] === "restore")
    return backupOrRestore(readConfig(process.env), withWholeFile(typed, process.cwd()), (line) =>
      process.stderr.write(`${line}\n`),
    );
  return isComparison(argv) ? withCards(argv) : withData(argv);
}

function isComparison([name, kind]: readonly string[]): boolean {
  return name === "policy" && kind === "diff";
}

/** Two files can be compared anywhere; the waiting cards are looked at where there are any, and can be. */
async function withCards(argv: readonly string[]): Promise<CommandResult> {
  try {
    const { dataFolder, environment } = readConfig(process.env);
    if (existsSync(dataFolder) || environment.DATABASE_URL !== undefined)
      return await withData(argv);
  } catch (error) {
    const result = await withoutData(argv);
    const note = `The waiting cards could not be looked at: ${reasonOf(error)}\n`;
    return { ...result, stderr: `${result.stderr}${note}` };
  }
  return withoutData(argv);
}

async function withData(argv: readonly string[]): Promise<CommandResult> {
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

/** A mistake in the configuration is what it is there to find, so it is not the end of it. */
async function doctor(argv: readonly string[]): Promise<CommandResult> {
  const folder = dataFolderOf(process.env);
  const answered = folder === null ? null : await callControl(folder, argv);
  return answered ?? withoutData(argv, () => examineHere(process.env));
}

function dataFolderOf(environment: NodeJS.ProcessEnv): string | null {
  try {
    return readConfig(environment).dataFolder;
  } catch {
    // The look itself tells what is wrong with it.
    return null;
  }
}

function withoutData(argv: readonly string[], examine?: Examine): Promise<CommandResult> {
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

// What a command makes, such as a database or a backup, is its user's alone.
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
