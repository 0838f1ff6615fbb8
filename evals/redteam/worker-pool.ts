/** Divides the attacks of a red-team run among workers. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { z } from "zod";
import { type Attack, Goal, Place } from "./attack.ts";
import { CaseResult, Depth } from "./run.ts";

/** Each worker starts the whole product, so more workers than processors would only slow each other down. */
const WORKERS_MAX = 4;
/** With fewer cases than this, another worker is not worth its start. */
const CASES_MIN = 20;

/** The parameters of a worker. */
export const WorkerJob = z.strictObject({
  detector: z.boolean(),
  depth: Depth,
  places: z.array(Place),
  attacks: z.array(
    z.strictObject({ id: z.string(), text: z.string(), goals: z.array(Goal).min(1) }),
  ),
  /** This worker takes every `of`th case, starting with the `nth`. */
  nth: z.int().min(0),
  of: z.int().min(1),
});
export type WorkerJob = z.infer<typeof WorkerJob>;

/**
 * Tries every attack at every place, with up to one worker for each processor. Rejects when a worker fails, because an
 * untried case must not count as withstood.
 */
export async function runInWorkers(
  job: {
    readonly attacks: readonly Attack[];
    readonly places: readonly Place[];
    readonly detector: boolean;
    readonly depth: Depth;
  },
  onResult: (result: CaseResult) => void,
): Promise<void> {
  const cases = job.attacks.length * job.places.length;
  const of = Math.max(
    1,
    Math.min(availableParallelism(), WORKERS_MAX, Math.ceil(cases / CASES_MIN)),
  );
  const workers = Array.from({ length: of }, (_none, nth) =>
    runWorker(
      {
        ...job,
        attacks: [...job.attacks].map((attack) => ({ ...attack, goals: [...attack.goals] })),
        places: [...job.places],
        nth,
        of,
      },
      onResult,
    ),
  );
  try {
    await Promise.all(workers.map(({ done }) => done));
  } finally {
    await Promise.all(workers.map(({ end }) => end()));
  }
}

function runWorker(
  job: WorkerJob,
  onResult: (result: CaseResult) => void,
): { readonly done: Promise<void>; readonly end: () => Promise<unknown> } {
  const worker = new Worker(new URL("./pool-worker.ts", import.meta.url), { workerData: job });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let left = casesOf(job).length;
  worker.on("message", (value: unknown) => {
    const result = CaseResult.safeParse(value);
    if (!result.success) {
      reject(new Error("a worker's result cannot be read", { cause: result.error }));
      return;
    }
    onResult(result.data);
    left -= 1;
  });
  worker.on("error", reject);
  worker.on("exit", (code) => {
    if (code === 0 && left === 0) resolve();
    else reject(new Error(`a worker ended with code ${code} and ${left} cases untried`));
  });
  return { done: promise, end: () => worker.terminate() };
}

/** The cases of one worker, in order. */
export function casesOf({ attacks, places, nth, of }: WorkerJob) {
  return attacks
    .flatMap((attack, row) =>
      places.map((place, column) => ({ attack, place, index: row * places.length + column })),
    )
    .filter(({ index }) => index % of === nth);
}
