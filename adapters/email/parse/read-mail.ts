/**
 * Room: reads what a mail says: its text without quotes and signature, and its attachments. `readMail` is the start.
 * In: the bytes of a mail, whole or as a stream.
 * Out: the new text, quotes and other segments, attachments by name, or why the mail cannot be read.
 * May touch: worker threads with limits of time and memory; no database, no network.
 *
 * The threads are a few, started when the first mail comes and ended when none comes any more. A mail that takes too
 * long or too much memory costs its thread, which is replaced for the next one.
 */

import { bulkhead } from "cockatiel";
import { z } from "zod";
import { ThreadLost, WorkerThread } from "#core/connection/worker-thread.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { Attachment, Segment } from "#core/values/message.ts";
import { type MailSource, piecesOf } from "#email/mime/raw-mail.ts";

/** A mail as a person reads it. */
export const MailContent = z.object({
  subject: z.string(),
  /** Decoded display name of the first From, for showing only. */
  senderName: z.string(),
  date: z.date().nullable(),
  text: z.string(),
  /** The mail it answers, as far as it quotes it; see `mail-content.ts`. */
  answered: z.object({ by: z.string(), above: z.string(), text: z.string() }).nullable(),
  segments: z.array(Segment),
  attachments: z.array(Attachment),
  /** The number of the part each of them is. */
  attachedParts: z.array(z.int()),
  /** Why a person has to read it in the kept raw mail; null when it could be read. */
  unreadable: z.string().nullable(),
});
export type MailContent = z.infer<typeof MailContent>;

/**
 * What the parsing thread says. `ready` once, when it has started; `more` after each piece of a mail it took in; then
 * the mail, or the file that was asked for.
 */
export const ParserAnswer = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("more") }),
  z.object({ kind: z.literal("read"), mail: MailContent }),
  /** Null when the mail has no such part; cut when the part is larger than was asked for. */
  z.object({
    kind: z.literal("file"),
    file: z.instanceof(Uint8Array).nullable(),
    isCut: z.boolean(),
  }),
  z.object({ kind: z.literal("failed"), reason: z.string() }),
]);
export type ParserAnswer = z.infer<typeof ParserAnswer>;

/**
 * What is wanted of the mail that then comes in pieces, up to its "end": what it says, or the bytes of one of its parts.
 * Limits in bytes.
 */
export const ParserTask = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("read"), textBytesMax: z.int() }),
  z.object({ kind: z.literal("file"), part: z.int(), bytesMax: z.int() }),
]);
export type ParserTask = z.infer<typeof ParserTask>;

type ParserThread = WorkerThread<ParserAnswer>;

/** Times in milliseconds. */
interface PoolLimits {
  readonly threadsMax: number;
  /** Of computing for one mail; waiting for its bytes does not count. */
  readonly mailMs: number;
  /** A machine under load is slow to start a thread, which says nothing about a mail. */
  readonly startMs: number;
  /** A thread without work for this long is ended. */
  readonly idleMs: number;
  readonly heapMb: number;
}

/** What the threads answer in the end. */
type ParserResult = Extract<ParserAnswer, { kind: "read" | "file" | "failed" }>;

/**
 * Works on mails on threads that run `script`. Never throws because of what is in a mail, which is `failed` then. Throws
 * what `source` throws, the reason of `signal`, and `channel.unavailable` when no thread can be started.
 */
export type ParserPool = (
  task: ParserTask,
  source: MailSource,
  signal?: AbortSignal,
) => Promise<ParserResult>;

/** Starts no thread yet. */
export function parserPool(script: URL, limits: PoolLimits): ParserPool {
  const free: ParserThread[] = [];
  const places = bulkhead(limits.threadsMax, Number.POSITIVE_INFINITY);
  const ready = async (): Promise<ParserThread> => {
    for (let thread = free.pop(); thread !== undefined; thread = free.pop())
      if (thread.wake()) return thread;
    return startedThread(script, limits);
  };
  return async (task, source, signal) => {
    signal?.throwIfAborted();
    return places.execute(async () => {
      let thread: ParserThread | null = null;
      try {
        thread = await ready();
        return await workOn(thread, source, { task, signal, mailMs: limits.mailMs });
      } catch (error) {
        if (error instanceof ThreadLost) return { kind: "failed", reason: error.message };
        throw error;
      } finally {
        if (thread?.isLost === false) {
          thread.rest(limits.idleMs);
          free.push(thread);
        }
      }
    });
  };
}

async function startedThread(script: URL, { heapMb, startMs }: PoolLimits): Promise<ParserThread> {
  const thread = new WorkerThread({
    script,
    answers: ParserAnswer,
    name: "the parser",
    memory: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: 16 },
    beyond: "it takes more memory than a mail may",
  });
  try {
    await thread.answer(startMs);
    return thread;
  } catch (error) {
    void thread.end();
    throw new DeskhandError(
      "channel.unavailable",
      `the mail parser does not start: ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

async function workOn(
  thread: ParserThread,
  source: MailSource,
  options: {
    readonly task: ParserTask;
    readonly signal: AbortSignal | undefined;
    readonly mailMs: number;
  },
): Promise<ParserResult> {
  let leftMs = options.mailMs;
  const timed = async (): Promise<ParserAnswer> => {
    const before = performance.now();
    const answer = await thread.answer(leftMs);
    leftMs -= performance.now() - before;
    return answer;
  };
  thread.give(options.task);
  for await (const piece of piecesOf(source)) {
    options.signal?.throwIfAborted();
    // A copy, which is moved: the mail itself stays whole for its other readers.
    const copy = new Uint8Array(piece);
    thread.give(copy, [copy.buffer]);
    const answer = await timed();
    if (answer.kind === "failed") return answer;
  }
  thread.give("end");
  const answer = await timed();
  return answer.kind === "ready" || answer.kind === "more"
    ? { kind: "failed", reason: "the parser lost its place" }
    : answer;
}

/** Of the texts of one mail, in bytes as they are sent; people write less, and a log pasted into a mail still fits. */
const TEXT_BYTES_MAX = 4 * 1024 * 1024;

/** Two, so that one bad mail holds up none of the others. They are the process's, like its heap. */
const threads = parserPool(new URL("./worker.ts", import.meta.url), {
  threadsMax: 2,
  mailMs: 5_000,
  startMs: 20_000,
  idleMs: 10_000,
  heapMb: 128,
});

/**
 * Reads a mail, on a thread with limits of time and memory. Only texts are kept, up to a limit; attachments are counted as
 * they pass, so a mail of any size may come as a stream. Whatever is in it, what cannot be read comes back as
 * `unreadable`, for a person. Throws what the source throws, and `channel.unavailable` when no thread can be started.
 */
export async function readMail(source: MailSource, signal?: AbortSignal): Promise<MailContent> {
  const result = await threads({ kind: "read", textBytesMax: TEXT_BYTES_MAX }, source, signal);
  if (result.kind === "read") return result.mail;
  return unreadable(result.kind === "failed" ? result.reason : "the parser lost its place");
}

/** A part of a mail, its transfer encoding undone; or in words why there is none. */
type PartBytes = { readonly bytes: Uint8Array } | { readonly refused: string };

/**
 * The bytes of one part of a mail, by the number `readMail` gave it; the mail passes by, and at most `bytesMax` bytes of
 * the part are held. Throws what the source throws, and `channel.unavailable` when no thread can be started.
 */
export async function readPart(
  source: AsyncIterable<Uint8Array>,
  part: number,
  { bytesMax, signal }: { readonly bytesMax: number; readonly signal: AbortSignal },
): Promise<PartBytes> {
  const result = await threads({ kind: "file", part, bytesMax }, source, signal);
  if (result.kind === "failed") return { refused: `the mail could not be read: ${result.reason}` };
  if (result.kind === "file" && result.isCut)
    return { refused: `it is larger than ${bytesMax} bytes` };
  return result.kind !== "file" || result.file === null
    ? { refused: "the mail has no such part" }
    : { bytes: result.file };
}

function unreadable(reason: string): MailContent {
  return {
    subject: "",
    senderName: "",
    date: null,
    text: "(This mail could not be read.)",
    answered: null,
    segments: [],
    attachments: [],
    attachedParts: [],
    unreadable: reason,
  };
}
