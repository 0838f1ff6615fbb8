/** The main thread's handle on one parser worker. */
import { Worker } from "node:worker_threads";
import { ParserAnswer, type ParserOrder } from "./worker-messages.ts";

/** The thread is gone; what it was doing will never be answered. */
export class ThreadLost extends Error {
  override readonly name = "ThreadLost";
}

/** A thread that reads mails. It answers one order at a time and does not keep the process alive while it waits. */
export class ParserThread {
  readonly #worker: Worker;
  #awaited: PromiseWithResolvers<ParserAnswer> | null = null;
  #lost: ThreadLost | null = null;

  /** `heapMb`: what its objects may take; beyond it the thread ends by itself. */
  constructor(script: URL, heapMb: number) {
    this.#worker = new Worker(script, {
      resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: 16 },
    });
    this.#worker.on("message", (value: unknown) => this.#take(value));
    this.#worker.on("messageerror", () => this.#lose("its answer could not be read"));
    this.#worker.on("error", (error: unknown) => this.#lose(reasonOfEnd(error)));
    this.#worker.on("exit", (code) => this.#lose(`the parser ended with code ${code}`));
  }

  get isLost(): boolean {
    return this.#lost !== null;
  }

  /** Hands an order over; pieces of a mail are moved, so they are of no use to the caller afterwards. */
  give(order: ParserOrder): void {
    const isMoved = order instanceof Uint8Array && order.buffer instanceof ArrayBuffer;
    this.#worker.postMessage(order, isMoved ? [order.buffer] : []);
  }

  /** The next answer, within this time. Throws `ThreadLost`, and a thread that took longer is ended. */
  async answer(timeMs: number): Promise<ParserAnswer> {
    if (this.#lost !== null) throw this.#lost;
    const awaited = Promise.withResolvers<ParserAnswer>();
    this.#awaited = awaited;
    const timer = setTimeout(
      () => {
        this.#lose(`it took more than ${Math.round(timeMs)} ms`);
        void this.end();
      },
      Math.max(timeMs, 0),
    );
    try {
      return await awaited.promise;
    } finally {
      clearTimeout(timer);
      this.#awaited = null;
    }
  }

  /** Whether the process stays alive for it. */
  holdProcess(hold: boolean): void {
    if (hold) this.#worker.ref();
    else this.#worker.unref();
  }

  /** Ends the thread, also in the middle of its work, and gives its memory back. */
  async end(): Promise<void> {
    this.#lose("the parser was ended");
    await this.#worker.terminate();
  }

  #take(value: unknown): void {
    const answer = ParserAnswer.safeParse(value);
    if (answer.success) this.#awaited?.resolve(answer.data);
    else this.#lose("its answer could not be read");
  }

  #lose(reason: string): void {
    this.#lost ??= new ThreadLost(reason);
    this.#awaited?.reject(this.#lost);
  }
}

function reasonOfEnd(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "ERR_WORKER_OUT_OF_MEMORY") return "it takes more memory than a mail may";
  return error instanceof Error ? error.message : String(error);
}
