/**
 * Room: The help-page search: pages cut into passages, found by words and by meaning.
 * In: Markdown pages from files and from connected sources, questions of the agent.
 * Out: passages with a score that answers may cite.
 * May touch: the database tables of help pages, files of pages, two worker threads; no vendor.
 * This file: opens the search and answers questions.
 */

import { digest } from "#core/values/canonical-json.ts";
import { join } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import {
  type ExplainedPassage,
  type ExplainingSearch,
  type Knowledge,
  type PageInspector,
  passagePage,
  type SourcePage,
} from "#core/contracts/knowledge.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";
import { announce, type Store } from "#store/db/database.ts";
import {
  type PageDoubt,
  pageDoubts,
  replaceDoubts,
  slugsOff,
} from "#store/knowledge/page-notes.ts";
import { type Page, readPages } from "./pages.ts";
import {
  hitsFor,
  loadDoubts,
  type PageEvidence,
  passagesFor,
  passagesOfPages,
  searchable,
} from "./search.ts";
import { type Embedder, workerEmbedder } from "./embedder.ts";
import { comparedPages, goneSources } from "./lint/check-pages.ts";
import {
  forgetOtherSources,
  loadFiles,
  loadPassages,
  type PassageRow,
  savePages,
  sourcesStamp,
} from "./passage-rows.ts";
import { createEmbeddings } from "./vectors.ts";

// Finds which pages are no good source.

/** Pages inspected between two pauses, so that customers are answered meanwhile. */
const PAGES_AT_ONCE = 50;

/**
 * Reads each page of a source for instructions to the bot, in its text and in what is hidden on it, and keeps what was
 * found. A page that its site did not send again keeps what was found before.
 */
async function inspectPages(
  store: Store,
  source: string,
  pages: readonly SourcePage[],
  { inspect, now }: { readonly inspect: PageInspector; readonly now: Date },
): Promise<void> {
  const before = await store.run(pageDoubts);
  const doubts: Omit<PageDoubt, "allowedBy">[] = [];
  for (const [at, page] of pages.entries()) {
    if (at % PAGES_AT_ONCE === PAGES_AT_ONCE - 1) await breathe();
    const slug = `${source}/${page.id}`;
    const content = digest([page.title, page.text]).slice(0, 32);
    const kept = before.find((one) => one.slug === slug && one.kind === "instructions");
    const isUnread = page.hidden === undefined && kept?.digest === content;
    const reason = isUnread ? (kept?.reason ?? null) : inspect(page);
    if (reason !== null)
      doubts.push({ slug, passage: "", kind: "instructions", reason, digest: content });
  }
  await store.run(replaceDoubts, { kinds: ["instructions"], source, doubts, at: now });
}

/** Compares all pages, looks which sources are gone, and tells every process that there is something to load. */
async function reviewPages(store: Store, now: Date): Promise<void> {
  const contradictions = await comparedPages(store);
  await store.run(async (transaction) => {
    const gone = await goneSources(transaction, now);
    const doubts = new Map<string, Omit<PageDoubt, "allowedBy">>();
    for (const { one, other } of contradictions)
      for (const [side, against] of [
        [one, other],
        [other, one],
      ] as const)
        doubts.set(side.passage, {
          slug: side.slug,
          passage: side.passage,
          kind: "contradiction",
          reason: `says ${side.value}, and ${against.title} says ${against.value}`,
          digest: "",
        });
    for (const { slugs, said } of gone)
      for (const slug of slugs)
        doubts.set(slug, { slug, passage: "", kind: "source gone", reason: said, digest: "" });
    await replaceDoubts(transaction, {
      kinds: ["contradiction", "source gone"],
      doubts: [...doubts.values()],
      at: now,
    });
    await announce(transaction, "help-pages");
  });
}

/** The help pages of the sample shop. */
export const SAMPLE_PAGES = join(import.meta.dirname, "pages");

/** A help-page search that must be closed. */
export interface OpenKnowledge extends Knowledge, ExplainingSearch {
  /**
   * Replaces a source's pages in the tables with exactly these; searches find them after the next `reload`. The search
   * must have been opened with this source.
   */
  take(source: string, pages: readonly SourcePage[]): Promise<void>;
  /** Compares all pages with each other; this search knows what came of it after the next `reload`, and others are told. */
  review(): Promise<void>;
  /** Loads what changed in the tables, whatever process changed it; true when there was a change. */
  reload(): Promise<boolean>;
  /** What speaks for each of these pages that a question finds, best first: what its chance is fitted to. */
  weigh(
    query: string,
    signal: AbortSignal,
    isAsked: (page: string) => boolean,
  ): Promise<readonly PageEvidence[]>;
  /** The vector of a text, of length 1; null where meaning is not computed, or not now. */
  vectorOf(text: string, signal: AbortSignal): Promise<Float32Array | null>;
  /** Removes the pages of sources that are no longer connected. */
  forgetOthers(): Promise<void>;
  /** Resolves once every passage is embedded; rejects when that is not possible now. Searches need not wait for it. */
  embedded(): Promise<void>;
  /** Ends the thread that computes embeddings. Must be called before the store is closed. */
  close(): Promise<void>;
}

/**
 * Reads the help pages, updates the tables and opens the search. Pages unchanged since the last start cost almost
 * nothing; new passages are embedded in the background. Throws `config.invalid` for a page that cannot be read.
 */
export async function openKnowledge(options: {
  readonly store: Store;
  readonly log: Log;
  /** A folder of Markdown files with front matter; the sample shop's when left out, and none when null. */
  readonly folder?: string | null;
  /**
   * True computes them here, a provider's embedder elsewhere; false searches by words alone: slightly worse, but without
   * the thread and its memory.
   */
  readonly embeddings: boolean | Embedder;
  /** Names of connected sources besides the files and those a lead added; their last pages are searchable from the start. */
  readonly sources?: readonly string[];
  /** Says which pages hold today. */
  readonly clock: Clock;
  /** Looks for instructions to the bot in pages that are taken. */
  readonly inspect: PageInspector;
}): Promise<OpenKnowledge> {
  const { store, log, folder = SAMPLE_PAGES, embeddings, sources = [], clock, inspect } = options;
  const pages = folder === null ? [] : await readPages(folder);
  const builtin = embeddings === true ? workerEmbedder({ log }) : null;
  const embedder = typeof embeddings === "boolean" ? builtin : embeddings;
  return openPages({ store, log, pages, embedder, sources, clock, inspect });
}

const SYSTEM_CLOCK: Clock = { now: () => new Date() };

/** The same for given pages and a given embedder, which is closed with the search. */
export async function openPages(options: {
  readonly store: Store;
  readonly log: Log;
  readonly pages: readonly Page[];
  /** Null searches by words alone. */
  readonly embedder: Embedder | null;
  readonly sources?: readonly string[];
  /** The computer's own clock when left out. */
  readonly clock?: Clock;
  /** Nothing is found in any page when left out: these are the pages of a test or a measurement. */
  readonly inspect?: PageInspector;
}): Promise<OpenKnowledge> {
  const { store, log, pages, embedder, sources = [], clock = SYSTEM_CLOCK } = options;
  const { inspect = () => null } = options;
  const { changed, removed } = await savePages(store, pages);
  const files: (readonly PassageRow[])[] = [];
  for await (const rows of loadFiles(store)) files.push(rows);
  let stamp = await sourcesStamp(store, sources);
  const current = async () =>
    searchable(switchedOn(store, files, loadPassages(store, sources)), embedder?.name ?? null);
  let { vectors, ...searched } = await current();
  log.info("help pages are open", { passages: searched.byId.size, changed, removed });
  const meaning = createEmbeddings({
    store,
    log,
    embedder,
    passages: { rows: [...searched.byId.values()], vectors },
  });
  // A failure is logged by the search it affects.
  const embed = (): void => void meaning.complete().catch(() => undefined);
  embed();
  let doubts = await loadDoubts(store);
  const parts = () => ({ store, meaning, searched, clock, doubts });
  return {
    async take(source, given) {
      const taken = given.map((page) => pageFrom(source, page));
      await savePages(store, taken, source);
      await inspectPages(store, source, given, { inspect, now: clock.now() });
    },
    review: () => reviewPages(store, clock.now()),
    async reload() {
      const now = await sourcesStamp(store, sources);
      if (now === stamp) return false;
      // The files stay as this process read them at its start.
      ({ vectors, ...searched } = await current());
      meaning.renew({ rows: [...searched.byId.values()], vectors });
      doubts = await loadDoubts(store);
      stamp = now;
      embed();
      return true;
    },
    forgetOthers: () => forgetOtherSources(store, sources),
    async search(queries, limit, signal, asking = {}) {
      const asked = { queries: [queries].flat(), signal, asking };
      const found = await passagesFor(parts(), asked);
      if (asking.around === undefined) return found.hits.slice(0, limit).map(found.toPassage);
      return passagesOfPages(found, searched.byPage, { limit, around: asking.around });
    },
    async explain(query, limit, signal) {
      const asking = { reader: "teammate" } as const;
      return explained(await passagesFor(parts(), { queries: [query], signal, asking }), limit);
    },
    async weigh(query, signal, isAsked) {
      const isFound = ({ id }: { readonly id: string }): boolean => isAsked(passagePage(id));
      return (await hitsFor(parts(), { queries: [query], signal, isFound })).evidence;
    },
    vectorOf: (text, signal) => meaning.of(text, signal),
    embedded: () => meaning.complete(),
    close: () => meaning.close(),
  };
}

/** The passages of the files, and then the others, without those of pages that are switched off. */
async function* switchedOn(
  store: Store,
  files: readonly (readonly PassageRow[])[],
  others: AsyncIterable<readonly PassageRow[]>,
): AsyncGenerator<readonly PassageRow[]> {
  const off = await store.run(slugsOff);
  const on = (rows: readonly PassageRow[]): readonly PassageRow[] =>
    rows.filter(({ id }) => !off.has(passagePage(id)));
  for (const rows of files) yield on(rows);
  for await (const rows of others) yield on(rows);
}

/** The first passages, each with what found it. */
function explained(
  { hits, reasons, toPassage }: Awaited<ReturnType<typeof passagesFor>>,
  limit: number,
): readonly ExplainedPassage[] {
  return hits.slice(0, limit).map((row) => {
    const { covered = 0, cosine = null } = reasons.get(row.id) ?? {};
    return { passage: toPassage(row), words: covered, meaning: cosine };
  });
}

/** No file name contains a slash, so a page of a source never replaces a file. */
function pageFrom(source: string, { id, url = "", ...page }: SourcePage): Page {
  return { slug: `${source}/${id}`, url, ...page };
}
