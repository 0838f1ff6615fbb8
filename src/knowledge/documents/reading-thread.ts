/** Reads documents on a thread of their own, within bounds of time and memory. */
import { Worker } from "node:worker_threads";
import { reasonOf } from "#core/values/errors.ts";
import { type RawDocument, type ReadDocument, Unreadable } from "./document.ts";
import { ReadingAnswer, type ReadingQuestion } from "./reading-messages.ts";

/** A handbook of a thousand pages takes some seconds; a document that takes longer was made to. */
const READ_MS_MAX = 30_000;
const MEMORY_MB_MAX = 512;

/** A thread that reads one document after another; one that hangs or grows is ended, and another takes its place. */
export interface DocumentReader {
  /** Throws `Unreadable` with a reason for a person, or the signal's reason. Never called again before it is settled. */
  read(raw: RawDocument, signal: AbortSignal): Promise<ReadDocument>;
  close(): Promise<void>;
}

/** The thread starts with the first document. */
export function documentReader(readMsMax: number = READ_MS_MAX): DocumentReader {
  let worker: Worker | null = null;
  const end = async (): Promise<void> => {
    const ended = worker;
    worker = null;
    await ended?.terminate();
  };
  return {
    async read(raw, signal) {
      signal.throwIfAborted();
      worker ??= new Worker(new URL("./reading-worker.ts", import.meta.url), {
        resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB_MAX },
      });
      try {
        return await readBy(worker, raw, AbortSignal.any([signal, AbortSignal.timeout(readMsMax)]));
      } catch (error) {
        if (error instanceof Unreadable) throw error;
        await end();
        signal.throwIfAborted();
        throw new Unreadable(
          `it could not be read within ${readMsMax / 1000} s and ${MEMORY_MB_MAX} MB: ${reasonOf(error)}`,
        );
      }
    },
    close: end,
  };
}

async function readBy(
  worker: Worker,
  raw: RawDocument,
  signal: AbortSignal,
): Promise<ReadDocument> {
  const { promise, resolve, reject } = Promise.withResolvers<ReadDocument>();
  const say = (question: ReadingQuestion): void => worker.postMessage(question);
  const heard = (value: unknown): void => {
    const answer = ReadingAnswer.safeParse(value);
    if (!answer.success) return reject(new Error("the thread's answer cannot be read"));
    const { data } = answer;
    if (data.kind === "read") return resolve(data.document);
    if (data.kind === "unreadable") return reject(new Unreadable(data.reason));
    const told = (text: string | null): void => say({ kind: "part", id: data.id, text });
    return void raw.part(data.path).then(told, () => told(null));
  };
  const late = (): void => reject(new Error("the time is over"));
  const ended = (): void => reject(new Error("the thread ended"));
  worker.on("message", heard);
  worker.on("error", reject);
  worker.on("exit", ended);
  signal.addEventListener("abort", late, { once: true });
  try {
    say({ kind: "read", path: raw.path, bytes: Uint8Array.from(raw.bytes) });
    return await promise;
  } finally {
    signal.removeEventListener("abort", late);
    worker.off("message", heard);
    worker.off("error", reject);
    worker.off("exit", ended);
  }
}
