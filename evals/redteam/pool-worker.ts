/** One worker of a red-team run: tries its share of the cases. */
import { parentPort, workerData } from "node:worker_threads";
import { casesOf, WorkerJob } from "./worker-pool.ts";
import { openRange } from "./range.ts";
import { createRun } from "./run.ts";

const job = WorkerJob.parse(workerData);
const range = await openRange({ detector: job.detector });
try {
  const run = createRun(range, job.depth);
  for (const one of casesOf(job)) parentPort?.postMessage(await run.try(one));
} finally {
  await range.close();
}
