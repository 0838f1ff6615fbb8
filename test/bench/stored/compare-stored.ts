/** Compares what a turn costs beside few and beside many stored conversations. */
import { readFileSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { askInChat } from "#test/bench/fleet/chat-load.ts";
import { startFleet, type Fleet } from "#test/bench/fleet/fleet.ts";
import { JobCost, jobMsOf, measureJobs } from "#test/bench/jobs/job-cost.ts";
import { startFakeModel } from "#test/bench/loops/turns.ts";
import { freshDatabase, type FreshDatabase } from "#test/support/postgres.ts";
import { startSharedServices, type SharedServices } from "#test/support/processes.ts";
import { fillStore } from "./fill.ts";

/** The cost of a conversation, by how many are stored. */
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
  const room = SHARE_MAX * Math.min(bavail * bsize, Number(memory ?? 0) * 1_024);
  return sizes.filter((size) => {
    const fits = size * CONVERSATION_BYTES <= room;
    if (!fits) say(`stored: there is no room for ${size} conversations`);
    return fits;
  });
}

/** Each size in a database of its own, which is gone before the next one is filled. */
export async function compareStored(options: {
  readonly sizes: readonly number[];
  readonly conversations: number;
  readonly say: (line: string) => void;
}): Promise<Stored> {
  const shared = await startSharedServices();
  const model = await startFakeModel();
  const stored: Record<string, JobCost> = {};
  try {
    for (const size of thatFit(options.sizes, options.say)) {
      const database = await freshDatabase();
      const at = { shared, modelUrl: model.url, databaseUrl: database.url };
      try {
        await fillFresh({ ...at, database, size }, options.say);
        options.say(`stored: ${size} conversations`);
        await withFleet(at, async (fleet) => {
          await askInChat(fleet.web.url, { count: 40, atOnce: 8 });
          stored[size] = await measureJobs(fleet, { count: options.conversations, atOnce: 8 });
        });
      } finally {
        await database.drop();
      }
    }
  } finally {
    model.stop();
    await shared.close();
  }
  return Stored.parse(stored);
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

async function withFleet(
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
