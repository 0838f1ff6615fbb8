import { reasonOf } from "#core/errors.ts";
import type { Log } from "#core/ports.ts";
import type { Store } from "#store/driver.ts";
import type { Embedder } from "./embedder.ts";
import { type PassageRow, saveEmbeddings } from "./rows.ts";

/** A question waits behind at most one batch of passages, which is half a second. */
const BATCH = 8;
/** How long a search waits for the meaning of its question before it goes by words alone. */
const PATIENCE_MS = 5_000;
/** After a first start the passages have to be embedded before anything can be compared with them. */
const FIRST_PATIENCE_MS = 3_000;

/** The embeddings of the passages, kept complete, and those of questions. */
export interface Meaning {
  /** Embeds what has none yet. Rejects when that is not possible now; the next call tries again. */
  complete(): Promise<void>;
  /** Null when it cannot be had in time: a search by words alone is better than none. Throws the signal's reason. */
  of(question: string, signal: AbortSignal): Promise<Float32Array | null>;
  /** By passage; all of them once `complete` has resolved. */
  readonly vectors: ReadonlyMap<string, Float32Array>;
  /** Ends the embedder and waits for what is being written. */
  close(): Promise<void>;
}

/** For installations that search by words alone. */
export const WITHOUT_MEANING: Meaning = {
  complete: async () => undefined,
  of: async () => null,
  vectors: new Map(),
  close: async () => undefined,
};

/** Meaning is a help, never a condition: whatever fails here is logged, and searches go on without it. */
export function createMeaning(options: {
  readonly store: Store;
  readonly log: Log;
  readonly embedder: Embedder;
  readonly rows: readonly PassageRow[];
}): Meaning {
  const { store, log, embedder, rows } = options;
  const vectors = new Map<string, Float32Array>();
  for (const { id, embedding } of rows) if (embedding !== null) vectors.set(id, embedding);
  let underway: Promise<void> | null = null;

  async function embedMissing(): Promise<void> {
    const missing = rows.filter(({ id }) => !vectors.has(id));
    for (let at = 0; at < missing.length; at += BATCH) {
      const batch = missing.slice(at, at + BATCH);
      const computed = await embedder.embed(batch.map(textOf));
      const made = batch.flatMap(({ id }, index): (readonly [string, Float32Array])[] => {
        const vector = computed[index];
        return vector === undefined ? [] : [[id, vector]];
      });
      await saveEmbeddings(store, made);
      for (const [id, vector] of made) vectors.set(id, vector);
    }
  }

  function complete(): Promise<void> {
    underway ??= embedMissing().catch((error: unknown) => {
      underway = null;
      throw error;
    });
    return underway;
  }

  return {
    vectors,
    complete,
    async of(question, signal) {
      if (rows.length === 0) return null;
      try {
        await inTime(complete(), FIRST_PATIENCE_MS, signal);
        const [vector = null] = await inTime(embedder.embed([question]), PATIENCE_MS, signal);
        return vector;
      } catch (error) {
        signal.throwIfAborted();
        log.warn("help pages are searched by words alone", { reason: reasonOf(error) });
        return null;
      }
    },
    async close() {
      await embedder.close();
      await Promise.allSettled([underway]);
    },
  };
}

/** What the vector of a passage stands for. Marks of Markdown mean nothing to it. */
function textOf({ title, heading, body }: PassageRow): string {
  const plain = body.replaceAll(/^\s*(?:[-*]|\d+\.)\s+/gm, "").replaceAll(/\s+/g, " ");
  return [title, heading, plain].filter((part) => part !== "").join(". ");
}

/** Stops waiting, not the work itself, after a time or when the signal says so. */
async function inTime<T>(work: Promise<T>, timeMs: number, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const stop = (): void => reject(new Error("the turn was stopped"));
  const timer = setTimeout(() => reject(new Error(`no answer within ${timeMs} ms`)), timeMs);
  signal.addEventListener("abort", stop, { once: true });
  work.then(resolve, reject);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
