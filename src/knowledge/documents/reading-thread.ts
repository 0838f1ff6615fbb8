/** Reads documents on a thread of their own, within bounds of time and memory, and the messages between the two. */
import { WorkerThread } from "#core/connection/worker-thread.ts";
import { unlessAborted, withinMs } from "#core/values/deadline.ts";
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
export function documentReader(
  readMsMax: number = READ_MS_MAX,
  memoryMbMax: number = MEMORY_MB_MAX,
) {
  let thread: WorkerThread<ReadingAnswer> | null = null;
  const end = async (): Promise<void> => {
    const ended = thread;
    thread = null;
    await ended?.end();
  };
  const done = async (
    task: ReadingTask,
    signal: AbortSignal,
    part: RawDocument["part"] = async () => null,
    isAgain = false,
  ): Promise<ReadingResult> => {
    signal.throwIfAborted();
    const began = performance.now();
    thread ??= new WorkerThread(programWithin(memoryMbMax));
    const work = doneBy(thread, task, part);
    try {
      return await withinMs(readMsMax, (bounds) => unlessAborted(work, bounds), signal);
    } catch (error) {
      if (error instanceof Unreadable) throw error;
      await end();
      signal.throwIfAborted();
      // The process may have grown by other work: only what ends two threads is named.
      const hadTime = performance.now() - began < readMsMax;
      if (hadTime && !isAgain) return await done(task, signal, part, true);
      throw new Unreadable(
        `it could not be read within ${readMsMax / 1000} s and ${memoryMbMax} MB: ${reasonOf(error)}`,
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
  thread: WorkerThread<ReadingAnswer>,
  task: ReadingTask,
  part: RawDocument["part"],
): Promise<ReadingResult> {
  for (let question: ReadingQuestion = task; ;) {
    thread.give(question);
    const answer = await thread.answer(READ_MS_MAX);
    if (answer.kind === "unreadable") throw new Unreadable(answer.reason);
    if (answer.kind !== "part") return answer;
    question = { kind: "part", text: await part(answer.path).catch(() => null) };
  }
}

const bytes = z.instanceof(Uint8Array);

/** Bytes for the thread, and what to read in them; a document's parts are asked for one by one. */
export const ReadingQuestion = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("read"), path: z.string(), bytes }),
  z.strictObject({ kind: z.literal("signs"), bytes }),
  z.strictObject({ kind: z.literal("sitemap"), bytes }),
  z.strictObject({ kind: z.literal("part"), text: z.string().nullable() }),
]);
export type ReadingQuestion = z.infer<typeof ReadingQuestion>;

/** What a question other than about a part is. */
export type ReadingTask = Exclude<ReadingQuestion, { kind: "part" }>;

/** What the thread says: it needs a part, or it is done. */
export const ReadingAnswer = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("part"), path: z.string() }),
  z.strictObject({ kind: z.literal("read"), document: ReadDocument }),
  z.strictObject({ kind: z.literal("signs"), signs: PageSigns }),
  z.strictObject({ kind: z.literal("sitemap"), sitemap: Sitemap }),
  z.strictObject({ kind: z.literal("unreadable"), reason: z.string() }),
]);
export type ReadingAnswer = z.infer<typeof ReadingAnswer>;
/** What came of a task that was done. */
export type ReadingResult = Exclude<ReadingAnswer, { kind: "part" | "unreadable" }>;

function programWithin(memoryMbMax: number) {
  return {
    script: new URL("./reading-worker.ts", import.meta.url),
    answers: ReadingAnswer,
    name: "the thread",
    memory: { maxOldGenerationSizeMb: memoryMbMax },
    growthMbMax: memoryMbMax,
  };
}
