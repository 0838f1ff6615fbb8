/** The connected helpdesk's own help centre as a source of help pages. */
import type { SourceReading, HelpArticle, HelpCenter } from "#core/contracts/knowledge.ts";
import { invalidInput } from "#core/values/errors.ts";
import { utcDay } from "#core/values/moment.ts";
import { Unreadable } from "#knowledge/documents/document.ts";
import type { DocumentReader } from "#knowledge/documents/reading-thread.ts";
import { knownAttributes, languageTag } from "#knowledge/pages.ts";
import { type Progress, TITLE_CHARACTERS_MAX } from "./folder-source.ts";
import type { SiteResult } from "./site-source.ts";
import type { PageCopy } from "./source-rows.ts";

/** Longer paths say no more. */
const ABOVE_CHARACTERS_MAX = 300;

/** What a help centre had at its last reading. */
export interface LastReading {
  readonly copies: ReadonlyMap<string, PageCopy>;
  readonly leftOut: SourceReading["leftOut"];
}

/**
 * Reads the help centre: everything, or what changed since the last reading where that suffices. A page is one language
 * of an article; drafts and outdated translations are left out, and what only some people may read is for the team.
 */
export async function readHelpCenter(
  helpCenter: HelpCenter | null,
  given: {
    readonly reader: DocumentReader;
    readonly signal: AbortSignal;
    readonly progress: Progress;
    /** Null reads everything. */
    readonly last: LastReading | null;
  },
): Promise<SiteResult> {
  if (helpCenter === null)
    throw invalidInput(
      "Zendesk's help centre is read by a running Deskhand that is connected to Zendesk (docs/zendesk.md)",
    );
  const { reader, signal, progress, last } = given;
  const since = last === null ? null : latestChange(last);
  const articles = await helpCenter.read(since, signal);
  const kept = since === null ? NOTHING : unchanged(last ?? NOTHING, articles);
  const copies = [...kept.copies.values()];
  const leftOut = [...kept.leftOut];
  for (const [at, article] of articles.entries()) {
    signal.throwIfAborted();
    try {
      copies.push(await articleCopy(article, reader, signal));
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Unreadable)) throw error;
      leftOut.push({ id: articleId(article), title: article.title, reason: error.message });
    }
    progress(at + 1, articles.length);
  }
  return { pages: copies.map(({ page }) => page), leftOut, copies };
}

const NOTHING: LastReading = { copies: new Map(), leftOut: [] };

/** When the newest of the known articles changed; null where none is known, and everything has to be read. */
function latestChange({ copies }: LastReading): Date | null {
  const times = [...copies.values()].map(({ lastModified }) => Date.parse(lastModified));
  const latest = Math.max(...times);
  return Number.isFinite(latest) ? new Date(latest) : null;
}

/** What stays of the last reading: everything but the articles that were read anew, in all their languages. */
function unchanged(last: LastReading, articles: readonly HelpArticle[]): LastReading {
  const renewed = new Set(articles.map(({ article }) => article));
  const stays = (id: string): boolean => !renewed.has(id.slice(0, id.indexOf("/")));
  return {
    copies: new Map([...last.copies].filter(([id]) => stays(id))),
    leftOut: last.leftOut.filter(({ id }) => stays(id)),
  };
}

function articleId({ article, language }: HelpArticle): string {
  return `${article}/${language}`;
}

async function articleCopy(
  article: HelpArticle,
  reader: DocumentReader,
  signal: AbortSignal,
): Promise<PageCopy> {
  if (article.leftOut !== null) throw new Unreadable(article.leftOut);
  const bytes = new TextEncoder().encode(`<!doctype html><body><main>${article.html}</main>`);
  const raw = { path: "article.html", bytes, part: async () => null };
  const { text } = await reader.read(raw, signal);
  const page = {
    id: articleId(article),
    title: article.title.trim().slice(0, TITLE_CHARACTERS_MAX),
    updated: utcDay(article.changedAt),
    url: article.url,
    text: below(article, text),
    ...knownAttributes({
      language: languageTag(article.language),
      labels: article.labels,
      audience: article.isRestricted ? "team" : null,
    }),
  };
  return { page, etag: "", lastModified: article.changedAt.toISOString() };
}

/** The text below a heading with what stands above the article. */
function below({ sections }: HelpArticle, text: string): string {
  const above = sections.join(" › ");
  if (above === "") return text;
  const heading = above.replaceAll(/\s+/g, " ").slice(0, ABOVE_CHARACTERS_MAX);
  return `# ${heading}\n\n${deeper(text)}`;
}

/** Headings one level down where the article has any of the highest, so that all of them are below the one above. */
function deeper(text: string): string {
  return /^# /m.test(text) ? text.replaceAll(/^(?=#{1,5} )/gm, "#") : text;
}
