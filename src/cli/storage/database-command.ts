/** The command `database partition`. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import type { Config } from "#config/environment.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { openStore } from "#store/db/database.ts";
import { clientOf } from "#store/db/postgres-pool.ts";
import { divide } from "#store/partitions/divide.ts";
import { monthsIn, TABLE } from "#store/partitions/months.ts";
import { createLog } from "#telemetry/log.ts";
import type { CommandResult } from "#cli/control.ts";
import { runTyped } from "#cli/standalone/run-typed.ts";

const HOW = {
  database: "how PostgreSQL keeps the data",
  partition: `divides a big table by month while Deskhand runs; may be killed and said again; the table is ${TABLE}`,
} as const;

/** Lists the command in `help`; it runs before any other command opens the data. */
export function describeDatabase(program: Command): Command {
  return program
    .command("database")
    .description(HOW.database)
    .command("partition <table>")
    .description(HOW.partition);
}

/** Runs `database partition TABLE`, beside the processes that run. */
export async function databaseCommand(
  config: Config,
  argv: readonly string[],
  progress: (line: string) => void,
): Promise<CommandResult> {
  return runTyped(argv, (program, say) => {
    describeDatabase(program).action(async (table: string) => {
      if (table !== TABLE)
        throw new DeskhandError(
          "config.invalid",
          `${table} cannot be divided, only ${TABLE}: docs/partitions.md says why.`,
        );
      say(await partitioned(config, progress));
    });
  });
}

async function partitioned(config: Config, progress: (line: string) => void): Promise<string> {
  const { DATABASE_URL: databaseUrl } = config.environment;
  if (databaseUrl === undefined)
    throw new DeskhandError(
      "config.invalid",
      "The embedded database is small and stays as it is; set DATABASE_URL.",
    );
  // The data folder may belong to a process that runs.
  const folder = mkdtempSync(join(tmpdir(), "deskhand-partition-"));
  const log = createLog("warn");
  const store = await openStore({ databaseUrl, folder, log });
  const client = clientOf(databaseUrl, "patient");
  // The statement under way says so too; without this the process would end before it is told.
  client.on("error", (error) => log.warn("database connection lost", { error: error.message }));
  try {
    await client.connect();
    await divide(store, {
      alone: (statement) => client.query(statement),
      now: new Date(),
      log,
      progress,
    });
    const { months } = await store.run(monthsIn);
    return `${TABLE} is divided by month: ${months.map(({ name }) => name).join(", ")}, and one for the rest.\n`;
  } finally {
    await client.end();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
