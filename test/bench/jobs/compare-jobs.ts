/** Compares our whole job with the bare jobs of others, and one worker with more. */
import { z } from "zod";
import { withCustomerFleet } from "#test/bench/fleet/customer-fleet.ts";
import { BareJobCost, measureBareJobs } from "#test/bench/loops/bare-jobs.ts";
import { OTHER_LOOPS, installOthers } from "#test/bench/loops/turns.ts";
import { JobCost, measureJobs } from "./job-cost.ts";

/** By level: bare jobs by loop, ours by variant and number of workers. */
export const Jobs = z.object({
  bare: z.record(z.string(), z.record(z.string(), BareJobCost)),
  ours: z.record(z.string(), z.record(z.string(), JobCost)),
});
export type Jobs = z.infer<typeof Jobs>;

/** How our installation is run: as it is meant to be, and with one thing left out each. */
export const VARIANTS = {
  whole: { words: "", verified: true, isDurable: true, workers: [1, 2, 4], levels: [1, 16] },
  unread: {
    words: ", answers not read by a second model",
    verified: false,
    isDurable: true,
    workers: [1, 2],
    levels: [16],
  },
  hasty: {
    words: ", `fsync` off",
    verified: true,
    isDurable: false,
    workers: [2],
    levels: [16],
  },
} as const;
export type Variant = keyof typeof VARIANTS;

/** The costs of ours by how many were asked at once. */
export function oursIn(jobs: Jobs, variant: Variant, workers: number): Jobs["ours"][string] {
  return jobs.ours[`${variant} ${workers}`] ?? {};
}

const BARE_LEVELS = [16] as const;

export interface JobLoad {
  /** How many conversations at a level. */
  readonly conversations: (atOnce: number) => number;
  readonly say: (line: string) => void;
}

export async function compareJobs({ conversations, say }: JobLoad): Promise<Jobs> {
  await installOthers(say);
  const bare: Record<string, Record<string, BareJobCost>> = {};
  for (const loop of OTHER_LOOPS) {
    say(`jobs: bare job over ${loop}`);
    const loads = BARE_LEVELS.map((atOnce) => ({ jobs: conversations(atOnce), atOnce }));
    const costs = await measureBareJobs(loop, loads);
    bare[loop] = Object.fromEntries(costs.map((cost, index) => [BARE_LEVELS[index], cost]));
  }
  const ours: Record<string, Record<string, JobCost>> = {};
  for (const [name, { words, levels, workers, ...how }] of Object.entries(VARIANTS))
    for (const count of workers) {
      say(`jobs: ours with ${count} worker(s)${words}`);
      const costs: Record<string, JobCost> = {};
      await withCustomerFleet({ ...how, workers: count, say }, async ({ fleet, next }) => {
        for (const atOnce of levels)
          costs[atOnce] = await measureJobs(fleet, { count: conversations(atOnce), atOnce, next });
      });
      ours[`${name} ${count}`] = costs;
    }
  return Jobs.parse({ bare, ours });
}
