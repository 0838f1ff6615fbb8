/** Measures the search on questions whose right pages are known. */
import { z } from "zod";
import type { Log } from "#core/contracts/ports.ts";
import type { Store } from "#store/db/database.ts";
import { workerEmbedder } from "#knowledge/embedder.ts";
import { openPages } from "#knowledge/index.ts";
import type { Page } from "#knowledge/pages.ts";

/** Documents with what they are about, and questions with what answers them. */
export const SearchSet = z.object({
  docs: z
    .array(z.object({ id: z.string().optional(), cat: z.string(), text: z.string().min(1) }))
    .min(1)
    .max(100_000),
  queries: z.array(z.object({ q: z.string().min(1), cat: z.string() })).min(1),
});
export type SearchSet = z.infer<typeof SearchSet>;

/** Shares of questions, milliseconds and seconds. */
export interface SearchFigures {
  readonly recall_at_1: number;
  readonly recall_at_3: number;
  readonly mrr_at_10: number;
  readonly ms_per_query_p50: number;
  readonly ms_per_query_p95: number;
  readonly index_seconds: number;
  readonly docs: number;
  readonly queries: number;
}

const PLACES = 10;

/**
 * Each document is a page, each question a search as the bot makes it: right is a passage of the question's own `cat`.
 * The store has to be empty and is filled.
 */
export async function measureSearch(
  { docs, queries }: SearchSet,
  parts: { readonly store: Store; readonly log: Log; readonly meaning: boolean },
  progress: (done: number, all: number) => void,
): Promise<SearchFigures> {
  const { store, log, meaning } = parts;
  const pages = documentPages(docs);
  const began = performance.now();
  const embedder = meaning ? workerEmbedder({ log }) : null;
  const knowledge = await openPages({ store, log, pages, embedder });
  try {
    await knowledge.embedded();
    const indexed = performance.now() - began;
    const places: number[] = [];
    const times: number[] = [];
    for (const [at, { q, cat }] of queries.entries()) {
      const asked = performance.now();
      const found = await knowledge.search(q, PLACES, AbortSignal.timeout(60_000));
      times.push(performance.now() - asked);
      places.push(found.findIndex(({ id }) => docs[documentOf(id)]?.cat === cat) + 1);
      progress(at + 1, queries.length);
    }
    return {
      ...shares(places),
      ...durations(times),
      index_seconds: rounded(indexed / 1_000),
      docs: docs.length,
      queries: queries.length,
    };
  } finally {
    await knowledge.close();
  }
}

/** Each document as a page of its own, named by its place. */
export function documentPages(docs: SearchSet["docs"]): readonly Page[] {
  return docs.map(({ text }, at) => ({
    slug: `document-${at}`,
    title: "",
    url: "",
    updated: "2026-01-01",
    text,
  }));
}

/** `document-12#top` is the thirteenth document. */
function documentOf(id: string): number {
  return Number(/^document-(?<at>\d+)#/.exec(id)?.groups?.["at"] ?? -1);
}

/** Of the place of each question's first right passage, counted from 1; 0 for none. */
function shares(places: readonly number[]) {
  const until = (last: number): number =>
    places.filter((place) => place > 0 && place <= last).length / places.length;
  const reciprocal = places.reduce((sum, place) => sum + (place === 0 ? 0 : 1 / place), 0);
  return {
    recall_at_1: rounded(until(1)),
    recall_at_3: rounded(until(3)),
    mrr_at_10: rounded(reciprocal / places.length),
  };
}

function durations(times: readonly number[]) {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number): number =>
    rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { ms_per_query_p50: at(0.5), ms_per_query_p95: at(0.95) };
}

function rounded(number: number): number {
  return Math.round(number * 1_000) / 1_000;
}
