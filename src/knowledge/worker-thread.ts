/** Starts and watches a worker thread. */
import { Worker } from "node:worker_threads";
import { EmbeddingAnswer, type EmbeddingQuestion } from "./embedding-messages.ts";

/** One running thread. It reports its loss at most once, and never after it was ended. */
export interface WorkerThread {
  ask(question: EmbeddingQuestion): void;
  /** Whether the thread keeps the process alive. */
  holdProcess(hold: boolean): void;
  end(): Promise<void>;
}

/** Starts a program on its own thread. An invalid answer counts as a loss, like its end. */
export function startWorkerThread(
  script: URL,
  tell: {
    readonly answered: (answer: EmbeddingAnswer) => void;
    readonly lost: (cause: unknown) => void;
  },
): WorkerThread {
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
    ask: (question) => worker.postMessage(question),
    holdProcess: (hold) => (hold ? worker.ref() : worker.unref()),
    async end() {
      over = true;
      await worker.terminate();
    },
  };
}
