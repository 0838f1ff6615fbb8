/** Embeddings of passages and questions, computed when possible. */
import { reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import type { Store } from "#store/db/database.ts";
import type { Embedder } from "./embedder.ts";
import { type StoredPassage, saveEmbeddings } from "./passage-rows.ts";

/** How long a search waits for the embedding of its question before it uses words alone. */
const PATIENCE_MS = 5_000;
/** How long it waits for the embeddings of the passages, which a first start has to compute. */
const FIRST_PATIENCE_MS = 3_000;

/** The embeddings of the passages, kept complete, and those of questions. */
export interface Embeddings {
  /** Replaces the passages. Embeddings of unchanged passages are kept. */
  renew(rows: readonly StoredPassage[]): void;
  /** Embeds passages without an embedding. Rejects when that is not possible now; the next call tries again. */
  complete(): Promise<void>;
  /** Null when not available in time: a search by words alone is better than none. Throws the signal's reason. */
  of(question: string, signal: AbortSignal): Promise<Float32Array | null>;
  /** By passage; all of them once `complete` has resolved. */
  readonly vectors: ReadonlyMap<string, Float32Array>;
  /** Ends the embedder and waits for pending writes. */
  close(): Promise<void>;
}

/** For installations that search by words alone. */
export const WITHOUT_MEANING: Embeddings = {
  renew: () => undefined,
  complete: async () => undefined,
  of: async () => null,
  vectors: new Map(),
  close: async () => undefined,
};

/** Meaning is optional: any failure here is logged, and searches continue without it. */
export function createEmbeddings(options: {
  readonly store: Store;
  readonly log: Log;
  readonly embedder: Embedder;
  readonly rows: readonly StoredPassage[];
}): Embeddings {
  const { store, log, embedder } = options;
  const state = { rows: options.rows };
  const vectors = new Map<string, Float32Array>();
  const take = (row: StoredPassage, vector: Float32Array | null | undefined): void =>
    void (vector && vectors.set(row.id, vector));
  for (const row of state.rows) take(row, storedBy(embedder, row));
  let underway: Promise<void> | null = null;

  const missing = (): readonly StoredPassage[] => state.rows.filter(({ id }) => !vectors.has(id));

  /** The passages may be replaced while this runs, so each batch checks again what is missing. */
  async function embedMissing(): Promise<void> {
    for (let batch = missing(); batch.length > 0; batch = missing()) {
      const some = batch.slice(0, embedder.textsAtOnce);
      const computed = await embedder.embed(some.map(embeddedText));
      const made = some.flatMap((row, index): (readonly [StoredPassage, Float32Array])[] => {
        const vector = computed[index];
        return vector === undefined ? [] : [[row, vector]];
      });
      if (made.length < some.length) throw new Error("an embedding is missing in the answer");
      await saveEmbeddings(store, embedder.name, made);
      const now = new Map(state.rows.map((row) => [row.id, row]));
      for (const [row, vector] of made)
        if (isSame(now.get(row.id), row)) vectors.set(row.id, vector);
    }
  }

  async function complete(): Promise<void> {
    if (missing().length === 0) return;
    underway ??= embedMissing().finally(() => {
      underway = null;
    });
    await underway;
  }

  return {
    vectors,
    renew(rows) {
      const before = new Map(state.rows.map((row) => [row.id, row]));
      const known = new Map(vectors);
      vectors.clear();
      for (const row of rows) {
        const mine = isSame(before.get(row.id), row) ? known.get(row.id) : undefined;
        take(row, storedBy(embedder, row) ?? mine);
      }
      state.rows = rows;
    },
    complete,
    async of(question, signal) {
      if (state.rows.length === 0) return null;
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

/** A passage's embedding as it is stored. Another model's cannot be compared: until it is replaced, words alone find it. */
function storedBy(
  { name }: Embedder,
  { embedding, embeddingModel }: StoredPassage,
): Float32Array | null {
  return embeddingModel === name ? embedding : null;
}

function isSame(one: StoredPassage | undefined, other: StoredPassage): boolean {
  return one !== undefined && embeddedText(one) === embeddedText(other);
}

/** The text of a passage that is embedded, without Markdown marks, which mean nothing to the model. */
function embeddedText({ title, heading, body }: StoredPassage): string {
  const plain = body.replaceAll(/^\s*(?:[-*]|\d+\.)\s+/gm, "").replaceAll(/\s+/g, " ");
  return [title, heading, plain].filter((part) => part !== "").join(". ");
}

/** Stops waiting after a time or on the signal's abort; the work itself goes on. */
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
