/** Compares our whole job with the bare jobs of others, and one worker with more: all of them in every round. */
import { z } from "zod";
import { startFleet } from "#test/bench/fleet/fleet.ts";
import { BareJobCost, measureBareJobs } from "#test/bench/loops/bare-jobs.ts";
import { OTHER_LOOPS, installOthers, startFakeModel } from "#test/bench/loops/turns.ts";
import { askInChat } from "#test/bench/fleet/chat-load.ts";
import { medianOf } from "#test/bench/rounds.ts";
import { JobCost, measureJobs } from "./job-cost.ts";

/** Medians: bare jobs by loop and level, ours by workers and level. */
export const Jobs = z.object({
  bare: z.record(z.string(), z.record(z.string(), BareJobCost)),
  ours: z.record(z.string(), z.record(z.string(), JobCost)),
});
export type Jobs = z.infer<typeof Jobs>;

/** Those whose job says something that the turn alone does not. */
const BARE_LOOPS = OTHER_LOOPS.filter((loop) => loop !== "undici");
const BARE_LEVELS = [1, 16] as const;

/** For each worker: V8 compiles what runs often, and a worker runs for days. */
const WARM_UP = 200;

export interface JobLoad {
  readonly rounds: number;
  readonly workers: readonly number[];
  readonly levels: readonly number[];
  /** How many conversations at a level. */
  readonly conversations: (atOnce: number) => number;
  readonly say: (line: string) => void;
}

export async function compareJobs(load: JobLoad): Promise<Jobs> {
  await installOthers(load.say);
  const bare = new Map<string, BareJobCost[]>();
  const ours = new Map<string, JobCost[]>();
  const model = await startFakeModel();
  const note = <Cost>(seen: Map<string, Cost[]>, key: string, cost: Cost): void =>
    void seen.set(key, [...(seen.get(key) ?? []), cost]);
  try {
    for (let round = 1; round <= load.rounds; round += 1) {
      for (const loop of BARE_LOOPS) {
        load.say(`jobs, round ${round} of ${load.rounds}: bare job over ${loop}`);
        const loads = BARE_LEVELS.map((atOnce) => ({ jobs: load.conversations(atOnce), atOnce }));
        const costs = await measureBareJobs(loop, loads);
        for (const [index, cost] of costs.entries())
          note(bare, `${loop} ${BARE_LEVELS[index]}`, cost);
      }
      for (const workers of load.workers) {
        load.say(`jobs, round ${round} of ${load.rounds}: ours with ${workers} worker(s)`);
        await withWorkers(workers, model.url, async (measure) => {
          for (const atOnce of load.levels)
            note(ours, `${workers} ${atOnce}`, await measure(load.conversations(atOnce), atOnce));
        });
      }
    }
  } finally {
    model.stop();
  }
  return Jobs.parse({ bare: byTwo(bare), ours: byTwo(ours) });
}

async function withWorkers(
  workers: number,
  modelUrl: string,
  use: (measure: (count: number, atOnce: number) => Promise<JobCost>) => Promise<void>,
): Promise<void> {
  const fleet = await startFleet({
    roles: ["web", ...Array.from({ length: workers }, () => "worker" as const)],
    environment: { OPENAI_BASE_URL: modelUrl },
  });
  try {
    await askInChat(fleet.web.url, { count: WARM_UP * workers, atOnce: 8 });
    await use((count, atOnce) => measureJobs(fleet, { count, atOnce }));
  } finally {
    await fleet.close();
  }
}

/** `{ "1 16": costs }` as `{ "1": { "16": median } }`. */
function byTwo(seen: ReadonlyMap<string, readonly Readonly<Record<string, number>>[]>): object {
  const sorted: Record<string, Record<string, object>> = {};
  for (const [key, costs] of seen) {
    const [first = "", second = ""] = key.split(" ");
    sorted[first] = { ...sorted[first], [second]: medianOf(costs) };
  }
  return sorted;
}
