/** A thread of its own for work that may hang, crash or take too much memory, which answers one order at a time. */
import { Worker, type ResourceLimits } from "node:worker_threads";
import type { z } from "zod";
import { reasonOf } from "#core/values/errors.ts";

/** The thread is gone; what it was doing will never be answered. */
export class ThreadLost extends Error {
  override readonly name = "ThreadLost";
}

/** What runs on a thread. */
interface ThreadProgram<Answer> {
  readonly script: URL;
  readonly answers: z.ZodType<Answer>;
  /** What the reason of its end calls it. */
  readonly name: string;
  /** What its objects may take, beyond which it ends by itself. Buffers do not count there. */
  readonly memory: ResourceLimits;
  /** By how much the whole process may grow during one order, buffers included, beyond which the thread is ended. */
  readonly growthMbMax?: number;
  /** The reason it then gives, in words for a person. */
  readonly beyond?: string;
}

/** One that runs. Its end, a failure and an answer that cannot be read are its loss, of which the first reason counts. */
export class WorkerThread<Answer> {
  readonly #worker: Worker;
  readonly #program: ThreadProgram<Answer>;
  #awaited: PromiseWithResolvers<Answer> | null = null;
  #lost: ThreadLost | null = null;
  #idle: NodeJS.Timeout | undefined;

  constructor(program: ThreadProgram<Answer>) {
    const { script, name, memory } = program;
    this.#program = program;
    this.#worker = new Worker(script, { resourceLimits: memory });
    this.#worker.on("message", (value: unknown) => this.#take(value));
    this.#worker.on("messageerror", () => this.#lose(UNREAD));
    this.#worker.on("error", (error: unknown) => this.#lose(reasonOfEnd(error, program)));
    this.#worker.on("exit", (code) => this.#lose(`${name} ended with code ${code}`));
  }

  get isLost(): boolean {
    return this.#lost !== null;
  }

  /** Hands an order over; what is moved is of no use to the caller afterwards. */
  give(order: unknown, moved: ArrayBuffer[] = []): void {
    this.#worker.postMessage(order, moved);
  }

  /** The next answer, within this time. Throws `ThreadLost`, and a thread that took longer is ended. */
  async answer(timeMs: number): Promise<Answer> {
    if (this.#lost !== null) throw this.#lost;
    const awaited = Promise.withResolvers<Answer>();
    this.#awaited = awaited;
    const giveUp = (reason: string): void => {
      this.#lose(reason);
      void this.end();
    };
    const tooLong = `it took more than ${Math.round(timeMs)} ms`;
    const timer = setTimeout(() => giveUp(tooLong), Math.max(timeMs, 0));
    const watch = this.#watchGrowth(giveUp);
    try {
      return await awaited.promise;
    } finally {
      clearTimeout(timer);
      clearInterval(watch);
      this.#awaited = null;
    }
  }

  /** Until it has work again, no process stays alive for it, and after this time it ends and gives its memory back. */
  rest(idleMs: number): void {
    this.#worker.unref();
    this.#idle = setTimeout(() => void this.end(), idleMs).unref();
  }

  /** False for one that has ended meanwhile. */
  wake(): boolean {
    clearTimeout(this.#idle);
    if (!this.isLost) this.#worker.ref();
    return !this.isLost;
  }

  /** Ends the thread, also in the middle of its work. */
  async end(): Promise<void> {
    this.#lose(`${this.#program.name} was ended`);
    await this.#worker.terminate();
  }

  #watchGrowth(giveUp: (reason: string) => void): NodeJS.Timeout | undefined {
    const { growthMbMax: most } = this.#program;
    if (most === undefined) return undefined;
    const before = process.memoryUsage.rss();
    return setInterval(() => {
      if (process.memoryUsage.rss() - before > most * 2 ** 20)
        giveUp(`it took more than ${most} MB`);
    }, WATCH_MS);
  }

  #take(value: unknown): void {
    const answer = this.#program.answers.safeParse(value);
    if (answer.success) this.#awaited?.resolve(answer.data);
    else this.#lose(UNREAD);
  }

  #lose(reason: string): void {
    this.#lost ??= new ThreadLost(reason);
    this.#awaited?.reject(this.#lost);
  }
}

/** A bomb inflates some hundred megabytes a second. */
const WATCH_MS = 50;

const UNREAD = "its answer could not be read";

function reasonOfEnd(error: unknown, { beyond }: Pick<ThreadProgram<unknown>, "beyond">): string {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return code === "ERR_WORKER_OUT_OF_MEMORY" && beyond !== undefined ? beyond : reasonOf(error);
}
