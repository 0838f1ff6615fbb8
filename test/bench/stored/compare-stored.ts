/** Compares what a turn costs beside few and beside many stored conversations. */
import { readFileSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { askInChat } from "#test/bench/fleet/chat-load.ts";
import { startFleet, type Fleet } from "#test/bench/fleet/fleet.ts";
import { JobCost, jobMsOf, measureJobs } from "#test/bench/jobs/job-cost.ts";
import { startFakeModel } from "#test/bench/loops/turns.ts";
import { medianOf } from "#test/bench/rounds.ts";
import { freshDatabase, type FreshDatabase } from "#test/support/postgres.ts";
import { startSharedServices, type SharedServices } from "#test/support/processes.ts";
import { fillStore } from "./fill.ts";

/** The median cost of a conversation, by how many are stored. */
export const Stored = z.record(z.string(), JobCost);
export type Stored = z.infer<typeof Stored>;

/** Until nothing is left to do for the conversation that is copied. */
const PUT_AWAY_MS = 3_000;

/** Processes and servers together. */
export function storedMsOf(cost: JobCost): number {
  return cost.webMs + jobMsOf(cost);
}

/** With its indexes, a conversation and all that was said and done in it: `npm run bench -- growth`. */
export const CONVERSATION_BYTES = 16_800;

/** Beside the tables there is PostgreSQL's log, and what else the machine does. */
const SHARE_MAX = 0.7;

/** The sizes for which there is room, both on disk and in memory, which may be the same. */
function thatFit(sizes: readonly number[], say: (line: string) => void): readonly number[] {
  const { bavail, bsize } = statfsSync(tmpdir());
  const memory = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
  let room = SHARE_MAX * Math.min(bavail * bsize, Number(memory ?? 0) * 1_024);
  return sizes.filter((size) => {
    const fits = size * CONVERSATION_BYTES <= room;
    if (fits) room -= size * CONVERSATION_BYTES;
    else say(`stored: there is no room for ${size} conversations`);
    return fits;
  });
}

/** Each size has a database of its own, so that every round can measure all of them. */
export async function compareStored(options: {
  readonly sizes: readonly number[];
  readonly rounds: number;
  readonly conversations: number;
  readonly say: (line: string) => void;
}): Promise<Stored> {
  const shared = await startSharedServices();
  const model = await startFakeModel();
  const databases: { readonly size: number; readonly database: FreshDatabase }[] = [];
  const seen = new Map<number, JobCost[]>();
  const over = (database: FreshDatabase, use: (fleet: Fleet) => Promise<void>): Promise<void> =>
    withFleet({ shared, modelUrl: model.url, databaseUrl: database.url }, use);
  try {
    for (const size of thatFit(options.sizes, options.say)) {
      const database = await freshDatabase();
      databases.push({ size, database });
      await fillFresh({ shared, modelUrl: model.url, database, size }, options.say);
    }
    for (let round = 1; round <= options.rounds; round += 1)
      for (const { size, database } of databases) {
        options.say(`stored, round ${round} of ${options.rounds}: ${size} conversations`);
        await over(database, async (fleet) => {
          await askInChat(fleet.web.url, { count: 40, atOnce: 8 });
          const cost = await measureJobs(fleet, { count: options.conversations, atOnce: 8 });
          seen.set(size, [...(seen.get(size) ?? []), cost]);
        });
      }
  } finally {
    for (const { database } of databases) await database.drop();
    model.stop();
    await shared.close();
  }
  return Stored.parse(
    Object.fromEntries([...seen].map(([size, costs]) => [String(size), medianOf(costs)])),
  );
}

/** Fills an empty database with copies of a conversation that is had in it. */
export async function fillFresh(
  at: {
    readonly shared: SharedServices;
    readonly modelUrl: string;
    readonly database: FreshDatabase;
    readonly size: number;
  },
  say: (line: string) => void,
): Promise<void> {
  await withFleet({ ...at, databaseUrl: at.database.url }, async (fleet) => {
    await askInChat(fleet.web.url, { count: 1, atOnce: 1 });
    await delay(PUT_AWAY_MS);
  });
  await fillStore(at.database.url, at.size, say);
}

export async function withFleet(
  at: {
    readonly shared: SharedServices;
    readonly modelUrl: string;
    readonly databaseUrl: string;
  },
  use: (fleet: Fleet) => Promise<void>,
): Promise<void> {
  const fleet = await startFleet({
    roles: ["web", "worker"],
    shared: at.shared,
    environment: { DATABASE_URL: at.databaseUrl, OPENAI_BASE_URL: at.modelUrl },
  });
  try {
    await use(fleet);
  } finally {
    await fleet.close();
  }
}
