/**
 * Room: the queue of wakes between processes, on Redis, and the notices that a conversation changed.
 * In: conversation ids to wake, now or later; customers' requests that wait for a change.
 * Out: wakes handed to workers, each at least once while Redis keeps its data; notices, which may get lost.
 * May touch: Redis only; the database knows what to do.
 * This file: the queue as the other rooms see it, and the stored form of a wake.
 */

import { setTimeout as delay } from "node:timers/promises";
import { type Job, Queue, Worker } from "bullmq";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { ChangeNotices, Log, RedisPlace } from "#core/contracts/ports.ts";
import {
  evictionPolicy,
  listeningClient,
  redisClient,
  type RedisClient,
  redisSentence,
} from "#redis/clients.ts";
import { changeNotices, type Listener, type NotifiedBy, WakePayload } from "./change-notices.ts";

const NAME = "wake";

/** Job name of the reconciler's own wakes: the payload is the same for both. */
const RECONCILER = "reconciler";

/**
 * A job whose worker was killed goes to another when its lock has run out and two checks have seen it without one. A
 * check that comes a moment before the mark of the last one runs out does nothing, so this takes at most the lock and
 * three intervals. Work on a conversation is guarded by its lease, so a second run of a job, after this process or Redis
 * paused, is refused there.
 */
const LOCK_MS = 10_000;
const STALLED_MS = 10_000;

/** An idle worker waits this long for a job, in seconds, before it asks again; a new job ends the wait at once. */
const DRAINED_S = 15;

/** How long a worker waits after a broken connection before it tries again; BullMQ's default is 15 seconds. */
const RETRY_MS = 1_000;

/** The longest a wake waits for a hanging Redis: it is only a notification. */
const COMMAND_MS = 1_500;

/** The wake queue. Redis carries "conversation X has mail" and nothing else; the database knows what to do. */
export interface WakeQueue {
  readonly changes: ChangeNotices;
  /** Sends a wake; throws `queue.unavailable` within two seconds when Redis cannot be reached or does not answer. */
  wake(conversationId: string, delayMs: number): Promise<void>;
  /** The same without deduplication: the reconciler's way around a key that an outage left behind. */
  wakeAnyway(conversationId: string): Promise<void>;
  work(handler: WakeHandler, concurrency: number): void;
  /** For how many milliseconds the oldest runnable job has been waiting; 0 when there is none. */
  oldestMs(): Promise<number>;
  /** How many wakes no worker has taken, those that are due later included. */
  depth(): Promise<number>;
  /**
   * Writes a key where the queue's are: throws `queue.unavailable`, or `queue.evicting` when a server may now drop keys.
   */
  ping(): Promise<void>;
  /**
   * Why this process takes no jobs at present; null while it does. Known from its own tries: a Redis that answers a
   * ping may still refuse to hand out a job.
   */
  standstill(): Standstill | null;
  /** Stops taking jobs and waits for the running ones, at most this long. */
  close(graceMs: number): Promise<void>;
}

type WakeHandler = (conversationId: string, notifiedBy: NotifiedBy) => Promise<void>;

/** The oldest may be done between the look at the list and the one at the job itself: the next ones tell the age, then. */
const OLDEST_READ = 20;

/** How long the key of a check is kept, in seconds. */
const PROBE_S = 60;

type QueueOptions = RedisPlace & {
  readonly log: Log;
  readonly prefix?: string;
  /** How long idle workers wait before they look by themselves, in seconds. */
  readonly drainedS?: number;
};

/**
 * Connects to Redis and refuses one that may evict keys: it would drop jobs and hand out empty ones without an error.
 */
export async function openQueue(options: QueueOptions): Promise<WakeQueue> {
  const { log, prefix = "deskhand", drainedS = DRAINED_S, ...place } = options;
  const { producing, queue } = await connectProducer(place, prefix, log);
  // Notices are sent over the connection of wakes, and heard on one of their own.
  const changes = changeNotices({
    channel: `${prefix}:changed`,
    publish: (channel, text) => producing.publish(channel, text),
    subscribe: (heard) => listenToNotices(place, log, heard),
  });
  const workers: { readonly worker: FetchingWorker; readonly connection: RedisClient }[] = [];

  return {
    changes,
    wake: (conversationId, delayMs) =>
      asQueueError(async () => {
        await queue.add(NAME, WakePayload.encode({ conversationId }), {
          // While the conversation is being worked on, one more wake is kept; further ones add nothing.
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
      workers.push(startWorker({ place, prefix, log }, handler, { concurrency, drainedS }));
    },
    oldestMs: () =>
      asQueueError(async () => {
        const [waiting, delayed] = await Promise.all([
          queue.getJobs(["waiting"], 0, OLDEST_READ - 1, true),
          queue.getJobs(["delayed"], 0, OLDEST_READ - 1, true),
        ]);
        const now = Date.now();
        // A job whose delay is over stays among the delayed ones until a worker is free.
        const ages = [...waiting, ...delayed].map((job: Job | undefined) =>
          job === undefined ? 0 : now - job.timestamp - (job.opts.delay ?? 0),
        );
        return Math.max(0, ...ages);
      }),
    depth: () => asQueueError(() => queue.getJobCountByTypes("waiting", "delayed")),
    async ping() {
      // A full Redis, or a replica, answers a ping and refuses every write.
      await asQueueError(() => producing.set(`${prefix}:probe`, "", "EX", PROBE_S));
      // The server's setting may have changed since the last check.
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
      changes.close();
      await queue.close();
      producing.disconnect();
    },
  };
}

async function connectProducer(place: RedisPlace, prefix: string, log: Log) {
  const producing = redisClient(place, { commandMs: COMMAND_MS, lazy: true });
  const met: { error: Error | null } = { error: null };
  producing.on("error", (error) => {
    met.error = error;
    log.warn("queue connection lost", { error: error.message });
  });
  try {
    // A refused sign-in ends as a closed connection; what was refused came before.
    await asQueueError(() =>
      producing.connect().catch((error) => Promise.reject(met.error ?? error)),
    );
    await refuseEviction(producing);
    const queue = new Queue(NAME, { connection: producing, prefix });
    queue.on("error", (error) => log.warn("queue error", { error: error.message }));
    // BullMQ asks the server who it is, and one whose answer did not come in time would refuse every wake for good.
    await asQueueError(() => queue.waitUntilReady());
    return { producing, queue };
  } catch (error) {
    // It would keep reconnecting although the start was given up.
    producing.disconnect();
    throw error;
  }
}

interface WakeConnection {
  readonly place: RedisPlace;
  readonly prefix: string;
  readonly log: Log;
}

/**
 * A connection that only listens. It subscribes at each connection by itself: ioredis would do it
 * without a handler for its error, and no caller would learn since when notices are heard again.
 */
function listenToNotices(
  place: RedisPlace,
  log: Log,
  { channel, heard, began }: Listener,
): () => void {
  const ended = new AbortController();
  const listening = listeningClient(place);
  listening.on("error", (error) => log.warn("notices are not heard", { error: error.message }));
  listening.on("message", (_channel, text) => heard(text));
  listening.on("ready", () => {
    listening.subscribe(channel).then(began, (error: unknown) => {
      if (!ended.signal.aborted) log.warn("notices are not heard", { reason: reasonOf(error) });
    });
  });
  return () => {
    ended.abort();
    listening.disconnect();
  };
}

function startWorker(
  { place, prefix, log }: WakeConnection,
  handler: WakeHandler,
  { concurrency, drainedS }: { readonly concurrency: number; readonly drainedS: number },
): { readonly worker: FetchingWorker; readonly connection: RedisClient } {
  // BullMQ also creates its blocking connection from these options, so no command may have a timeout here: a worker
  // waits for its next job for seconds. BullMQ itself ends a wait that takes longer than it asked for.
  const connection = redisClient(place, { commandMs: null, waitMs: drainedS * 1_000 });
  connection.on("error", (error) => log.warn("worker connection lost", { error: error.message }));
  const worker = new FetchingWorker(
    NAME,
    async (job) => {
      const conversationId = wokenConversationId(job, log);
      if (conversationId !== null)
        await handler(conversationId, job.name === RECONCILER ? "reconciler" : "queue");
    },
    {
      connection,
      prefix,
      concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_MS,
      drainDelay: drainedS,
      runRetryDelay: RETRY_MS,
    },
  );
  worker.on("error", (error) => log.warn("worker error", { error: error.message }));
  worker.on("failed", (job, error) => {
    const passes = error instanceof DeskhandError && error.retry;
    log[passes ? "warn" : "error"]("wake failed", {
      conversation: job && wokenConversationId(job, log),
      error: error.message,
    });
  });
  return { worker, connection };
}

/**
 * Null for a wake that only a newer version can read, which is dropped: the database knows what it was for, and the
 * reconciler wakes again for that. Kept, it would make all that waits look as if it were still on its way.
 */
function wokenConversationId(job: Job, log: Log): string | null {
  try {
    return WakePayload.decode(job.data).conversationId;
  } catch (error) {
    if (!(error instanceof DeskhandError)) throw error;
    log.warn("left to a newer version", { reason: error.message });
    return null;
  }
}

async function refuseEviction(client: RedisClient): Promise<void> {
  const policy = await asQueueError(() => evictionPolicy(client));
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
    throw new DeskhandError("queue.unavailable", redisSentence(error), { cause: error });
  }
}

// BullMQ's worker, which does not ask a Redis that refuses again at once, and can say that it is refused.

interface Standstill {
  readonly reason: string;
  readonly since: Date;
}

/** How long to wait after Redis refuses to hand out a job; BullMQ itself asks again at once. */
const REFUSED_MS = 1_000;

/** A worker that knows whether Redis lets it take jobs. */
class FetchingWorker extends Worker {
  #standstill: Standstill | null = null;

  protected override async moveToActive(token: string, name?: string): Promise<Job> {
    try {
      const job = await super.moveToActive(token, name);
      this.#standstill = null;
      return job;
    } catch (error) {
      const since = this.#standstill?.since ?? new Date();
      this.#standstill = { reason: `cannot take a job: ${redisSentence(error)}`, since };
      await delay(REFUSED_MS, undefined, { ref: false });
      throw error;
    }
  }

  /** Why no job is taken, and since when; null while jobs are taken. */
  standstill(): Standstill | null {
    return this.#standstill;
  }
}
