import { setTimeout as delay } from "node:timers/promises";
import { DelayedError, Queue, Worker, type Job } from "bullmq";
import { Redis } from "ioredis";
import { DeskhandError } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import type { NotifiedBy } from "./worker/worker-state.ts";
import { WakePayload } from "./worker/wake-payload.ts";

const NAME = "wake";

/** What the clockwork's own rings are called among the jobs: the payload is the same for both. */
const RECONCILER = "reconciler";

/**
 * A job whose worker was killed is another's after at most lock and interval together. Working on a conversation is
 * guarded by its lease, so a second run of a job, after a pause of this process or of Redis, is refused there.
 */
const LOCK_MS = 10_000;
const STALLED_MS = 5_000;

/** How long a broken connection is left alone by a worker before it asks again; BullMQ's own is 15 seconds. */
const RETRY_MS = 1_000;

/** Connections that a firewall forgot are noticed by the operating system's probes. */
const KEEP_ALIVE_MS = 10_000;

/** A ring waits no longer than this for a Redis that hangs: it is only the bell. */
const COMMAND_MS = 1_500;

/** The bell. Redis carries "conversation X has mail" and nothing else; the database knows what for. */
export interface WakeQueue {
  /** Rings; throws `queue.unavailable` within two seconds when Redis cannot be reached or does not answer. */
  wake(conversationId: string, delayMs: number): Promise<void>;
  /** The same past all deduplication: the reconciler's way around a key that an outage left behind. */
  wakeAnyway(conversationId: string): Promise<void>;
  work(handler: WakeHandler, concurrency: number): void;
  /** For how many milliseconds the oldest job that could run has been waiting; 0 when none does. */
  oldestMs(): Promise<number>;
  /** Throws `queue.unavailable`, or `queue.evicting` when the server may drop keys by now. */
  ping(): Promise<void>;
  /**
   * Why this process takes no jobs at present; null while it does. Known from its own tries: a Redis that answers a ping
   * may still refuse to hand out a job.
   */
  standstill(): Standstill | null;
  /** Stops taking jobs, waits for those in hand, at most this long. */
  close(graceMs: number): Promise<void>;
}

/** That no jobs are taken. */
interface Standstill {
  readonly reason: string;
  readonly since: Date;
}

type WakeHandler = (conversationId: string, ringer: NotifiedBy) => Promise<void>;

/** Often enough to be back within seconds after Redis is. */
const RETRY_CAP_MS = 1_000;
const NEWER_WAIT_MS = 1_000;

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
  const producing = await connectProducer(url, log);
  const queue = new Queue(NAME, { connection: producing, prefix, skipVersionCheck: true });
  queue.on("error", (error) => log.warn("queue error", { error: error.message }));
  const workers: { readonly worker: FetchingWorker; readonly connection: Redis }[] = [];

  return {
    wake: (conversationId, delayMs) =>
      asQueueError(async () => {
        await queue.add(NAME, WakePayload.encode({ conversationId }), {
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
      asQueueError(async () => {
        await queue.add(RECONCILER, WakePayload.encode({ conversationId }), {
          removeOnComplete: true,
          removeOnFail: true,
        });
      }),
    work(handler, concurrency) {
      workers.push(startWorker({ url, prefix, log }, handler, concurrency));
    },
    oldestMs: () =>
      asQueueError(async () => {
        const [[waiting], [delayed]] = await Promise.all([
          queue.getJobs(["waiting"], 0, 0, true),
          queue.getJobs(["delayed"], 0, 0, true),
        ]);
        const now = Date.now();
        // A job whose delay is over stays among the delayed ones until a worker has room for it.
        const ages = [waiting, delayed].map((job) =>
          job === undefined ? 0 : now - job.timestamp - (job.opts.delay ?? 0),
        );
        return Math.max(0, ...ages);
      }),
    async ping() {
      await asQueueError(() => producing.ping());
      // Somebody may have changed the server's setting since we looked.
      await refuseEviction(producing);
    },
    standstill() {
      const found = workers.flatMap(({ worker }) => worker.standstill() ?? []);
      return found[0] ?? null;
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

async function connectProducer(url: string, log: Log): Promise<Redis> {
  const producing = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: COMMAND_MS,
    keepAlive: KEEP_ALIVE_MS,
    lazyConnect: true,
    retryStrategy: (times) => Math.min(times * 100, RETRY_CAP_MS),
  });
  producing.on("error", (error) => log.warn("queue connection lost", { error: error.message }));
  try {
    await asQueueError(() => producing.connect());
    await refuseEviction(producing);
    return producing;
  } catch (error) {
    // It would go on trying for a start that was given up.
    producing.disconnect();
    throw error;
  }
}

function startWorker(
  { url, prefix, log }: { readonly url: string; readonly prefix: string; readonly log: Log },
  handler: WakeHandler,
  concurrency: number,
): { readonly worker: FetchingWorker; readonly connection: Redis } {
  // BullMQ makes the connection it blocks on from these options, too, so no command may have a time limit here: a
  // worker waits for its next job for seconds. BullMQ itself gives up a wait that takes longer than it asked for.
  const connection = new Redis(url, {
    maxRetriesPerRequest: null,
    keepAlive: KEEP_ALIVE_MS,
    retryStrategy: (times) => Math.min(times * 100, RETRY_CAP_MS),
  });
  connection.on("error", (error) => log.warn("worker connection lost", { error: error.message }));
  const worker = new FetchingWorker(
    NAME,
    async (job, token) =>
      handler(await conversationOf(job, token), job.name === RECONCILER ? "reconciler" : "queue"),
    {
      connection,
      prefix,
      concurrency,
      skipVersionCheck: true,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_MS,
      runRetryDelay: RETRY_MS,
    },
  );
  worker.on("error", (error) => log.warn("worker error", { error: error.message }));
  worker.on("failed", (_job, error) => log.error("wake failed", { error: error.message }));
  return { worker, connection };
}

/** A ring that only a newer version can read goes back into the queue, where a worker of that version finds it. */
async function conversationOf(job: Job, token: string | undefined): Promise<string> {
  try {
    return WakePayload.decode(job.data).conversationId;
  } catch (error) {
    if (!(error instanceof DeskhandError)) throw error;
    await job.moveToDelayed(Date.now() + NEWER_WAIT_MS, token);
    throw new DelayedError(error.message);
  }
}

/** Reads the server's own setting; a server that hides it (some managed ones do) is taken at its word. */
async function refuseEviction(redis: Redis): Promise<void> {
  const answer = await asQueueError(() =>
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

async function asQueueError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new DeskhandError("queue.unavailable", "Redis cannot be reached", { cause: error });
  }
}

/** A worker with room waits five seconds for a job, ten at most, and then asks again. */
const SILENT_MS_MAX = 20_000;

/** How long a Redis that refuses to hand out a job is left alone; BullMQ itself asks again at once. */
const REFUSED_MS = 1_000;

/** A worker that knows when Redis last let it look for a job, and why it did not since. */
class FetchingWorker extends Worker {
  readonly #last = { fetchedAt: Date.now(), refusedAt: 0, reason: "" };
  #inHand = 0;

  override async processJob(...given: Parameters<Worker["processJob"]>): Promise<void | Job> {
    this.#fetched();
    this.#inHand += 1;
    try {
      return await super.processJob(...given);
    } finally {
      this.#inHand -= 1;
    }
  }

  protected override async moveToActive(token: string, name?: string): Promise<Job> {
    try {
      const job = await super.moveToActive(token, name);
      this.#fetched();
      return job;
    } catch (error) {
      if (this.#last.refusedAt === 0) this.#last.refusedAt = Date.now();
      this.#last.reason = error instanceof Error ? error.message : String(error);
      await delay(REFUSED_MS, undefined, { ref: false });
      throw error;
    }
  }

  #fetched(): void {
    Object.assign(this.#last, { fetchedAt: Date.now(), refusedAt: 0 });
  }

  /** Why no job is taken, and since when; null while they are. */
  standstill(): Standstill | null {
    const { fetchedAt, refusedAt, reason } = this.#last;
    if (refusedAt > 0)
      return { reason: `cannot take a job: ${reason}`, since: new Date(refusedAt) };
    const silentMs = Date.now() - fetchedAt;
    // With all hands full there is nothing to look for.
    if (this.#inHand >= this.concurrency || silentMs <= SILENT_MS_MAX) return null;
    const seconds = Math.round(silentMs / 1_000);
    return { reason: `has not looked for a job for ${seconds} s`, since: new Date(fetchedAt) };
  }
}
