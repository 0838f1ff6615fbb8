import { join } from "node:path";
import type { Knowledge, Passage, SourcePage } from "#core/contracts/knowledge.ts";
import type { Log } from "#core/contracts/ports.ts";
import type { Store } from "#store/db/database.ts";
import { type Embedder, workerEmbedder } from "./embedder.ts";
import { createMeaning, WITHOUT_MEANING } from "./vector-search.ts";
import { type Page, readPages } from "./pages.ts";
import {
  FILES,
  forgetOtherSources,
  lexemesOf,
  loadPassages,
  type PassageRow,
  rankByWords,
  savePages,
  stampOf,
} from "./passage-rows.ts";
import { CANDIDATES, fuse, rarityAmong } from "./rank.ts";

/** The help pages of the sample shop. */
export const SAMPLE_PAGES = join(import.meta.dirname, "pages");

/** What a person asks stands in far fewer letters; more of them only cost time. */
const QUERY_CHARACTERS_MAX = 500;
/** A passage below this has nothing to do with the question, and showing it would only tempt. */
const SCORE_MIN = 0.2;

/** A search of the help pages that has to be closed. */
export interface OpenKnowledge extends Knowledge {
  /**
   * Makes the tables hold exactly these pages of a source; searches find them from the next `reload` on. The source has
   * to be one of those it was opened with.
   */
  take(source: string, pages: readonly SourcePage[]): Promise<void>;
  /** Brings what is searched in step with the tables, whoever changed them; true when something had changed. */
  reload(): Promise<boolean>;
  /** Removes what sources left behind that are not connected any more. */
  forgetOthers(): Promise<void>;
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
  /** Names of sources beside the files; what they gave last is searched from the start. */
  readonly sources?: readonly string[];
}): Promise<OpenKnowledge> {
  const { store, log, folder = SAMPLE_PAGES, embeddings, sources = [] } = options;
  const pages = await readPages(folder);
  const embedder = embeddings ? workerEmbedder({ log }) : null;
  return openPages({ store, log, pages, embedder, sources });
}

/** The same for given pages and a given embedder, which is closed together with the search. */
export async function openPages(options: {
  readonly store: Store;
  readonly log: Log;
  readonly pages: readonly Page[];
  /** Null searches by words alone. */
  readonly embedder: Embedder | null;
  readonly sources?: readonly string[];
}): Promise<OpenKnowledge> {
  const { store, log, pages, embedder, sources = [] } = options;
  const { changed, removed } = await savePages(store, pages);
  const files = await loadPassages(store, [FILES]);
  let stamp = await stampOf(store, sources);
  const rows = [...files, ...(await loadPassages(store, sources))];
  log.info("help pages are open", { passages: rows.length, changed, removed });
  const meaning =
    embedder === null ? WITHOUT_MEANING : createMeaning({ store, log, embedder, rows });
  // A failure is logged by the search that suffers from it.
  const embed = (): void => void meaning.complete().catch(() => undefined);
  embed();
  const suits = brandsAmong(pages);
  let searched = searchable(rows);
  return {
    async take(source, given) {
      await savePages(
        store,
        given.map((page) => pageFrom(source, page)),
        source,
      );
    },
    async reload() {
      const now = await stampOf(store, sources);
      if (now === stamp) return false;
      // The files stay as this process has read them at its start.
      const renewed = [...files, ...(await loadPassages(store, sources))];
      meaning.renew(renewed);
      searched = searchable(renewed);
      stamp = now;
      embed();
      return true;
    },
    forgetOthers: () => forgetOtherSources(store, sources),
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
      const { byId, index } = searched;
      return fuse({ ...words, vector }, { ...index, vectors: meaning.vectors })
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

/** The passages as a search looks at them. */
function searchable(rows: readonly PassageRow[]) {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const lexemes = new Map(rows.map((row) => [row.id, new Set(row.lexemes)]));
  return { byId, index: { lexemes, rarity: rarityAmong(lexemes.values()) } };
}

/** No file name holds a slash, so that a page of a source never takes the place of a file. Nobody outside can open it. */
function pageFrom(source: string, { id, ...page }: SourcePage): Page {
  return { slug: `${source}/${id}`, url: "", ...page };
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
