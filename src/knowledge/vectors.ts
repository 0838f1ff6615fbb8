/** Embeddings of passages and questions, computed when possible, side by side in memory. */
import { answerWithin, unlessAborted } from "#core/values/deadline.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import type { Store } from "#store/db/database.ts";
import type { Embedder } from "./embedder.ts";
import { type StoredPassage, saveEmbeddings } from "./passage-rows.ts";

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
export type Embeddings = ReturnType<typeof createEmbeddings>;

/** Meaning is optional: any failure here is logged, and searches continue without it. */
export function createEmbeddings(options: {
  readonly store: Store;
  readonly log: Log;
  /** Null searches by words alone. */
  readonly embedder: Embedder | null;
  readonly passages: Embeddable;
}) {
  const { store, log, embedder } = options;
  let { rows, vectors } = options.passages;
  let underway: Promise<void> | null = null;

  const passages = passageEmbedder(log);
  const missing = (): readonly StoredPassage[] =>
    rows.filter((row, number) => !vectors.has(number) && !passages.refuses(row));

  /** The passages may be replaced while this runs, so each batch checks again what is missing. */
  async function embedMissing(by: Embedder): Promise<void> {
    for (let batch = missing(); batch.length > 0; batch = missing()) {
      const made = await passages.embed(by, batch.slice(0, by.textsAtOnce));
      await saveEmbeddings(store, by.name, made);
      if (!place(made, { rows, vectors })) throw new Error("the embeddings have different lengths");
    }
  }

  /** Embeds passages without an embedding. Rejects when that is not possible now; the next call tries again. */
  async function complete(): Promise<void> {
    if (embedder === null || missing().length === 0) return;
    underway ??= embedMissing(embedder).finally(() => {
      underway = null;
    });
    await underway;
  }

  return {
    /** By the numbers of the passages given last; all of them once `complete` has resolved. */
    get vectors() {
      return vectors;
    },
    /** Replaces the passages and what is stored of their embeddings; computed ones of unchanged passages are kept. */
    renew(given: Embeddable): void {
      place(embeddedIn({ rows, vectors }), given);
      ({ rows, vectors } = given);
    },
    complete,
    /** Null when not available in time: a search by words alone is better than none. Throws the signal's reason. */
    async of(question: string, signal: AbortSignal): Promise<Float32Array | null> {
      if (embedder === null || rows.length === 0) return null;
      try {
        // Those under way are worth waiting for; where others cannot be had, the rest is found by meaning all the same.
        const ready = complete().then(() => null, reasonOf);
        const trouble = await unlessAborted(answerWithin(FIRST_PATIENCE_MS, ready), signal);
        const answer = answerWithin(PATIENCE_MS, embedder.embed([question]));
        const [vector = null] = await unlessAborted(answer, signal);
        if (trouble !== null)
          log.warn("some help pages are searched by words alone", { reason: trouble });
        return vector;
      } catch (error) {
        signal.throwIfAborted();
        log.warn("help pages are searched by words alone", { reason: reasonOf(error) });
        return null;
      }
    },
    /** Ends the embedder and waits for pending writes. */
    async close(): Promise<void> {
      await embedder?.close();
      await Promise.allSettled([underway]);
    },
  };
}

type EmbeddedPassage = readonly [row: StoredPassage, embedding: Float32Array];

/** A text that any embedder takes. */
const PROBE = "a";

/** Embeds passages, and leaves out a text that cannot be embedded until it changes: others wait for none of them. */
function passageEmbedder(log: Log) {
  /** By the names of their passages. */
  const refused = new Map<string, string>();

  async function embedAll(
    by: Embedder,
    some: readonly StoredPassage[],
  ): Promise<readonly EmbeddedPassage[]> {
    const computed = await by.embed(some.map(embeddedText));
    const made = some.flatMap((row, index): readonly EmbeddedPassage[] => {
      const vector = computed[index];
      return vector === undefined ? [] : [[row, vector]];
    });
    if (made.length < some.length) throw new Error("an embedding is missing in the answer");
    return made;
  }

  async function embedEach(
    by: Embedder,
    some: readonly StoredPassage[],
  ): Promise<readonly EmbeddedPassage[]> {
    // Throws where not the texts are at fault.
    await by.embed([PROBE]);
    const made: EmbeddedPassage[] = [];
    for (const row of some) {
      const one = await embedAll(by, [row]).catch((error: unknown) => {
        if (isAway(error)) throw error;
        refused.set(row.id, embeddedText(row));
        log.info("a passage is not found by meaning", { passage: row.id, reason: reasonOf(error) });
        return [];
      });
      made.push(...one);
    }
    return made;
  }

  return {
    refuses: (row: StoredPassage): boolean =>
      refused.has(row.id) && refused.get(row.id) === embeddedText(row),
    /** Throws where none can be embedded now. */
    embed: (by: Embedder, some: readonly StoredPassage[]): Promise<readonly EmbeddedPassage[]> =>
      embedAll(by, some).catch((error: unknown) => {
        if (isAway(error)) throw error;
        return embedEach(by, some);
      }),
  };
}

function isAway(error: unknown): boolean {
  return error instanceof DeskhandError && error.code === "model.unavailable";
}

/** Puts vectors to the passages that have none and are still the same; false where one is of another length. */
function place(made: Iterable<readonly [StoredPassage, Float32Array]>, to: Embeddable): boolean {
  const known = new Map([...made].map(([row, vector]) => [row.id, { row, vector }]));
  let fit = true;
  for (const [number, row] of to.rows.entries()) {
    const mine = to.vectors.has(number) ? undefined : known.get(row.id);
    if (mine !== undefined && embeddedText(mine.row) === embeddedText(row))
      fit = to.vectors.set(number, mine.vector) && fit;
  }
  return fit;
}

/** The passages that have a vector, each with it. */
function embeddedIn({ rows, vectors }: Embeddable): (readonly [StoredPassage, Float32Array])[] {
  return rows.flatMap((row, number) => {
    const vector = vectors.at(number);
    return vector === null ? [] : [[row, vector] as const];
  });
}

/** Any model takes so many: a passage with a longer "word", such as a picture in letters, may not stop all others. */
const EMBEDDED_CHARACTERS_MAX = 4_000;

/** The text of a passage that is embedded, without Markdown marks, which mean nothing to the model. */
function embeddedText({ title, heading, body }: StoredPassage): string {
  const plain = body.replaceAll(/^\s*(?:[-*]|\d+\.)\s+/gm, "").replaceAll(/\s+/g, " ");
  const text = [title, heading, plain].filter((part) => part !== "").join(". ");
  return text.slice(0, EMBEDDED_CHARACTERS_MAX).toWellFormed();
}

/**
 * The vectors of numbered passages; a passage may have none yet. All have the same length: those of one embedder.
 * An array for each passage took more memory, and was slower to compare.
 */
export type VectorTable = ReturnType<typeof vectorTable>;

/** Passages that share one array: the table grows without being copied, and few of its places stay empty. */
const ROWS = 512;

interface Block {
  readonly values: Float32Array;
  readonly filled: Uint8Array;
}

/** An empty table. */
export function vectorTable() {
  const blocks: (Block | undefined)[] = [];
  let width = 0;
  const vectorBlock = (number: number): Block | undefined => blocks[Math.floor(number / ROWS)];
  const has = (number: number): boolean => vectorBlock(number)?.filled[number % ROWS] === 1;
  return {
    has,
    /** Returns false, and keeps nothing, for a vector of another length than those before. */
    set(number: number, vector: Float32Array): boolean {
      if (width === 0) width = vector.length;
      if (vector.length !== width) return false;
      const block = (blocks[Math.floor(number / ROWS)] ??= {
        values: new Float32Array(ROWS * width),
        filled: new Uint8Array(ROWS),
      });
      block.values.set(vector, (number % ROWS) * width);
      block.filled[number % ROWS] = 1;
      return true;
    },
    /** Shares the table's memory; null where there is none. */
    at(number: number): Float32Array | null {
      const place = (number % ROWS) * width;
      return has(number)
        ? (vectorBlock(number)?.values.subarray(place, place + width) ?? null)
        : null;
    },
    /** The nearness of the first so many passages to a vector, 0 to 1: opposite and missing ones count as 0. */
    nearness(vector: Float32Array, count: number): Float64Array {
      const all = new Float64Array(count);
      if (vector.length !== width) return all;
      for (const [place, block] of blocks.entries())
        if (block !== undefined) compare(vector, block.values, all, place * ROWS);
      return all;
    },
  };
}

/** Places without a vector hold zeros, which are near to nothing. */
function compare(vector: Float32Array, rows: Float32Array, all: Float64Array, first: number): void {
  const last = Math.min(all.length, first + ROWS);
  for (let number = first; number < last; number += 1) {
    const near = product(vector, rows, (number - first) * vector.length);
    all[number] = Math.min(1, Math.max(0, near));
  }
}

/** The cosine of a vector of length 1 and the one that begins at this place. */
function product(left: Float32Array, right: Float32Array, from: number = 0): number {
  // Four sums that do not wait for one another; `reduce` took twenty times as long over 10,000 passages.
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let at = 0; at < left.length; at += 4) {
    a += (left[at] ?? 0) * (right[from + at] ?? 0);
    b += (left[at + 1] ?? 0) * (right[from + at + 1] ?? 0);
    c += (left[at + 2] ?? 0) * (right[from + at + 2] ?? 0);
    d += (left[at + 3] ?? 0) * (right[from + at + 3] ?? 0);
  }
  return a + b + c + d;
}
