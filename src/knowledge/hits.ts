/** Finds the passages for a question, what speaks for each of their pages, and what stands around them. */
import type { Store } from "#store/db/database.ts";
import { pageEvidence, type Manner, type PageEvidence, passagePage } from "./chance.ts";
import { type PassageRow, stemsByDictionary, type StoredPassage } from "./passage-rows.ts";
import { fuse, type Hit, type Index, indexBuilder } from "./rank.ts";
import { type VectorTable, vectorTable } from "./vector-table.ts";
import type { Embeddings } from "./vector-search.ts";

/** Real questions are much shorter; more characters only cost time. */
const QUERY_CHARACTERS_MAX = 500;
/** A passage below this is unrelated to the question, and would only mislead the model. */
const SCORE_MIN = 0.2;

/** What a question found. */
export interface Hits {
  /** Best first. */
  readonly hits: readonly StoredPassage[];
  /** What found each passage, by its id. */
  readonly reasons: ReadonlyMap<string, Pick<Hit, "covered" | "cosine">>;
  /** What speaks for each page that shares anything with the question, best first. */
  readonly evidence: readonly PageEvidence[];
  /** Whether words and meaning found them, or words alone. */
  readonly manner: Manner;
}

const NOTHING: Hits = { hits: [], reasons: new Map(), evidence: [], manner: "words" };

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
  for await (const rows of batches)
    for (const { words, dictionary, embedding, embeddingModel, ...passage } of rows) {
      const { id, title, heading, body, labels } = passage;
      builder.add({ id, labels, words, dictionary, text: [title, heading, body].join(". ") });
      if (embedding !== null && embeddingModel === embedder)
        vectors.set(passages.length, embedding);
      passages.push(passage);
    }
  return {
    byId: new Map(passages.map((passage) => [passage.id, passage])),
    byPage: Map.groupBy(passages, ({ id }) => passagePage(id)),
    index: builder.built(),
    vectors,
  };
}

/** The passages that may be found for a question and are about it. Throws the signal's reason. */
export async function hitsFor(
  {
    store,
    meaning,
    searched: { byId, index },
  }: {
    readonly store: Store;
    readonly meaning: Embeddings;
    readonly searched: Searchable;
  },
  asked: {
    readonly query: string;
    readonly signal: AbortSignal;
    readonly isFound: (row: StoredPassage) => boolean;
  },
): Promise<Hits> {
  const { signal } = asked;
  signal.throwIfAborted();
  const text = cleaned(asked.query);
  if (text === "") return NOTHING;
  // Vectors are found by the numbers of this index, which another one may replace while the question is embedded.
  const { vectors } = meaning;
  const [vector, stems] = await Promise.all([
    meaning.of(text, signal),
    stemsByDictionary(store, text, index.words.dictionaries),
  ]);
  // Filler words of one of the languages, and punctuation, match everything and ask for nothing.
  const isFiller = [...stems.values()].some((found) => found.length === 0);
  if (isFiller && index.labels.pagesFor(text).size === 0) return NOTHING;
  const suits = (id: string): boolean => {
    const row = byId.get(id);
    return row !== undefined && asked.isFound(row);
  };
  const all = fuse({ text, stems, vector }, { ...index, vectors }, suits);
  const hits = all
    .filter(({ score }) => score >= SCORE_MIN)
    .flatMap(({ id }) => byId.get(id) ?? []);
  return {
    hits,
    reasons: new Map(all.map((hit) => [hit.id, hit])),
    evidence: pageEvidence(all),
    manner: vector === null ? "words" : "meaning",
  };
}

/** PostgreSQL refuses NUL characters in text. */
function cleaned(query: string): string {
  return query.replaceAll("\0", " ").replaceAll(/\s+/g, " ").trim().slice(0, QUERY_CHARACTERS_MAX);
}

// What stands around found passages, so that an answer knows the page and not only one section of it.

/** A passage with its place on its page. */
interface Placed {
  readonly id: string;
  readonly text: string;
}

/**
 * The rest of the first passage's page, nearest passages first, then what stands directly before and after the other
 * passages; as many as fit into so many characters, in the order they are read in. Nothing that was found is repeated.
 */
export function passagesAround<Passage extends Placed>(
  found: readonly Passage[],
  pagePassages: (page: string) => readonly Passage[],
  characters: number,
): readonly Passage[] {
  const taken = new Set(found.map(({ id }) => id));
  const chosen = new Set<string>();
  let room = characters;
  for (const { id, text } of candidatesAround(found, pagePassages)) {
    if (taken.has(id) || chosen.has(id) || text.length > room) continue;
    chosen.add(id);
    room -= text.length;
  }
  const pages = new Set(found.map(({ id }) => passagePage(id)));
  return [...pages].flatMap((page) => pagePassages(page).filter(({ id }) => chosen.has(id)));
}

function candidatesAround<Passage extends Placed>(
  found: readonly Passage[],
  pagePassages: (page: string) => readonly Passage[],
): readonly Passage[] {
  return found.flatMap(({ id }, rank) => {
    const page = pagePassages(passagePage(id));
    const place = page.findIndex((other) => other.id === id);
    const reach = rank === 0 ? page.length : 1;
    return page
      .map((passage, at) => ({ passage, distance: Math.abs(at - place) }))
      .filter(({ distance }) => distance <= reach)
      .toSorted((one, other) => one.distance - other.distance)
      .map(({ passage }) => passage);
  });
}
