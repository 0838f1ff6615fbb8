/** The help center's own articles, as everybody may read them. */
import { recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import type { Article, Translation } from "#sandbox/zendesk/records/article-record.ts";
import { articlesOf, articleUrl, findArticle } from "#sandbox/zendesk/records/articles.ts";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { HELP_LOCALES, nameIn, sectionById, SECTIONS } from "#sandbox/zendesk/records/sections.ts";
import { html, type Markup } from "./html.ts";
import { timeTag } from "./layout.ts";

/** What the list of articles is called in each language. */
const HEADINGS: Readonly<Record<string, string>> = { "en-us": "Help center", de: "Hilfe" };

interface Page {
  readonly title: string;
  readonly content: Markup;
}

/** The articles of one language below their sections. Throws a 404 for a language the help center is not written in. */
export function guideList(desk: Desk, locale: string): Page {
  const title = HEADINGS[locale];
  if (title === undefined) throw recordNotFound();
  const shown = articlesOf(desk).flatMap((article) => {
    const words = publicWords(article, locale);
    return words === null ? [] : [{ article, words }];
  });
  const groups = SECTIONS.map(({ id, names }) => ({
    name: nameIn(names, locale),
    rows: shown.filter(({ article }) => article.section_id === id),
  })).filter(({ rows }) => rows.length > 0);
  const content = html`<div class="head"><h1>${title}</h1></div>
    ${groups.map(
      ({ name, rows }) =>
        html`<div class="card">
          <h2>${name}</h2>
          <ul>
            ${rows.map(
              ({ article, words }) =>
                html`<li><a href="${pathOf(desk, article, words)}">${words.title}</a></li>`,
            )}
          </ul>
        </div>`,
    )}
    <p>
      ${HELP_LOCALES.map((other) => html`<a href="/hc/${other}" lang="${other}">${other}</a> `)}
    </p>`;
  return { title, content };
}

/** One article by the last part of its address. Throws a 404 for what is not for everybody. */
export function guidePage(desk: Desk, locale: string, name: string): Page {
  const id = Number(/^\d{1,15}(?=-|$)/u.exec(name)?.[0] ?? 0);
  const article = findArticle(desk, id);
  const words = publicWords(article, locale);
  if (words === null) throw recordNotFound();
  const section = nameIn(sectionById(article.section_id).names, locale);
  const content = html`<div class="head">
      <div>
        <h1>${words.title}</h1>
        <span class="soft">${section} · ${timeTag(words.updated_at)}</span>
      </div>
    </div>
    <div class="card" lang="${locale}">${{ markup: words.body }}</div>
    <p><a href="/hc/${locale}">${HEADINGS[locale]}</a></p>`;
  return { title: words.title, content };
}

/** Null for drafts, for languages it is not written in, and for what only some people may read. */
function publicWords(article: Article, locale: string): Translation | null {
  if (article.user_segment_id !== null) return null;
  return article.translations.find((one) => one.locale === locale && !one.draft) ?? null;
}

function pathOf(desk: Desk, article: Article, words: Translation): string {
  return articleUrl(desk, article, words).slice(desk.url().length);
}
