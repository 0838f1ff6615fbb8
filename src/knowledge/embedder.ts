import { Worker } from "node:worker_threads";
import { reasonOf } from "#core/errors.ts";
import type { Log } from "#core/ports.ts";
import { EmbeddingAnswer, type EmbeddingQuestion } from "./embedding-messages.ts";

/** Turns texts into vectors of length 1 whose product says how alike two texts are. */
export interface Embedder {
  /** One vector for each text, none of which may be empty. Rejects when it cannot be computed now. */
  embed(texts: readonly string[]): Promise<readonly Float32Array[]>;
  /** Rejects what is open, and everything asked later. */
  close(): Promise<void>;
}

interface WorkerEmbedderOptions {
  readonly log: Log;
  /** The program of the thread. */
  readonly script: URL;
  /** A thread that takes longer for one question is taken for stuck and ended. */
  readonly answerMs: number;
  /** A thread nobody asked anything for this long is ended: it holds some 200 MB. */
  readonly idleMs: number;
  /** After a failure no new thread is started for this long. */
  readonly restartMs: number;
}

const DEFAULTS = {
  script: new URL("./embedding-worker.ts", import.meta.url),
  answerMs: 60_000,
  idleMs: 120_000,
  restartMs: 60_000,
};

interface Waiting {
  readonly resolve: (vectors: readonly Float32Array[]) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * A thread that is *absent* until the first question, then *running*; questions are answered in their order. It becomes
 * absent again when it is idle, and when it fails, is stuck or answers nonsense: then every open question is rejected,
 * and for `restartMs` new ones are as well.
 */
export function workerEmbedder(
  given: Pick<WorkerEmbedderOptions, "log"> & Partial<WorkerEmbedderOptions>,
): Embedder {
  const options: WorkerEmbedderOptions = { ...DEFAULTS, ...given };
  const waiting = new Map<number, Waiting>();
  const ending = new Set<Promise<unknown>>();
  let running: Worker | null = null;
  let idle: NodeJS.Timeout | undefined;
  let restAfter = -Infinity;
  let closed = false;
  let asked = 0;

  function start(): Worker {
    const worker = new Worker(options.script);
    worker.on("message", (value: unknown) => settle(worker, value));
    worker.on("messageerror", (error) => lose(worker, error));
    worker.on("error", (error) => lose(worker, error));
    worker.on("exit", (code) => lose(worker, new Error(`the thread ended with code ${code}`)));
    return worker;
  }

  function settle(worker: Worker, value: unknown): void {
    const answer = EmbeddingAnswer.safeParse(value);
    if (!answer.success) return lose(worker, new Error("the thread's answer cannot be read"));
    take(answer.data.id)?.resolve(answer.data.vectors);
    if (waiting.size === 0) rest(worker);
  }

  function take(id: number): Waiting | undefined {
    const one = waiting.get(id);
    waiting.delete(id);
    clearTimeout(one?.timer);
    return one;
  }

  /** An idle thread must not keep the process alive, nor its memory occupied for ever. */
  function rest(worker: Worker): void {
    worker.unref();
    idle = setTimeout(() => {
      if (worker === running) end(worker);
    }, options.idleMs).unref();
  }

  function end(worker: Worker): void {
    if (worker === running) running = null;
    clearTimeout(idle);
    const ended = worker.terminate().finally(() => ending.delete(ended));
    ending.add(ended);
  }

  /** Also called for threads that were ended on purpose, which are not the running one any more. */
  function lose(worker: Worker, cause: unknown): void {
    if (worker !== running) return;
    end(worker);
    restAfter = performance.now() + options.restartMs;
    options.log.warn("the thread for embeddings was lost", { reason: reasonOf(cause) });
    rejectAll("the thread for embeddings was lost");
  }

  function rejectAll(reason: string): void {
    for (const id of [...waiting.keys()]) take(id)?.reject(new Error(reason));
  }

  function ask(texts: readonly string[]) {
    return new Promise<readonly Float32Array[]>((resolve, reject) => {
      const worker = (running ??= start());
      clearTimeout(idle);
      worker.ref();
      asked += 1;
      const id = asked;
      const timer = setTimeout(() => lose(worker, new Error("no answer")), options.answerMs);
      waiting.set(id, { resolve, reject, timer });
      const question: EmbeddingQuestion = { id, texts: [...texts] };
      worker.postMessage(question);
    });
  }

  return {
    async embed(texts) {
      if (closed) throw new Error("the embedder is closed");
      if (performance.now() < restAfter)
        throw new Error("the thread for embeddings failed a moment ago");
      return ask(texts);
    },
    async close() {
      closed = true;
      rejectAll("the embedder is closed");
      if (running !== null) end(running);
      await Promise.all(ending);
    },
  };
}
