/** Measures bare jobs around the loops of others: a queue, a worker, six rows in two commits. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Queue, QueueEvents } from "bullmq";
import { Redis } from "ioredis";
import pg from "pg";
import { z } from "zod";
import { freshDatabase } from "#test/support/postgres.ts";
import { inLanes } from "#test/support/program.ts";
import { startRedis } from "#test/support/redis.ts";
import {
  processorMsOf,
  processorMsOfPostgres,
  processorMsOfRedis,
} from "#test/bench/fleet/processor-time.ts";
import { median } from "#test/bench/fleet/chat-load.ts";
import { INSTALLED, type Loop, startFakeModel } from "./turns.ts";

/** What one bare job costs: the worker, Redis and PostgreSQL together, and how many a second there were. */
export const BareJobCost = z.object({
  ownMs: z.number(),
  workerMs: z.number(),
  perSecond: z.number(),
  p50Ms: z.number(),
});
export type BareJobCost = z.infer<typeof BareJobCost>;

const WARM_UP = 200;

/** Runs the jobs of each load in turn with one worker process around this loop. */
export async function measureBareJobs(
  loop: Exclude<Loop, "ours">,
  loads: readonly { readonly jobs: number; readonly atOnce: number }[],
): Promise<readonly BareJobCost[]> {
  const [database, redis, model] = await Promise.all([
    freshDatabase(),
    startRedis(),
    startFakeModel(),
  ]);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    "create table bare_row (conversation text, step text, place int, text text, primary key (conversation, step, place))",
  );
  const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
  const queue = new Queue("bare", { connection, skipVersionCheck: true });
  const listening = connection.duplicate();
  const events = new QueueEvents("bare", { connection: listening, skipVersionCheck: true });
  await events.waitUntilReady();
  const worker = spawn(
    process.execPath,
    [join(INSTALLED, "bare-job.mjs"), loop, model.url, redis.url, database.url],
    { cwd: INSTALLED, stdio: ["ignore", "pipe", "inherit"] },
  );
  const used = async () => ({
    workerMs: processorMsOf(worker.pid ?? 0),
    postgresMs: await processorMsOfPostgres(client),
    redisMs: await processorMsOfRedis(connection),
  });
  /** So many jobs, so many at once; gives the milliseconds of each. */
  const work = async (count: number, atOnce: number): Promise<readonly number[]> => {
    const times: number[] = [];
    await inLanes(Array(count).keys(), atOnce, async (number) => {
      const began = performance.now();
      const job = await queue.add(
        "job",
        { conversation: `${began} ${number}` },
        // Kept for a while: waiting for a job that has been removed meanwhile is refused.
        { removeOnComplete: { count: 1_000 } },
      );
      await job.waitUntilFinished(events);
      times.push(performance.now() - began);
    });
    return times;
  };
  const measure = async (jobs: number, atOnce: number): Promise<BareJobCost> => {
    const from = await used();
    const began = performance.now();
    const times = await work(jobs, atOnce);
    const seconds = (performance.now() - began) / 1_000;
    const to = await used();
    const workerMs = (to.workerMs - from.workerMs) / jobs;
    const others = (to.postgresMs - from.postgresMs + to.redisMs - from.redisMs) / jobs;
    return { workerMs, ownMs: workerMs + others, perSecond: jobs / seconds, p50Ms: median(times) };
  };
  const all = async (): Promise<readonly BareJobCost[]> => {
    await once(worker.stdout, "data");
    await work(WARM_UP, 16);
    const costs: BareJobCost[] = [];
    for (const { jobs, atOnce } of loads) costs.push(await measure(jobs, atOnce));
    return costs;
  };
  const isOver = new AbortController();
  // Without its worker, nothing would ever answer.
  const ended = once(worker, "close", { signal: isOver.signal }).then(([code]) => {
    throw new Error(`the bare job over ${loop} ended with ${String(code)}`);
  });
  try {
    return await Promise.race([all(), ended]);
  } finally {
    isOver.abort();
    ended.catch(() => undefined);
    worker.kill("SIGKILL");
    model.stop();
    await events.close();
    await queue.close();
    // BullMQ leaves connections open that it did not make.
    for (const each of [listening, connection]) each.disconnect();
    await client.end();
    await Promise.all([database.drop(), redis.stop()]);
  }
}
