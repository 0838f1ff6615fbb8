/** A worker of the queue that can say why it takes no jobs. */
import { setTimeout as delay } from "node:timers/promises";
import { Worker, type Job } from "bullmq";
import { redisSentence } from "./redis-trouble.ts";

/** An idle worker waits this long for a job, in seconds, before it asks again; a new job ends the wait at once. */
export const DRAINED_S = 15;

/** That no jobs are taken. */
export interface Standstill {
  readonly reason: string;
  readonly since: Date;
}

/** An idle worker asks again after its wait for a job; longer silence means that it cannot. */
const SILENT_MS_MAX = (DRAINED_S + 10) * 1_000;

/** How long to wait after Redis refuses to hand out a job; BullMQ itself asks again at once. */
const REFUSED_MS = 1_000;

/** A worker that knows when Redis last let it fetch a job, and why it has not since. */
export class FetchingWorker extends Worker {
  /** Moments of the time that passes: setting the machine's clock is no silence. */
  readonly #last = { fetchedAt: performance.now(), refusedAt: 0, reason: "" };
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
      if (this.#last.refusedAt === 0) this.#last.refusedAt = performance.now();
      this.#last.reason = redisSentence(error);
      await delay(REFUSED_MS, undefined, { ref: false });
      throw error;
    }
  }

  #fetched(): void {
    Object.assign(this.#last, { fetchedAt: performance.now(), refusedAt: 0 });
  }

  /** Why no job is taken, and since when; null while jobs are taken. */
  standstill(): Standstill | null {
    const { fetchedAt, refusedAt, reason } = this.#last;
    if (refusedAt > 0) return { reason: `cannot take a job: ${reason}`, since: dateOf(refusedAt) };
    const silentMs = performance.now() - fetchedAt;
    // With all slots busy there is nothing to fetch.
    if (this.#inHand >= this.concurrency || silentMs <= SILENT_MS_MAX) return null;
    const seconds = Math.round(silentMs / 1_000);
    return { reason: `has not looked for a job for ${seconds} s`, since: dateOf(fetchedAt) };
  }
}

/** The date of a moment of the time that passes. */
function dateOf(moment: number): Date {
  return new Date(Date.now() - (performance.now() - moment));
}
