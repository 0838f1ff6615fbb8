/** Groups texts that ask or say the same, by their vectors where there are some, else by their stems. */
import { folded } from "#text/normalize.ts";
import { z } from "zod";
import { rowsOf, type Store } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { storable, storableJson } from "#store/db/storable-text.ts";

/** By what a question, or what a teammate said, is compared with others. */
export interface Likeness {
  /** The stems of its words, without filler words. */
  readonly stems: readonly string[];
  /** Of length 1; null where none was computed. */
  readonly vector: Float32Array | null;
}

/** Computes a vector of length 1 for each text; null for one where that is not possible now. */
export type QuestionVectors = (
  texts: readonly string[],
) => Promise<readonly (Float32Array | null)[]>;

/**
 * The same items, each with the stems of its words as the word index makes them, and the first `max` with a vector where
 * some are computed: a lead waits for the list.
 */
export async function withLikeness<Item extends object>(
  store: Store,
  items: readonly Item[],
  wordsOf: (item: Item) => string,
  { vectors: compute, max }: { readonly vectors?: QuestionVectors; readonly max: number },
): Promise<readonly (Item & Likeness)[]> {
  if (items.length === 0) return [];
  const texts = items.map(wordsOf);
  const stems = await stemsByPlace(store, texts);
  const vectors = (await compute?.(texts.slice(0, max))) ?? null;
  return items.map((item, place) => ({
    ...item,
    stems: stems.get(place) ?? [],
    vector: vectors?.[place] ?? null,
  }));
}

const Stemmed = z.object({ place: z.int(), stems: z.array(z.string()) });

async function stemsByPlace(
  store: Store,
  texts: readonly string[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  const asked = storableJson(texts.map((text, place) => ({ place, text: storable(text) })));
  const rows = await rowsOf(
    store,
    Stemmed,
    sql`select place, tsvector_to_array(to_tsvector('english', text)) as stems
          from jsonb_to_recordset(${asked}::jsonb) as one(place integer, text text)`,
  );
  return new Map(rows.map((row) => [row.place, row.stems]));
}

const VECTOR_MS = 30_000;
/** Texts whose vectors are kept: a list is looked at again and again, and its texts rarely change. */
const KEPT_MAX = 1_000;

/** Computes vectors one after the other and keeps the latest, so that a page is not slow twice. */
export function vectorsBy(
  vectorOf: (text: string, signal: AbortSignal) => Promise<Float32Array | null>,
): QuestionVectors {
  const kept = new Map<string, Float32Array>();
  return async (texts) => {
    const all: (Float32Array | null)[] = [];
    for (const text of texts) {
      const vector = kept.get(text) ?? (await vectorOf(text, AbortSignal.timeout(VECTOR_MS)));
      if (vector !== null) kept.set(text, vector);
      if (kept.size > KEPT_MAX) kept.delete([...kept.keys()][0] ?? "");
      all.push(vector);
    }
    return all;
  };
}

/** Two questions of one group share this much of what is rare in them: chosen by hand, on questions to the sample shop. */
const STEMS_MIN = 0.42;
/** Questions about one topic with different answers, such as two countries of delivery, stay apart. */
const COSINE_MIN = 0.7;

/** The groups, each with its most typical question first; the largest group first, then in the order given. */
export function groupQuestions<Question extends Likeness>(
  questions: readonly Question[],
): readonly (readonly Question[])[] {
  const weight = stemRarity(questions);
  const groups: Question[][] = [];
  for (const question of questions) {
    const scored = groups.map((group) => ({
      group,
      // The mean keeps a chain of half-alike questions from becoming one group.
      alike: mean(group.map((other) => likeness(question, other, weight))),
    }));
    const [best] = scored.toSorted((one, other) => other.alike - one.alike);
    if (best !== undefined && best.alike >= 1) best.group.push(question);
    else groups.push([question]);
  }
  return groups
    .map((group) => typicalFirst(group, weight))
    .toSorted((one, other) => other.length - one.length);
}

/** 1 and more for questions that belong together. */
function likeness(one: Likeness, other: Likeness, weight: (stem: string) => number): number {
  const byStems = sharedWeight(one.stems, other.stems, weight) / STEMS_MIN;
  if (one.vector === null || other.vector === null) return byStems;
  return Math.max(byStems, product(one.vector, other.vector) / COSINE_MIN);
}

/** The share of the weight of both questions' stems that they have in common, 0 to 1. */
function sharedWeight(
  one: readonly string[],
  other: readonly string[],
  weight: (stem: string) => number,
): number {
  const left = new Set(one);
  const right = new Set(other);
  const all = sum([...new Set([...left, ...right])].map(weight));
  return all === 0 ? 0 : sum([...left].filter((stem) => right.has(stem)).map(weight)) / all;
}

/** A stem of every second question says little about what is asked. */
function stemRarity(questions: readonly Likeness[]): (stem: string) => number {
  const holders = new Map<string, number>();
  for (const { stems } of questions)
    for (const stem of new Set(stems)) holders.set(stem, (holders.get(stem) ?? 0) + 1);
  return (stem) => Math.log(1 + (questions.length + 1) / (holders.get(stem) ?? 1));
}

function typicalFirst<Question extends Likeness>(
  group: readonly Question[],
  weight: (stem: string) => number,
): readonly Question[] {
  const near = new Map(
    group.map((one) => [one, mean(group.map((other) => likeness(one, other, weight)))]),
  );
  return group.toSorted((one, other) => (near.get(other) ?? 0) - (near.get(one) ?? 0));
}

/** True the first time a sentence is seen, whatever its case and signs; `heard` keeps it. */
export function isUnheard(sentence: string, heard: Set<string>): boolean {
  const plain = folded(sentence)
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
  if (plain === "" || heard.has(plain)) return false;
  heard.add(plain);
  return true;
}

function product(left: Float32Array, right: Float32Array): number {
  let total = 0;
  for (let at = 0; at < left.length; at += 1) total += (left[at] ?? 0) * (right[at] ?? 0);
  return total;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function mean(numbers: readonly number[]): number {
  return numbers.length === 0 ? 0 : sum(numbers) / numbers.length;
}
