/** Finds the passages for a question, and what speaks for each of their pages. */
import type { Store } from "#store/db/database.ts";
import { evidenceOf, type Manner, type PageEvidence, pageOf } from "./chance.ts";
import { type PassageRow, stemsOf, type StoredPassage } from "./passage-rows.ts";
import { fuse, type Hit, indexOf } from "./rank.ts";
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

/** The passages in the form a search needs; their words are in the index, and kept once. */
export function searchable(rows: readonly PassageRow[]) {
  const index = indexOf(
    rows.map(({ id, title, heading, body, words, dictionary, labels }) => ({
      id,
      labels,
      words,
      dictionary,
      text: [title, heading, body].join(". "),
    })),
  );
  const passages = rows.map(
    ({ words: _words, dictionary: _dictionary, ...passage }): StoredPassage => passage,
  );
  return {
    byId: new Map(passages.map((passage) => [passage.id, passage])),
    byPage: Map.groupBy(passages, ({ id }) => pageOf(id)),
    index,
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
    readonly searched: ReturnType<typeof searchable>;
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
  const [vector, stems] = await Promise.all([
    meaning.of(text, signal),
    stemsOf(store, text, index.words.dictionaries),
  ]);
  // Filler words of one of the languages, and punctuation, match everything and ask for nothing.
  const isFiller = [...stems.values()].some((found) => found.length === 0);
  if (isFiller && index.labels.pagesFor(text).size === 0) return NOTHING;
  const suits = (id: string): boolean => {
    const row = byId.get(id);
    return row !== undefined && asked.isFound(row);
  };
  const all = fuse({ text, stems, vector }, { ...index, vectors: meaning.vectors }, suits);
  const hits = all
    .filter(({ score }) => score >= SCORE_MIN)
    .flatMap(({ id }) => byId.get(id) ?? []);
  return {
    hits,
    reasons: new Map(all.map((hit) => [hit.id, hit])),
    evidence: evidenceOf(all),
    manner: vector === null ? "words" : "meaning",
  };
}

/** PostgreSQL refuses NUL characters in text. */
function cleaned(query: string): string {
  return query.replaceAll("\0", " ").replaceAll(/\s+/g, " ").trim().slice(0, QUERY_CHARACTERS_MAX);
}
