/**
 * Room: reads the account's help centre: its articles in every language, as the bot's own agent sees them.
 * In: nothing, or the moment since when changes are wanted.
 * Out: articles with their sections and labels, and why some are no pages for answers.
 * May touch: `GET /help_center/…`. It never changes an article.
 */

import type { HelpArticle, HelpCenter } from "#core/contracts/knowledge.ts";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { type Ask, type ZendeskClient, zendeskClient } from "#zendesk/api/client.ts";
import { Id, Timestamp } from "#zendesk/api/schema.ts";
import type { ReadingOptions } from "#zendesk/options.ts";

/** The language tags of a help centre are part of its addresses. */
const Locale = z
  .string()
  .regex(/^[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}$/i)
  .transform((tag) => tag.toLowerCase());

/** The languages a help centre is written in. */
export const Locales = z.object({ locales: z.array(Locale).max(100) });

const Article = z.object({
  id: Id,
  locale: Locale,
  title: z.string(),
  body: z.string().nullable(),
  html_url: z.url(),
  draft: z.boolean(),
  outdated: z.boolean(),
  /** An article's own `outdated` is always false ("Articles" in Zendesk's reference); this list says it. */
  outdated_locales: z.array(z.string()).default([]),
  updated_at: Timestamp,
  section_id: Id.nullable(),
  label_names: z.array(z.string()).default([]),
  /** The people who may read it; everybody when null. */
  user_segment_id: Id.nullish(),
  user_segment_ids: z.array(Id).nullish(),
});

/** A page of the export; the next one begins where this one ends, in seconds. */
export const Changes = z.object({
  articles: z.array(Article),
  next_page: z.string().nullable().default(null),
  end_time: z.int().nullable().default(null),
});

const Translation = Article.pick({
  locale: true,
  title: true,
  body: true,
  html_url: true,
  draft: true,
  outdated: true,
  updated_at: true,
});

const Section = z.object({
  id: Id,
  name: z.string(),
  category_id: Id,
  parent_section_id: Id.nullish(),
});

const Category = z.object({ id: Id, name: z.string() });

/** No customer waits for articles, so reading them may wait long for room in the limits. */
const WAIT_MS = 60_000;
/** An export gives a thousand articles a page; a help centre has some hundreds. */
const CHANGE_PAGES_MAX = 20;
/** Sections lie in sections, five deep at most ("Sections" in Zendesk's reference). */
const DEPTH_MAX = 6;

/** What is asked again and again while one reading goes on. */
interface Visit {
  readonly client: ZendeskClient;
  readonly signal: AbortSignal;
}

/** The help centre of the brand whose address is configured. */
export function zendeskHelpCenter(options: ReadingOptions): HelpCenter {
  const client = zendeskClient({ ...options, token: options.writerToken, waitMsMax: WAIT_MS });
  return {
    read: async (since, signal) =>
      since === null ? readAll({ client, signal }) : readChanged({ client, signal }, since),
  };
}

async function readAll(visit: Visit): Promise<readonly HelpArticle[]> {
  const articles: HelpArticle[] = [];
  const { client, signal } = visit;
  const languages: Ask = ({ helpcenter }) => helpcenter.translations.listLocales();
  const { locales } = await client.get(languages, Locales, signal);
  for (const locale of locales) {
    const ask: Ask = ({ helpcenter }) => helpcenter.articles.listByLocale(locale);
    const rows = await client.list(ask, Article, signal);
    // A language without any article needs no sections either.
    if (rows.length === 0) continue;
    const above = await sectionsIn(visit, locale);
    for (const row of rows)
      if (row.locale === locale) articles.push(helpArticle(row, row, above(row.section_id)));
  }
  return articles;
}

/**
 * Articles since a moment, each with all its translations: the export names an article for a change of any of its
 * languages, and shows only one ("Understanding incremental article exports" in Zendesk's documentation).
 */
async function readChanged(visit: Visit, since: Date): Promise<readonly HelpArticle[]> {
  const changed = await changedSince(visit, since);
  const above = new Map<string, (section: number | null) => readonly string[]>();
  const articles: HelpArticle[] = [];
  for (const article of changed.values()) {
    const ask: Ask = ({ helpcenter }) => helpcenter.translations.listByArticle(article.id, {});
    for (const row of await visit.client.list(ask, Translation, visit.signal)) {
      const known = above.get(row.locale) ?? (await sectionsIn(visit, row.locale));
      above.set(row.locale, known);
      articles.push(helpArticle(article, row, known(article.section_id)));
    }
  }
  return articles;
}

async function changedSince({ client, signal }: Visit, since: Date) {
  const changed = new Map<number, ArticleRow>();
  let start = Math.floor(since.getTime() / 1_000);
  for (let count = 0; count < CHANGE_PAGES_MAX; count += 1) {
    const from = start;
    const ask: Ask = ({ helpcenter }) => helpcenter.articles.listSinceStartTime(from);
    const { articles, next_page: next, end_time: end } = await client.get(ask, Changes, signal);
    for (const article of articles)
      if (Date.parse(article.updated_at) > since.getTime()) changed.set(article.id, article);
    if (next === null || end === null || end <= start) return changed;
    start = end;
  }
  throw new DeskhandError("channel.refused", "the help centre changed faster than it can be read");
}

/** The names above an article in one language, by its section. */
async function sectionsIn(
  { client, signal }: Visit,
  locale: string,
): Promise<(section: number | null) => readonly string[]> {
  const ofSections: Ask = ({ helpcenter }) => helpcenter.sections.listWithLocale(locale);
  const sections = await client.list(ofSections, Section, signal);
  const ofCategories: Ask = ({ helpcenter }) => helpcenter.categories.listWithLocale(locale);
  const categories = await client.list(ofCategories, Category, signal);
  const bySection = new Map(sections.map((section) => [section.id, section]));
  // The name of an only category stands above every article, and would tell none from another.
  const telling = categories.length > 1 ? categories : [];
  const byCategory = new Map(telling.map(({ id, name }) => [id, name]));
  return (id) => {
    const names: string[] = [];
    let section = id === null ? undefined : bySection.get(id);
    const category = section === undefined ? undefined : byCategory.get(section.category_id);
    for (let depth = 0; section !== undefined && depth < DEPTH_MAX; depth += 1) {
      names.unshift(section.name);
      section = section.parent_section_id ? bySection.get(section.parent_section_id) : undefined;
    }
    return category === undefined ? names : [category, ...names];
  };
}

type ArticleRow = z.output<typeof Changes>["articles"][number];

/** What an article and its translation have in common. */
type Words = Pick<
  ArticleRow,
  "title" | "body" | "draft" | "outdated" | "html_url" | "locale" | "updated_at"
>;

function helpArticle(article: ArticleRow, words: Words, sections: readonly string[]): HelpArticle {
  const segments = [article.user_segment_id, ...(article.user_segment_ids ?? [])];
  const outdated = article.outdated_locales.some((tag) => tag.toLowerCase() === words.locale);
  const times = [article.updated_at, words.updated_at].map((time) => Date.parse(time));
  return {
    article: String(article.id),
    title: words.title,
    language: words.locale,
    url: words.html_url,
    sections,
    labels: article.label_names,
    html: words.body ?? "",
    isRestricted: segments.some((segment) => typeof segment === "number"),
    changedAt: new Date(Math.max(...times)),
    leftOut: words.draft
      ? "it is a draft"
      : words.outdated || outdated
        ? "its translation is marked as outdated"
        : null,
  };
}
