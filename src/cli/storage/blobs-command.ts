/** The command `blobs move`. */

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import type { Config } from "#config/environment.ts";
import { blobPlaceOf, placeNamed } from "#config/storage.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { copyBlobs, finishMove, type Moved } from "#store/blobs/move.ts";
import { openStore, type Store } from "#store/db/database.ts";
import { migrate } from "#store/db/migrate.ts";
import { createLog } from "#telemetry/log.ts";
import type { CommandResult } from "#cli/control.ts";
import { runTyped } from "#cli/standalone/run-typed.ts";
import { storageAt } from "#store/blobs/shared-place.ts";

const HOW = {
  blobs: "where raw mails and files are kept",
  move: "copies them to another folder or to s3://bucket/prefix; may run beside Deskhand, and again",
  last: "the last time, with every Deskhand stopped: copies the rest and makes the new place the one in use",
} as const;

/** Lists the command in `help`; it runs before any other command opens the data. */
export function describeBlobs(program: Command): void {
  const blobs = program.command("blobs").description(HOW.blobs);
  blobs.command("move <place>").description(HOW.move).option("--last", HOW.last);
}

/** Runs `blobs …`; names of folders count from `folder`. */
export async function blobsCommand(
  config: Config,
  argv: readonly string[],
  { folder, progress }: { readonly folder: string; readonly progress: (line: string) => void },
): Promise<CommandResult> {
  return runTyped(argv, (program, say) => {
    program
      .command("blobs")
      .description(HOW.blobs)
      .command("move <place>")
      .description(HOW.move)
      .option("--last", HOW.last)
      .action(async (place: string, { last }: { last?: boolean }) => {
        const name = place.startsWith("s3:") ? place : resolve(folder, place);
        say(`${await move(config, { name, isLast: last === true, progress })}\n`);
      });
  });
}

async function move(
  config: Config,
  how: {
    readonly name: string;
    readonly isLast: boolean;
    readonly progress: (line: string) => void;
  },
): Promise<string> {
  const from = storageAt(blobPlaceOf(config));
  const to = storageAt(placeNamed(how.name, config.environment));
  if (from.place === to.place)
    throw new DeskhandError("config.invalid", `${to.place} is where they are kept already`);
  const worker = join(config.dataFolder, "worker");
  const own = existsSync(worker) ? readFileSync(worker, "utf8").trim() : null;
  how.progress(`From ${from.place} to ${to.place} …`);
  return withStore(config, async (store) =>
    how.isLast
      ? said(await finishMove(store, { from, to, worker: own }, how.progress), {
          next: `Name ${to.place} in DESKHAND_BLOBS for every process and start them. ${from.place} keeps its copies: remove them once doctor is content.`,
        })
      : said(await copyBlobs(store, { from, to }, how.progress), {
          next: "Then stop every Deskhand and run the same with --last.",
        }),
  );
}

function said({ copied, there, gone }: Moved, { next }: { readonly next: string }): string {
  const missing =
    gone.length === 0
      ? []
      : [
          `${gone.length} that rows name are at neither place: ${gone.slice(0, 5).join(", ")}${gone.length > 5 ? " …" : ""}`,
        ];
  return [`Copied ${copied}, ${there} were there already.`, ...missing, next].join("\n");
}

async function withStore<T>(config: Config, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore({
    databaseUrl: config.environment.DATABASE_URL ?? null,
    folder: config.dataFolder,
    log: createLog("warn"),
  });
  try {
    await migrate(store);
    return await work(store);
  } finally {
    await store.close();
  }
}
