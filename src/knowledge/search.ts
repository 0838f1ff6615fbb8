/** Finds the passages for a question, how likely each of their pages answers it, and what stands around them. */
import { utcDay } from "#core/values/moment.ts";
import { type Asking, firstOfPages, type Passage, passagePage } from "#core/contracts/knowledge.ts";
import type { Clock } from "#core/contracts/ports.ts";
import type { Store } from "#store/db/database.ts";
import { pageDoubts } from "#store/knowledge/page-notes.ts";
import { type PassageRow, stemsByDictionary, type StoredPassage } from "./passage-rows.ts";
import { fuse, type Hit, type Index, indexBuilder, type IndexedPassage } from "./rank.ts";
import { type VectorTable, vectorTable, type Embeddings } from "./vectors.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** Real questions are much shorter; more characters only cost time. */
const QUERY_CHARACTERS_MAX = 500;

/** The passages in the form a search needs. */
export interface Searchable {
  readonly byId: ReadonlyMap<string, StoredPassage>;
  /** In the order they stand on their page. */
  readonly byPage: ReadonlyMap<string, readonly StoredPassage[]>;
  readonly index: Omit<Index, "vectors">;
}

/**
 * Takes passages as they are loaded: their words and vectors go into the indexes and are kept once. The vectors are those
 * stored by this embedder; another one's cannot be compared, and until they are replaced, words alone find those
 * passages.
 */
export async function searchable(
  batches: AsyncIterable<readonly PassageRow[]>,
  embedder: string | null,
): Promise<Searchable & { readonly vectors: VectorTable }> {
  const builder = indexBuilder();
  const vectors = vectorTable();
  const passages: StoredPassage[] = [];
  const unanswered: IndexedPassage[] = [];
  for await (const rows of batches)
    for (const { words, dictionary, embedding, embeddingModel, ...row } of rows) {
      const { unanswered: besides, ...passage } = row;
      builder.add({ id: passage.id, labels: passage.labels, words, dictionary });
      if (besides !== "") unanswered.push({ id: passage.id, words: besides, dictionary });
      if (embedding !== null && embeddingModel === embedder)
        vectors.set(passages.length, embedding);
      passages.push(passage);
    }
  return {
    byId: new Map(passages.map((passage) => [passage.id, passage])),
    byPage: Map.groupBy(passages, ({ id }) => passagePage(id)),
    index: builder.built(unanswered),
    vectors,
  };
}

/** The passages that may be found for a question, asked in one or more wordings. Throws the signal's reason. */
export async function hitsFor(
  {
    store,
    meaning,
    searched: { byId, index },
  }: Pick<SearchParts, "store" | "meaning" | "searched">,
  asked: {
    readonly queries: readonly string[];
    readonly signal: AbortSignal;
    readonly isFound: (row: StoredPassage) => boolean;
  },
) {
  const { signal } = asked;
  signal.throwIfAborted();
  const texts = asked.queries.map(cleaned).filter((text) => /[\p{L}\p{N}]/u.test(text));
  // Vectors are found by the numbers of this index, which another one may replace while the question is embedded.
  const { vectors } = meaning;
  const wordings = await Promise.all(
    texts.map(async (text) => {
      const [vector, stems] = await Promise.all([
        meaning.of(text, signal),
        stemsByDictionary(store, text, index.words.dictionaries),
      ]);
      // Filler words of one of the languages ask for nothing in the others either.
      const isFiller = [...stems.values()].some((found) => found.length === 0);
      return { text, vector, stems: isFiller ? new Map() : stems };
    }),
  );
  const suits = (id: string): boolean => {
    const row = byId.get(id);
    return row !== undefined && asked.isFound(row);
  };
  const all = fuse(wordings, { ...index, vectors }, suits);
  const manner: Manner = wordings.every(({ vector }) => vector === null) ? "words" : "meaning";
  return {
    /** Best first. */
    hits: all.flatMap(({ id }) => byId.get(id) ?? []),
    /** What found each passage, by its id. */
    reasons: new Map(all.map((hit) => [hit.id, hit])),
    /** What speaks for each page that shares anything with the question, best first. */
    evidence: pageEvidence(all),
    /** Whether words and meaning found them, or words alone. */
    manner,
  };
}

/** PostgreSQL refuses NUL characters in text. */
function cleaned(query: string): string {
  return query.replaceAll("\0", " ").replaceAll(/\s+/g, " ").trim().slice(0, QUERY_CHARACTERS_MAX);
}

interface SearchParts {
  readonly store: Store;
  readonly meaning: Embeddings;
  readonly searched: Searchable;
  readonly clock: Clock;
  readonly doubts: KnownDoubts;
}

/** What was found for the one who asks, and how a row of it becomes a passage with its chance. */
export async function passagesFor(
  { clock, doubts, ...parts }: SearchParts,
  {
    asking,
    ...asked
  }: {
    readonly queries: readonly string[];
    readonly signal: AbortSignal;
    readonly asking: Asking;
  },
) {
  const today = utcDay(clock.now());
  const isFound = (row: StoredPassage): boolean => mayAnswer(row, asking, { today, doubts });
  const { evidence, manner, ...found } = await hitsFor(parts, { ...asked, isFound });
  const chances = new Map(evidence.map((one) => [one.page, answerChance(one, manner)]));
  /** Includes the headings, since a section often makes sense only under its own. */
  const toPassage = (row: StoredPassage): Passage => {
    const { id, title, url, heading, body, updated } = row;
    const page = passagePage(id);
    const text = heading === "" ? body : `## ${heading}\n\n${body}`;
    const caution = cautionAgainst(row, { today, doubts });
    const doubt = doubts.doubtOf(page, id);
    return {
      id,
      title,
      url,
      text,
      updated,
      score: chances.get(page) ?? 0,
      ...(caution === null ? {} : { caution }),
      ...(doubt === null ? {} : { doubt }),
    };
  };
  return { ...found, isFound, toPassage };
}

/** A teammate finds the pages of all brands, those that are withheld from customers as well. */
function mayAnswer(
  row: StoredPassage,
  { reader, brand = "" }: Asking,
  known: Parameters<typeof cautionAgainst>[1],
): boolean {
  if (reader === "teammate") return true;
  const suits = row.brands.length === 0 || row.brands.includes(brand);
  return suits && cautionAgainst(row, known) === null;
}

/** Why a customer's reply must not rest on the page of a passage on this day (such as 2026-11-22); null when it may. */
function cautionAgainst(
  { id, audience, validFrom, validUntil }: StoredPassage,
  { today, doubts }: { readonly today: string; readonly doubts: KnownDoubts },
): string | null {
  if (audience === "team") return "for the team alone";
  if (validFrom !== null && today < validFrom) return `holds from ${validFrom}`;
  if (validUntil !== null && today > validUntil) return `held until ${validUntil}`;
  return doubts.withheld(passagePage(id));
}

type KnownDoubts = Awaited<ReturnType<typeof loadDoubts>>;

/** Loads what is known against pages, as a search asks for it. */
export async function loadDoubts(store: Store) {
  const all = await store.run(pageDoubts);
  const open = all.filter(({ allowedBy }) => allowedBy === "");
  const withheld = new Map(
    open.flatMap(({ kind, slug, reason }) => (kind === "instructions" ? [[slug, reason]] : [])),
  );
  const doubts = new Map(
    open.flatMap(({ kind, slug, passage, reason }) =>
      kind === "instructions" ? [] : [[passage === "" ? slug : passage, reason]],
    ),
  );
  return {
    /** Why no draft may rest on the page; null when it may. */
    withheld: (slug: string) => withheld.get(slug) ?? null,
    /** Why a person has to decide on a reply that rests on the passage; null when the policy alone decides. */
    doubtOf: (slug: string, passage: string) => doubts.get(passage) ?? doubts.get(slug) ?? null,
  };
}

/** For an answer: the best passage of each page, and behind them what else stands on these pages, the likeliest first. */
export function passagesOfPages(
  { hits, isFound, toPassage }: Awaited<ReturnType<typeof passagesFor>>,
  byPage: Searchable["byPage"],
  { limit, around }: { readonly limit: number; readonly around: number },
): readonly Passage[] {
  const best = firstOfPages(hits).slice(0, limit);
  const places = new Map(hits.map(({ id }, place) => [id, place]));
  const placeOf = ({ id }: StoredPassage): number => places.get(id) ?? hits.length;
  const others = best
    .flatMap(({ id }) => byPage.get(passagePage(id)) ?? [])
    .filter((row) => isFound(row) && !best.includes(row))
    .toSorted((one, other) => placeOf(one) - placeOf(other))
    .map(toPassage);
  let room = around;
  const fitting = others.filter(({ text }) => {
    const fits = text.length <= room;
    if (fits) room -= text.length;
    return fits;
  });
  return [...best.map(toPassage), ...fitting];
}

// Says how likely it is that a page answers a question, from what a search knows of both.

/** What speaks for one page as the answer to a question. */
export interface PageEvidence {
  /** The page's name, as the ids of its passages begin with it. */
  readonly page: string;
  /** The share of the question's words that its first passage has: a word of no page is the rarest. */
  readonly covered: number;
  /** That passage's nearness to the question's meaning; 0 where words alone decide. */
  readonly cosine: number;
  /** By how much that passage is before the first of all other pages; below 0 when another page is before it. */
  readonly lead: number;
  /** By how much more of the question's words that passage has than what pages name as unanswered; null where none does. */
  readonly apart: number | null;
}

const Weights = z.strictObject({
  intercept: z.number(),
  covered: z.number(),
  cosine: z.number(),
  lead: z.number(),
  apart: z.number(),
});
/** The constants of one logistic function. */
export type Weights = z.infer<typeof Weights>;

/** How the search went about a question: by words and meaning, or by words alone. */
export type Manner = "meaning" | "words";

const Manners = z.strictObject({ meaning: Weights, words: Weights });
const Fitted = Manners.extend({ apart: Manners });
/** Weights for each manner, since their evidence means different things; others where pages name what none answers. */
export type Fitted = z.infer<typeof Fitted>;

/** Written by `npm run evals -- knowledge calibrate`, from questions whose right pages are known. */
const FITTED = Fitted.parse(
  JSON.parse(readFileSync(join(import.meta.dirname, "fitted.json"), "utf8")),
);

/**
 * 0 to 1: of questions with this evidence, the share that the page answers. It holds for questions like those it was
 * fitted on.
 */
export function answerChance(evidence: PageEvidence, manner: Manner): number {
  return logistic((evidence.apart === null ? FITTED : FITTED.apart)[manner], evidence);
}

/** The logistic function of the evidence. */
export function logistic(weights: Weights, evidence: Omit<PageEvidence, "page">): number {
  const { intercept, covered, cosine, lead, apart } = weights;
  const found = covered * evidence.covered + cosine * evidence.cosine;
  const ahead = lead * evidence.lead + apart * (evidence.apart ?? 0);
  return 1 / (1 + Math.exp(-(intercept + found + ahead)));
}

/** What speaks for each page, best first; the hits are passages in their order. */
export function pageEvidence(hits: readonly Hit[]): readonly PageEvidence[] {
  const firsts = firstOfPages(hits);
  const [first = 0, second = 0] = firsts.map(({ order }) => order);
  return firsts.map(({ id, order, covered, cosine, apart }, place) => {
    const lead = order - (place === 0 ? second : first);
    return { page: passagePage(id), covered, cosine: cosine ?? 0, lead, apart };
  });
}
