/** Compares our whole job with the bare jobs of others, and one worker with more: all of them in every round. */
import { z } from "zod";
import { withCustomerFleet } from "#test/bench/fleet/customer-fleet.ts";
import { BareJobCost, measureBareJobs } from "#test/bench/loops/bare-jobs.ts";
import { OTHER_LOOPS, installOthers } from "#test/bench/loops/turns.ts";
import { medianOf } from "#test/bench/rounds.ts";
import { JobCost, measureJobs } from "./job-cost.ts";

/** Medians by level: bare jobs by loop, ours by variant and number of workers. */
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
  readonly rounds: number;
  /** How many conversations at a level. */
  readonly conversations: (atOnce: number) => number;
  readonly say: (line: string) => void;
}

export async function compareJobs(load: JobLoad): Promise<Jobs> {
  const { rounds, conversations, say } = load;
  await installOthers(say);
  const bare = new Map<string, BareJobCost[]>();
  const ours = new Map<string, JobCost[]>();
  const note = <Cost>(seen: Map<string, Cost[]>, key: string, cost: Cost): void =>
    void seen.set(key, [...(seen.get(key) ?? []), cost]);
  for (let round = 1; round <= rounds; round += 1) {
    const told = `jobs, round ${round} of ${rounds}`;
    for (const loop of OTHER_LOOPS) {
      say(`${told}: bare job over ${loop}`);
      const loads = BARE_LEVELS.map((atOnce) => ({ jobs: conversations(atOnce), atOnce }));
      const costs = await measureBareJobs(loop, loads);
      for (const [index, cost] of costs.entries())
        note(bare, `${loop}/${BARE_LEVELS[index]}`, cost);
    }
    for (const [name, { words, levels, workers, ...how }] of Object.entries(VARIANTS))
      for (const count of workers) {
        say(`${told}: ours with ${count} worker(s)${words}`);
        await withCustomerFleet({ ...how, workers: count, say }, async ({ fleet, next }) => {
          for (const atOnce of levels)
            note(
              ours,
              `${name} ${count}/${atOnce}`,
              await measureJobs(fleet, { count: conversations(atOnce), atOnce, next }),
            );
        });
      }
  }
  return Jobs.parse({ bare: byTwo(bare), ours: byTwo(ours) });
}

/** `{ "whole 1/16": costs }` as `{ "whole 1": { "16": median } }`. */
function byTwo(seen: ReadonlyMap<string, readonly Readonly<Record<string, number>>[]>): object {
  const sorted: Record<string, Record<string, object>> = {};
  for (const [key, costs] of seen) {
    const [first = "", second = ""] = key.split("/");
    sorted[first] = { ...sorted[first], [second]: medianOf(costs) };
  }
  return sorted;
}
