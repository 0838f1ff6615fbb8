/** Measures bare jobs around the agent loops of others: a queue, a worker, six rows in two commits. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import pg from "pg";
import { z } from "zod";
import { freshDatabase } from "#test/support/postgres.ts";
import { startRedis } from "#test/support/redis.ts";
import { processorMsOf, processorMsOfPostgres, processorMsOfRedis } from "./processor-time.ts";
import { INSTALLED, startFakeModel } from "./turns.ts";

/** What one bare job costs: the worker, Redis and PostgreSQL together, and how many a second there were. */
export interface BareJob {
  readonly ownMs: number;
  readonly workerMs: number;
  readonly perSecond: number;
}

const ROWS_PER_JOB = 6;

/** Runs this many jobs with one worker process around the loop named `kind`. */
export async function bareJobs(kind: "openai-lean" | "agents-sdk", jobs: number): Promise<BareJob> {
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
  const worker = spawn(
    process.execPath,
    [join(INSTALLED, "bare-job.mjs"), kind, model.url, redis.url, database.url],
    { cwd: INSTALLED, stdio: ["ignore", "pipe", "inherit"] },
  );
  try {
    await once(worker.stdout, "data");
    const work = async (count: number, name: string): Promise<void> => {
      await queue.addBulk(
        Array.from({ length: count }, (_, index) => ({
          name: "job",
          data: { conversation: `${name} ${index}` },
          opts: { removeOnComplete: true, removeOnFail: true },
        })),
      );
      while ((await rowsOf(client, name)) < count * ROWS_PER_JOB) await delay(20);
    };
    await work(50, "warm-up");
    const used = async () => ({
      workerMs: processorMsOf(worker.pid ?? 0),
      postgresMs: await processorMsOfPostgres(client),
      redisMs: await processorMsOfRedis(connection),
    });
    const from = await used();
    const began = performance.now();
    await work(jobs, "measured");
    const seconds = (performance.now() - began) / 1_000;
    const to = await used();
    const workerMs = (to.workerMs - from.workerMs) / jobs;
    const others = (to.postgresMs - from.postgresMs + to.redisMs - from.redisMs) / jobs;
    return { workerMs, ownMs: workerMs + others, perSecond: jobs / seconds };
  } finally {
    worker.kill("SIGKILL");
    model.stop();
    await queue.close();
    connection.disconnect();
    await client.end();
    await Promise.all([database.drop(), redis.stop()]);
  }
}

async function rowsOf(client: pg.Client, name: string): Promise<number> {
  const { rows } = await client.query(
    "select count(*)::int as rows from bare_row where conversation like $1 || ' %'",
    [name],
  );
  return z.array(z.object({ rows: z.int() })).parse(rows)[0]?.rows ?? 0;
}
