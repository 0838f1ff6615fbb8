/**
 * A few threads that read mails, started when the first mail comes and ended when none comes any more. A mail that
 * takes too long or too much memory costs its thread, which is replaced for the next one.
 */

import type { MailSource } from "#email/mime/raw-mail.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { ParserAnswer, ParserTask } from "./worker-messages.ts";
import { ParserThread, ThreadLost } from "./worker-handle.ts";

/** Times in milliseconds. */
export interface PoolLimits {
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

/** Works on mails on threads. */
export interface ParserPool {
  /**
   * Never throws because of what is in the mail, which is `failed` then. Throws what `source` throws, the reason of
   * `signal`, and `channel.unavailable` when no thread can be started.
   */
  run(
    task: ParserTask,
    source: MailSource,
    options: { readonly signal?: AbortSignal },
  ): Promise<ParserResult>;
}

const PIECE_BYTES = 256 * 1024;

/** `script` is what the threads run. */
export function parserPool(script: URL, limits: PoolLimits): ParserPool {
  const pool = new Pool(script, limits);
  return {
    run: async (task, source, { signal }) => {
      signal?.throwIfAborted();
      const thread = await pool.take();
      try {
        return await workOn(thread, source, { task, signal, mailMs: limits.mailMs });
      } catch (error) {
        if (error instanceof ThreadLost) return { kind: "failed", reason: error.message };
        throw error;
      } finally {
        pool.giveBack(thread);
      }
    },
  };
}

class Pool {
  readonly #script: URL;
  readonly #limits: PoolLimits;
  readonly #free: ParserThread[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #idleTimers = new Map<ParserThread, NodeJS.Timeout>();
  #busy = 0;

  constructor(script: URL, limits: PoolLimits) {
    this.#script = script;
    this.#limits = limits;
  }

  /** A thread that is ready, for the caller alone. */
  async take(): Promise<ParserThread> {
    if (this.#busy >= this.#limits.threadsMax) {
      const turn = Promise.withResolvers<void>();
      this.#waiting.push(turn.resolve);
      // The job that finishes passes its thread slot on, so `#busy` does not change.
      await turn.promise;
    } else this.#busy += 1;
    try {
      return this.#oneThatWaits() ?? (await this.#start());
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  giveBack(thread: ParserThread): void {
    if (!thread.isLost) {
      thread.holdProcess(false);
      this.#free.push(thread);
      const timer = setTimeout(() => this.#endIdle(thread), this.#limits.idleMs);
      this.#idleTimers.set(thread, timer.unref());
    }
    this.#leave();
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#busy -= 1;
    else next();
  }

  #oneThatWaits(): ParserThread | null {
    for (let thread = this.#free.pop(); thread !== undefined; thread = this.#free.pop()) {
      clearTimeout(this.#idleTimers.get(thread));
      this.#idleTimers.delete(thread);
      if (thread.isLost) continue;
      thread.holdProcess(true);
      return thread;
    }
    return null;
  }

  #endIdle(thread: ParserThread): void {
    this.#idleTimers.delete(thread);
    const at = this.#free.indexOf(thread);
    if (at !== -1) this.#free.splice(at, 1);
    void thread.end();
  }

  async #start(): Promise<ParserThread> {
    const thread = new ParserThread(this.#script, this.#limits.heapMb);
    try {
      await thread.answer(this.#limits.startMs);
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
    thread.give(piece);
    const answer = await timed();
    if (answer.kind === "failed") return answer;
  }
  thread.give("end");
  const answer = await timed();
  return answer.kind === "ready" || answer.kind === "more"
    ? { kind: "failed", reason: "the parser lost its place" }
    : answer;
}

/** Copies of a size that is moved to a thread at once: the mail itself stays whole for its other readers. */
async function* piecesOf(source: MailSource): AsyncGenerator<Uint8Array> {
  const chunks = source instanceof Uint8Array ? [source] : source;
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length; at += PIECE_BYTES)
      yield new Uint8Array(chunk.subarray(at, at + PIECE_BYTES));
}
