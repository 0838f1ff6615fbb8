import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { z } from "zod";
import { DeskhandError } from "#core/errors.ts";
import type { Log } from "#core/ports.ts";

const NAME = "wake";
const Payload = z.strictObject({ version: z.literal(1), conversationId: z.string().min(1) });

/** The bell. Redis carries "conversation X has mail" and nothing else; the database knows what for. */
export interface WakeQueue {
  /** Rings; throws `queue.unavailable` within a second when Redis cannot be reached. */
  wake(conversationId: string, delayMs: number): Promise<void>;
  /** The same past all deduplication: the reconciler's way around a key that an outage left behind. */
  wakeAnyway(conversationId: string): Promise<void>;
  work(handler: (conversationId: string) => Promise<void>, concurrency: number): void;
  /** Jobs that wait or run. */
  depth(): Promise<number>;
  /** Throws `queue.unavailable`, or `queue.evicting` when the server may drop keys by now. */
  ping(): Promise<void>;
  /** Stops taking jobs, waits for those in hand, at most this long. */
  close(graceMs: number): Promise<void>;
}

const RETRY_CAP_MS = 2_000;

/**
 * Connects to Redis and refuses one that may evict keys: it would drop jobs and hand out empty ones without an error.
 */
export async function openQueue(options: {
  readonly url: string;
  readonly log: Log;
  readonly prefix?: string;
}): Promise<WakeQueue> {
  const { url, log } = options;
  const prefix = options.prefix ?? "deskhand";
  const producing = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 3_000,
    lazyConnect: true,
    retryStrategy: (times) => Math.min(times * 100, RETRY_CAP_MS),
  });
  producing.on("error", (error) => log.warn("queue connection lost", { error: error.message }));
  await named(() => producing.connect());
  await refuseEviction(producing).catch((error: unknown) => {
    producing.disconnect();
    throw error;
  });
  const queue = new Queue(NAME, { connection: producing, prefix, skipVersionCheck: true });
  queue.on("error", (error) => log.warn("queue error", { error: error.message }));
  const workers: { readonly worker: Worker; readonly connection: Redis }[] = [];

  return {
    wake: (conversationId, delayMs) =>
      named(async () => {
        await queue.add(NAME, Payload.parse({ version: 1, conversationId }), {
          // While the conversation is being worked on, one more ring is remembered; further ones say nothing new.
          deduplication: {
            id: `${conversationId}.${delayMs > 0 ? "later" : "now"}`,
            keepLastIfActive: true,
          },
          delay: delayMs,
          removeOnComplete: true,
          removeOnFail: true,
        });
      }),
    wakeAnyway: (conversationId) =>
      named(async () => {
        await queue.add(NAME, Payload.parse({ version: 1, conversationId }), {
          removeOnComplete: true,
          removeOnFail: true,
        });
      }),
    work(handler, concurrency) {
      workers.push(startWorker({ url, prefix, log }, handler, concurrency));
    },
    depth: () =>
      named(async () => {
        const counts = await queue.getJobCounts("waiting", "active", "delayed");
        return Object.values(counts).reduce((sum, count) => sum + count, 0);
      }),
    async ping() {
      await named(() => producing.ping());
      // Somebody may have changed the server's setting since we looked.
      await refuseEviction(producing);
    },
    async close(graceMs) {
      await Promise.race([
        Promise.all(workers.map(({ worker }) => worker.close())),
        new Promise((resolve) => setTimeout(resolve, graceMs).unref()),
      ]);
      for (const { connection } of workers) connection.disconnect();
      await queue.close();
      producing.disconnect();
    },
  };
}

function startWorker(
  { url, prefix, log }: { readonly url: string; readonly prefix: string; readonly log: Log },
  handler: (conversationId: string) => Promise<void>,
  concurrency: number,
): { readonly worker: Worker; readonly connection: Redis } {
  const connection = new Redis(url, {
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(times * 100, RETRY_CAP_MS),
  });
  connection.on("error", (error) => log.warn("worker connection lost", { error: error.message }));
  const worker = new Worker(NAME, async (job) => handler(Payload.parse(job.data).conversationId), {
    connection,
    prefix,
    concurrency,
    skipVersionCheck: true,
  });
  worker.on("error", (error) => log.warn("worker error", { error: error.message }));
  worker.on("failed", (_job, error) => log.error("wake failed", { error: error.message }));
  return { worker, connection };
}

/** Reads the server's own setting; a server that hides it (some managed ones do) is taken at its word. */
async function refuseEviction(redis: Redis): Promise<void> {
  const answer = await named(() =>
    redis.config("GET", "maxmemory-policy").catch((error: unknown) => {
      if (error instanceof Error && /unknown command|NOPERM/i.test(error.message)) return null;
      throw error;
    }),
  );
  const policy = Array.isArray(answer) ? String(answer[1]) : null;
  if (policy !== null && policy !== "noeviction")
    throw new DeskhandError(
      "queue.evicting",
      `Redis may evict keys (maxmemory-policy is ${policy}) and would lose queued work. Set it to noeviction.`,
    );
}

async function named<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new DeskhandError("queue.unavailable", "Redis cannot be reached", { cause: error });
  }
}
