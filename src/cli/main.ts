import { readConfig } from "#src/config.ts";
import { createLog } from "#telemetry/log.ts";
import { openStore } from "#store/driver.ts";
import { migrate } from "#store/migrate.ts";
import { reasonOf } from "#core/errors.ts";
import { callControl, type CommandResult } from "./control.ts";
import { runCommand } from "./program.ts";

/** What works before anything is configured, and writes where the person stands who typed it. */
const WITHOUT_DATA = ["init", "help", "--help", "-h"];

/** A command goes to the running Deskhand when there is one; otherwise it opens the data itself, under the same lock. */
async function main(argv: readonly string[]): Promise<CommandResult> {
  const [name = "help"] = argv;
  if (WITHOUT_DATA.includes(name)) return withoutData(argv);
  const config = readConfig(process.env);
  const answered = await callControl(config.dataFolder, argv);
  if (answered !== null) return answered;
  const store = await openStore({
    databaseUrl: config.environment.DATABASE_URL ?? null,
    folder: config.dataFolder,
    log: createLog("error"),
  });
  try {
    await migrate(store);
    return await runCommand(
      {
        store,
        clock: { now: () => new Date() },
        status: null,
        appUrl: config.environment.DESKHAND_PUBLIC_URL ?? null,
      },
      argv,
    );
  } finally {
    await store.close();
  }
}

function withoutData(argv: readonly string[]): Promise<CommandResult> {
  const none = async (): Promise<never> => {
    throw new Error("this command has no data to work on");
  };
  return runCommand(
    {
      store: { kind: "pglite", run: none, close: none },
      clock: { now: () => new Date() },
      status: null,
      appUrl: null,
    },
    argv,
  );
}

try {
  const { stdout, stderr, exitCode } = await main(process.argv.slice(2));
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exitCode = exitCode;
} catch (error) {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exitCode = 1;
}
