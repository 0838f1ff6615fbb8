/** Compares what a turn costs beside few and beside many stored conversations. */
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
    for (const size of options.sizes) {
      const database = await freshDatabase();
      databases.push({ size, database });
      await over(database, async (fleet) => {
        await askInChat(fleet.web.url, { count: 1, atOnce: 1 });
        await delay(PUT_AWAY_MS);
      });
      await fillStore(database.url, size, options.say);
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
