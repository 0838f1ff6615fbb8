/** Computes embeddings on a worker thread, and the messages between the two. */

import { WorkerThread } from "#core/connection/worker-thread.ts";
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

const DEFAULTS = {
  /** The program of the thread. */
  script: new URL("./embedding-worker.ts", import.meta.url),
  /** A thread that takes longer for one answer counts as stuck and is ended. */
  answerMs: 60_000,
  /** A thread idle for this long is ended: it uses more than 100 MB. */
  idleMs: 120_000,
  /** After a loss no new thread is started for this long. */
  restartMs: 60_000,
};

/**
 * The thread is *absent* until the first question, then *running*; questions are answered in order. It is ended and
 * absent again after an idle time, and when it is lost: it crashed, got stuck or gave an invalid answer. Then every
 * open question is rejected, and new ones too for `restartMs`.
 */
export function workerEmbedder(given: { readonly log: Log } & Partial<typeof DEFAULTS>): Embedder {
  const options = { ...DEFAULTS, ...given };
  const program = { script: options.script, answers: EmbeddingAnswer, name: "it", memory: {} };
  let thread: WorkerThread<EmbeddingAnswer> | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let open = 0;
  let restUntil = 0;
  let closed = false;

  async function answerTo(texts: readonly string[]): Promise<EmbeddingAnswer["vectors"]> {
    if (closed) throw new Error(CLOSED);
    if (performance.now() < restUntil)
      throw new Error("the thread for embeddings was lost a moment ago");
    if (thread?.wake() !== true) thread = new WorkerThread(program);
    try {
      thread.give({ texts: [...texts] } satisfies EmbeddingQuestion);
      return (await thread.answer(options.answerMs)).vectors;
    } catch (error) {
      if (closed) throw new Error(CLOSED, { cause: error });
      restUntil = performance.now() + options.restartMs;
      options.log.warn("the thread for embeddings was lost", { reason: reasonOf(error) });
      void thread.end();
      throw new Error("the thread for embeddings was lost", { cause: error });
    }
  }

  return {
    name: "builtin",
    textsAtOnce: TEXTS_AT_ONCE,
    async embed(texts) {
      open += 1;
      const answer = last.then(() => answerTo(texts));
      last = answer.catch(() => undefined);
      try {
        return await answer;
      } finally {
        open -= 1;
        // An idle thread must not keep the process alive or occupy memory forever.
        if (open === 0) thread?.rest(options.idleMs);
      }
    },
    async close() {
      closed = true;
      await thread?.end();
    },
  };
}

const CLOSED = "the embedder is closed";

/** A question to the thread that computes embeddings. */
export const EmbeddingQuestion = z.strictObject({
  texts: z.array(z.string().min(1)).max(64),
});
type EmbeddingQuestion = z.infer<typeof EmbeddingQuestion>;

/** Its answer: one vector of length 1 for each text, in the same order. */
const EmbeddingAnswer = z.strictObject({
  vectors: z.array(z.instanceof(Float32Array)),
});
export type EmbeddingAnswer = z.infer<typeof EmbeddingAnswer>;
