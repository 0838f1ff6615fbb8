/** Embeddings of passages and questions, computed when possible. */
import { reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import type { Store } from "#store/db/database.ts";
import type { Embedder } from "./embedder.ts";
import { type StoredPassage, saveEmbeddings } from "./passage-rows.ts";
import { type VectorTable, vectorTable } from "./vector-table.ts";

/** How long a search waits for the embedding of its question before it uses words alone. */
const PATIENCE_MS = 5_000;
/** How long it waits for the embeddings of the passages, which a first start has to compute. */
const FIRST_PATIENCE_MS = 3_000;

/** Passages in the order of their numbers, with the embeddings that are known. */
interface Embeddable {
  readonly rows: readonly StoredPassage[];
  readonly vectors: VectorTable;
}

/** The embeddings of the passages, kept complete, and those of questions. */
export interface Embeddings {
  /** Replaces the passages and what is stored of their embeddings; computed ones of unchanged passages are kept. */
  renew(passages: Embeddable): void;
  /** Embeds passages without an embedding. Rejects when that is not possible now; the next call tries again. */
  complete(): Promise<void>;
  /** Null when not available in time: a search by words alone is better than none. Throws the signal's reason. */
  of(question: string, signal: AbortSignal): Promise<Float32Array | null>;
  /** By the numbers of the passages given last; all of them once `complete` has resolved. */
  readonly vectors: VectorTable;
  /** Ends the embedder and waits for pending writes. */
  close(): Promise<void>;
}

/** For installations that search by words alone. */
export const WITHOUT_MEANING: Embeddings = {
  renew: () => undefined,
  complete: async () => undefined,
  of: async () => null,
  vectors: vectorTable(),
  close: async () => undefined,
};

/** Meaning is optional: any failure here is logged, and searches continue without it. */
export function createEmbeddings(options: {
  readonly store: Store;
  readonly log: Log;
  readonly embedder: Embedder;
  readonly passages: Embeddable;
}): Embeddings {
  const { store, log, embedder } = options;
  let { rows, vectors } = options.passages;
  let underway: Promise<void> | null = null;

  const missing = (): readonly StoredPassage[] => rows.filter((_, number) => !vectors.has(number));

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
      place(new Map(made), rows, vectors);
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
    get vectors() {
      return vectors;
    },
    renew(passages) {
      carryOver({ rows, vectors }, passages);
      ({ rows, vectors } = passages);
    },
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

/** Puts computed vectors to their passages, as far as these are still the same. */
function place(
  made: ReadonlyMap<StoredPassage, Float32Array>,
  rows: readonly StoredPassage[],
  vectors: VectorTable,
): void {
  const byId = new Map([...made.keys()].map((row) => [row.id, row]));
  for (const [number, row] of rows.entries()) {
    const embedded = byId.get(row.id);
    const vector = embedded && isSame(embedded, row) ? made.get(embedded) : undefined;
    if (vector !== undefined && !vectors.set(number, vector))
      throw new Error("the embeddings have different lengths");
  }
}

/** Vectors computed since the passages were loaded. */
function carryOver(before: Embeddable, now: Embeddable): void {
  const known = new Map(
    before.rows.flatMap((row, number) => {
      const vector = before.vectors.at(number);
      return vector === null ? [] : [[row.id, { row, vector }] as const];
    }),
  );
  for (const [number, row] of now.rows.entries()) {
    const mine = now.vectors.has(number) ? undefined : known.get(row.id);
    if (mine !== undefined && isSame(mine.row, row)) now.vectors.set(number, mine.vector);
  }
}

function isSame(one: StoredPassage, other: StoredPassage): boolean {
  return embeddedText(one) === embeddedText(other);
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
