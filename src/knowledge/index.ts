import { join } from "node:path";
import type { Knowledge, Passage } from "#core/knowledge.ts";
import type { Log } from "#core/ports.ts";
import type { Store } from "#store/driver.ts";
import { type Embedder, workerEmbedder } from "./embedder.ts";
import { createMeaning, WITHOUT_MEANING } from "./meaning.ts";
import { type Page, readPages } from "./pages.ts";
import { lexemesOf, loadPassages, type PassageRow, rankByWords, savePages } from "./rows.ts";
import { CANDIDATES, fuse, rarityAmong } from "./score.ts";

/** The help pages of the sample shop. */
export const SAMPLE_PAGES = join(import.meta.dirname, "pages");

/** What a person asks stands in far fewer letters; more of them only cost time. */
const QUERY_CHARACTERS_MAX = 500;
/** A passage below this has nothing to do with the question, and showing it would only tempt. */
const SCORE_MIN = 0.2;

/** A search of the help pages that has to be closed. */
export interface OpenKnowledge extends Knowledge {
  /** Resolves once every passage is embedded; rejects when that cannot be done now. A search need not wait for it. */
  embedded(): Promise<void>;
  /** Ends the thread that computes embeddings. Comes before the store's own close. */
  close(): Promise<void>;
}

/**
 * Reads the help pages, brings the tables up to date and opens them for searching. Pages that have not changed since
 * the last start cost next to nothing; new passages are embedded in the background. Throws `config.invalid` for a page
 * that cannot be read.
 */
export async function openKnowledge(options: {
  readonly store: Store;
  readonly log: Log;
  /** A folder of Markdown files with front matter; the sample shop's when left out. */
  readonly folder?: string;
  /** False searches by words alone: a little worse, and without the thread and its memory. */
  readonly embeddings: boolean;
}): Promise<OpenKnowledge> {
  const { store, log, folder = SAMPLE_PAGES, embeddings } = options;
  const pages = await readPages(folder);
  return openPages({ store, log, pages, embedder: embeddings ? workerEmbedder({ log }) : null });
}

/** The same for given pages and a given embedder, which is closed together with the search. */
export async function openPages(options: {
  readonly store: Store;
  readonly log: Log;
  readonly pages: readonly Page[];
  /** Null searches by words alone. */
  readonly embedder: Embedder | null;
}): Promise<OpenKnowledge> {
  const { store, log, pages, embedder } = options;
  const { changed, removed } = await savePages(store, pages);
  const rows = await loadPassages(store);
  log.info("help pages are open", { passages: rows.length, changed, removed });
  const meaning =
    embedder === null ? WITHOUT_MEANING : createMeaning({ store, log, embedder, rows });
  // A failure is logged by the search that suffers from it.
  meaning.complete().catch(() => undefined);
  const suits = brandsAmong(pages);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const lexemes = new Map(rows.map((row) => [row.id, new Set(row.lexemes)]));
  const index = { lexemes, vectors: meaning.vectors, rarity: rarityAmong(lexemes.values()) };
  return {
    async search(query, limit, signal, brand = "") {
      signal.throwIfAborted();
      const text = cleaned(query);
      if (text === "") return [];
      const [vector, words] = await Promise.all([
        meaning.of(text, signal),
        matchWords(store, text),
      ]);
      // Filler words and signs alone are like everything and ask for nothing.
      if (words.lexemes.length === 0) return [];
      return fuse({ ...words, vector }, index)
        .filter(({ score }) => score >= SCORE_MIN)
        .flatMap(({ id, score }) => {
          // Another process may know newer pages; what is cited is always a page this one has read.
          const row = byId.get(id);
          return row === undefined || !suits(id, brand) ? [] : [passageOf(row, score)];
        })
        .slice(0, limit);
    },
    embedded: () => meaning.complete(),
    close: () => meaning.close(),
  };
}

async function matchWords(store: Store, text: string) {
  const lexemes = await lexemesOf(store, text);
  return { lexemes, ranks: await rankByWords(store, lexemes, CANDIDATES) };
}

/** PostgreSQL refuses a zero character in a text. */
function cleaned(query: string): string {
  return query.replaceAll("\0", " ").replaceAll(/\s+/g, " ").trim().slice(0, QUERY_CHARACTERS_MAX);
}

/** The headings go along, since a section often makes sense only under its own. */
function passageOf({ id, title, url, heading, body }: PassageRow, score: number): Passage {
  return { id, title, url, text: heading === "" ? body : `## ${heading}\n\n${body}`, score };
}

/** Whether a passage is about a brand, by the page it stands on. */
function brandsAmong(pages: readonly Page[]): (passageId: string, brand: string) => boolean {
  const brands = new Map(pages.map((page) => [page.slug, page.brands]));
  return (passageId, brand) => {
    const about = brands.get(passageId.slice(0, passageId.lastIndexOf("#")));
    return about === undefined || about.includes(brand);
  };
}
