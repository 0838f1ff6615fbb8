/** BullMQ's worker, which does not ask a Redis that refuses again at once, and can say that it is refused. */
import { setTimeout as delay } from "node:timers/promises";
import { Worker, type Job } from "bullmq";
import { redisSentence } from "./redis-trouble.ts";

/** That no jobs are taken. */
export interface Standstill {
  readonly reason: string;
  readonly since: Date;
}

/** How long to wait after Redis refuses to hand out a job; BullMQ itself asks again at once. */
const REFUSED_MS = 1_000;

/** A worker that knows whether Redis lets it take jobs. */
export class FetchingWorker extends Worker {
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
