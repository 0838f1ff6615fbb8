/** Computes embeddings on a worker thread, and the messages between the two. */

import { Worker } from "node:worker_threads";
import type { Log } from "#core/contracts/ports.ts";
import { reasonOf } from "#core/values/errors.ts";
import { z } from "zod";

/** Turns texts into vectors of length 1 whose dot product is the similarity of two texts. */
export interface Embedder {
  /** What computes them, model included: vectors of different names cannot be compared. */
  readonly name: string;
  /** Passages for one call: a question waits for at most one such call. */
  readonly textsAtOnce: number;
  /** One vector for each text; texts must not be empty. Rejects when it cannot be computed now. */
  embed(texts: readonly string[]): Promise<readonly Float32Array[]>;
  /** Rejects all open and later requests. */
  close(): Promise<void>;
}

/** The thread takes half a second for these. */
const TEXTS_AT_ONCE = 8;

interface WorkerEmbedderOptions {
  readonly log: Log;
  /** The program of the thread. */
  readonly script: URL;
  /** A thread that takes longer for one answer counts as stuck and is ended. */
  readonly answerMs: number;
  /** A thread idle for this long is ended: it uses more than 100 MB. */
  readonly idleMs: number;
  /** After a loss no new thread is started for this long. */
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
 * The thread is *absent* until the first question, then *running*; questions are answered in order. It is ended and
 * absent again after an idle time, and when it is lost: it crashed, got stuck or gave an invalid answer. Then every
 * open question is rejected, and new ones too for `restartMs`.
 */
export function workerEmbedder(
  given: Pick<WorkerEmbedderOptions, "log"> & Partial<WorkerEmbedderOptions>,
): Embedder {
  const options: WorkerEmbedderOptions = { ...DEFAULTS, ...given };
  const waiting = new Map<number, Waiting>();
  let thread: WorkerThread | null = null;
  let idle: NodeJS.Timeout | undefined;
  let restUntil = 0;
  let asked = 0;
  let closed = false;

  function answered({ id, vectors }: EmbeddingAnswer): void {
    take(id)?.resolve(vectors);
    if (waiting.size > 0) return;
    // An idle thread must not keep the process alive or occupy memory forever.
    thread?.holdProcess(false);
    idle = setTimeout(() => void end(), options.idleMs).unref();
  }

  function lost(cause: unknown): void {
    restUntil = performance.now() + options.restartMs;
    options.log.warn("the thread for embeddings was lost", { reason: reasonOf(cause) });
    void end();
    rejectAll("the thread for embeddings was lost");
  }

  async function end(): Promise<void> {
    clearTimeout(idle);
    const ended = thread;
    thread = null;
    await ended?.end();
  }

  function take(id: number): Waiting | undefined {
    const one = waiting.get(id);
    waiting.delete(id);
    clearTimeout(one?.timer);
    return one;
  }

  function rejectAll(reason: string): void {
    for (const id of waiting.keys()) take(id)?.reject(new Error(reason));
  }

  return {
    name: "builtin",
    textsAtOnce: TEXTS_AT_ONCE,
    async embed(texts) {
      if (closed) throw new Error("the embedder is closed");
      if (performance.now() < restUntil)
        throw new Error("the thread for embeddings was lost a moment ago");
      clearTimeout(idle);
      thread ??= startWorkerThread(options.script, { answered, lost });
      thread.holdProcess(true);
      asked += 1;
      const { promise, resolve, reject } = Promise.withResolvers<readonly Float32Array[]>();
      const timer = setTimeout(() => lost(new Error("it does not answer")), options.answerMs);
      waiting.set(asked, { resolve, reject, timer });
      thread.ask({ id: asked, texts: [...texts] });
      return promise;
    },
    async close() {
      closed = true;
      rejectAll("the embedder is closed");
      await end();
    },
  };
}

// Starts and watches a worker thread.

/** One running thread. It reports its loss at most once, and never after it was ended. */
type WorkerThread = ReturnType<typeof startWorkerThread>;

/** Starts a program on its own thread. An invalid answer counts as a loss, like its end. */
function startWorkerThread(
  script: URL,
  tell: {
    readonly answered: (answer: EmbeddingAnswer) => void;
    readonly lost: (cause: unknown) => void;
  },
) {
  const worker = new Worker(script);
  let over = false;
  const lost = (cause: unknown): void => {
    if (over) return;
    over = true;
    tell.lost(cause);
  };
  worker.on("message", (value: unknown) => {
    const answer = EmbeddingAnswer.safeParse(value);
    if (!answer.success) lost(new Error("its answer cannot be read"));
    else if (!over) tell.answered(answer.data);
  });
  worker.on("messageerror", lost);
  worker.on("error", lost);
  worker.on("exit", (code) => lost(new Error(`it ended with code ${code}`)));
  return {
    ask: (question: EmbeddingQuestion): void => worker.postMessage(question),
    /** Whether the thread keeps the process alive. */
    holdProcess: (hold: boolean): void => (hold ? worker.ref() : worker.unref()),
    async end(): Promise<void> {
      over = true;
      await worker.terminate();
    },
  };
}

/** A question to the thread that computes embeddings. */
export const EmbeddingQuestion = z.strictObject({
  id: z.int(),
  texts: z.array(z.string().min(1)).max(64),
});
export type EmbeddingQuestion = z.infer<typeof EmbeddingQuestion>;

/** Its answer: one vector of length 1 for each text, in the same order. */
export const EmbeddingAnswer = z.strictObject({
  id: z.int(),
  vectors: z.array(z.instanceof(Float32Array)),
});
export type EmbeddingAnswer = z.infer<typeof EmbeddingAnswer>;
