/** Opens a thread with a world and plays cases in it. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { DeskhandError } from "#core/values/errors.ts";
import type { Stage } from "#evals/runner.ts";
import { recordOf } from "#evals/runs/record.ts";
import { Answer, type Asked, type Beginning } from "./messages.ts";

/** A stage with the name of its model, until it is closed. */
export type OpenStage = Stage & { readonly modelName: string; close(): Promise<void> };

/**
 * Starts a thread and waits until its world is open. Throws `config.invalid` with the reason where the configuration
 * allows no world. A thread that ends makes every play that it was asked for a record with that error.
 */
export async function openThread(beginning: Beginning): Promise<OpenStage> {
  const worker = new Worker(new URL("./thread.ts", import.meta.url), { workerData: beginning });
  const ask = (asked: Asked): void => worker.postMessage(asked);
  const ended = endOf(worker);
  const opened = await nextAnswer(worker);
  if (opened.kind !== "open") {
    await worker.terminate();
    const reason =
      opened.kind === "not_open" ? opened.reason : "the thread of a world is out of step";
    throw opened.kind === "not_open" && opened.told
      ? new DeskhandError("config.invalid", reason)
      : new Error(reason);
  }
  return {
    modelName: opened.modelName,
    async play({ evalCase, repetition }) {
      const over = ended();
      if (over !== null) return recordOf(evalCase, repetition, { error: over });
      const coming = nextAnswer(worker);
      ask({ kind: "play", case: evalCase.id, repetition });
      const answer = await coming;
      if (answer.kind === "played") return answer.record;
      const error =
        answer.kind === "not_open" ? answer.reason : "the thread of a world is out of step";
      return recordOf(evalCase, repetition, { error });
    },
    async close() {
      if (ended() !== null) return;
      const exit = once(worker, "exit");
      ask({ kind: "close" });
      await exit;
    },
  };
}

/** Why this thread has ended, also between two plays; null while it has not. */
function endOf(worker: Worker): () => string | null {
  let reason: string | null = null;
  worker.on("error", (error) => (reason = `the thread of a world ended: ${String(error)}`));
  worker.on("exit", (code) => (reason ??= `the thread of a world ended with code ${code}`));
  return () => reason;
}

/** The next message of this thread; its end counts as one. */
function nextAnswer(worker: Worker): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const ended = (reason: string): void => resolve({ kind: "not_open", told: false, reason });
  const onMessage = (message: unknown): void => resolve(Answer.parse(message));
  const onError = (error: unknown): void => ended(`the thread of a world ended: ${String(error)}`);
  const onExit = (code: number): void => ended(`the thread of a world ended with code ${code}`);
  worker.once("message", onMessage).once("error", onError).once("exit", onExit);
  return promise.finally(() => {
    worker.off("message", onMessage).off("error", onError).off("exit", onExit);
  });
}
