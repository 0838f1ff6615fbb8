import { reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import type { Store } from "#store/db/database.ts";
import type { Embedder } from "./embedder.ts";
import { type PassageRow, saveEmbeddings } from "./passage-rows.ts";

/** A question waits behind at most one batch of passages, which is half a second. */
const BATCH = 8;
/** How long a search waits for the meaning of its question before it goes by words alone. */
const PATIENCE_MS = 5_000;
/** After a first start the passages have to be embedded before anything can be compared with them. */
const FIRST_PATIENCE_MS = 3_000;

/** The embeddings of the passages, kept complete, and those of questions. */
export interface Meaning {
  /** Other passages from now on. What was embedded already stays so. */
  renew(rows: readonly PassageRow[]): void;
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
  renew: () => undefined,
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
  const { store, log, embedder } = options;
  const state = { rows: options.rows };
  const vectors = new Map<string, Float32Array>();
  for (const { id, embedding } of state.rows) if (embedding !== null) vectors.set(id, embedding);
  let underway: Promise<void> | null = null;

  const missing = (): readonly PassageRow[] => state.rows.filter(({ id }) => !vectors.has(id));

  /** The passages may become others while it is at it, so each batch asks anew what is missing. */
  async function embedMissing(): Promise<void> {
    for (let batch = missing(); batch.length > 0; batch = missing()) {
      const some = batch.slice(0, BATCH);
      const computed = await embedder.embed(some.map(embeddedText));
      const made = some.flatMap((row, index): (readonly [PassageRow, Float32Array])[] => {
        const vector = computed[index];
        return vector === undefined ? [] : [[row, vector]];
      });
      if (made.length < some.length) throw new Error("an embedding is missing in the answer");
      await saveEmbeddings(store, made);
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
        const vector = row.embedding ?? mine;
        if (vector !== undefined) vectors.set(row.id, vector);
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

function isSame(one: PassageRow | undefined, other: PassageRow): boolean {
  return one !== undefined && embeddedText(one) === embeddedText(other);
}

/** What the vector of a passage stands for. Marks of Markdown mean nothing to it. */
function embeddedText({ title, heading, body }: PassageRow): string {
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
