/** Reads documents on a thread of their own, within bounds of time and memory, and the messages between the two. */
import { Worker } from "node:worker_threads";
import { reasonOf } from "#core/values/errors.ts";
import { PageSigns, type RawDocument, ReadDocument, Sitemap, Unreadable } from "./document.ts";
import { z } from "zod";

/** A handbook of a thousand pages takes some seconds; a document that takes longer was made to. */
const READ_MS_MAX = 30_000;
const MEMORY_MB_MAX = 512;

/**
 * A thread that reads bytes from outside, one after another; one that hangs or grows is ended, and another takes its
 * place. Its methods throw `Unreadable` with a reason for a person, or the signal's reason. None is called before
 * the last one is settled.
 */
export type DocumentReader = ReturnType<typeof documentReader>;

/** The thread starts with the first document. */
export function documentReader(readMsMax: number = READ_MS_MAX) {
  let worker: Worker | null = null;
  const end = async (): Promise<void> => {
    const ended = worker;
    worker = null;
    await ended?.terminate();
  };
  const done = async (
    task: ReadingTask,
    signal: AbortSignal,
    part: RawDocument["part"] = async () => null,
  ): Promise<ReadingResult> => {
    signal.throwIfAborted();
    worker ??= new Worker(new URL("./reading-worker.ts", import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB_MAX },
    });
    try {
      const bounds = AbortSignal.any([signal, AbortSignal.timeout(readMsMax)]);
      return await doneBy(worker, task, part, bounds);
    } catch (error) {
      if (error instanceof Unreadable) throw error;
      await end();
      signal.throwIfAborted();
      throw new Unreadable(
        `it could not be read within ${readMsMax / 1000} s and ${MEMORY_MB_MAX} MB: ${reasonOf(error)}`,
      );
    }
  };
  return {
    async read({ path, bytes, part }: RawDocument, signal: AbortSignal): Promise<ReadDocument> {
      const result = await done(
        { kind: "read", path, bytes: Uint8Array.from(bytes) },
        signal,
        part,
      );
      if (result.kind !== "read") throw new Unreadable(OTHER_ANSWER);
      return result.document;
    },
    /** What a web page says to machines. */
    async signs(html: Uint8Array, signal: AbortSignal): Promise<PageSigns> {
      const result = await done({ kind: "signs", bytes: Uint8Array.from(html) }, signal);
      if (result.kind !== "signs") throw new Unreadable(OTHER_ANSWER);
      return result.signs;
    },
    async sitemap(xml: Uint8Array, signal: AbortSignal): Promise<Sitemap> {
      const result = await done({ kind: "sitemap", bytes: Uint8Array.from(xml) }, signal);
      if (result.kind !== "sitemap") throw new Unreadable(OTHER_ANSWER);
      return result.sitemap;
    },
    close: end,
  };
}

/** Cannot happen while one task is done at a time. */
const OTHER_ANSWER = "the thread answered another question";

async function doneBy(
  worker: Worker,
  task: ReadingTask,
  part: RawDocument["part"],
  signal: AbortSignal,
): Promise<ReadingResult> {
  const { promise, resolve, reject } = Promise.withResolvers<ReadingResult>();
  const say = (question: ReadingQuestion): void => worker.postMessage(question);
  const heard = (value: unknown): void => {
    const answer = ReadingAnswer.safeParse(value);
    if (!answer.success) return reject(new Error("the thread's answer cannot be read"));
    const { data } = answer;
    if (data.kind === "unreadable") return reject(new Unreadable(data.reason));
    if (data.kind !== "part") return resolve(data);
    const told = (text: string | null): void => say({ kind: "part", id: data.id, text });
    return void part(data.path).then(told, () => told(null));
  };
  const late = (): void => reject(new Error("the time is over"));
  const ended = (): void => reject(new Error("the thread ended"));
  worker.on("message", heard);
  worker.on("error", reject);
  worker.on("exit", ended);
  signal.addEventListener("abort", late, { once: true });
  try {
    say(task);
    return await promise;
  } finally {
    signal.removeEventListener("abort", late);
    worker.off("message", heard);
    worker.off("error", reject);
    worker.off("exit", ended);
  }
}

const bytes = z.instanceof(Uint8Array);

/** Bytes for the thread, and what to read in them; a document's parts are asked for one by one. */
export const ReadingQuestion = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("read"), path: z.string(), bytes }),
  z.strictObject({ kind: z.literal("signs"), bytes }),
  z.strictObject({ kind: z.literal("sitemap"), bytes }),
  z.strictObject({ kind: z.literal("part"), id: z.int(), text: z.string().nullable() }),
]);
export type ReadingQuestion = z.infer<typeof ReadingQuestion>;

/** What a question other than about a part is. */
export type ReadingTask = Exclude<ReadingQuestion, { kind: "part" }>;

/** What the thread says: it needs a part, or it is done. */
export const ReadingAnswer = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("part"), id: z.int(), path: z.string() }),
  z.strictObject({ kind: z.literal("read"), document: ReadDocument }),
  z.strictObject({ kind: z.literal("signs"), signs: PageSigns }),
  z.strictObject({ kind: z.literal("sitemap"), sitemap: Sitemap }),
  z.strictObject({ kind: z.literal("unreadable"), reason: z.string() }),
]);
export type ReadingAnswer = z.infer<typeof ReadingAnswer>;
/** What came of a task that was done. */
export type ReadingResult = Exclude<ReadingAnswer, { kind: "part" | "unreadable" }>;
