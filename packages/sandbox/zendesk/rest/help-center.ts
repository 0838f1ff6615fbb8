/** The local Zendesk's help centre: its endpoints, its articles and sections, and as the API shows them. */
import { invalidAttribute } from "#sandbox/zendesk/http/errors.ts";
import type { Article, Translation } from "#sandbox/zendesk/records/account-model.ts";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { CATEGORIES, HELP_LOCALES, SECTIONS } from "#sandbox/zendesk/records/account.ts";
import { type Call, found, get, type Reply, type Route } from "./route.ts";

const AT = "/help_center";

/** An export gives this many articles a page. */
const EXPORTED_MAX = 1_000;

/** The help centre: its languages, sections and articles. */
export const HELP_CENTER_ROUTES: readonly Route[] = [
  get(`${AT}/locales`, "anyone", () => ({
    body: { locales: HELP_LOCALES, default_locale: HELP_LOCALES[0] },
  })),
  get(`${AT}/incremental/articles`, "staff", changedArticles),
  get(`${AT}/articles/:id/translations`, "staff", (call) => {
    const article = found(call.desk.articles.get(call.id()));
    const rows = article.translations.map((words, place) => ({
      ...words,
      id: article.id * 10 + place,
    }));
    const json = (desk: Desk, row: Translation) => wordsJson(desk, article, row);
    return call.list("translations", rows, json);
  }),
  get(`${AT}/:locale/articles`, "staff", (call) => {
    const locale = localeOf(call);
    const rows = articlesOf(call.desk).filter(({ translations }) =>
      translations.some((one) => one.locale === locale),
    );
    const json = (desk: Desk, row: Article) => articleJson(desk, row, locale);
    return call.list("articles", rows, json);
  }),
  get(`${AT}/:locale/sections`, "staff", (call) =>
    call.list("sections", SECTIONS, (_desk, { id, names, category, parent }) => ({
      id,
      name: names[localeOf(call)],
      category_id: category,
      parent_section_id: parent,
    })),
  ),
  get(`${AT}/:locale/categories`, "staff", (call) =>
    call.list("categories", CATEGORIES, (_desk, { id, names }) => ({
      id,
      name: names[localeOf(call)],
    })),
  ),
];

/** Each article once that changed at the time or later, in the order of the changes, in its source language. */
function changedArticles({ desk, query }: Call): Reply {
  const start = Number(query.get("start_time"));
  if (!query.has("start_time") || !Number.isInteger(start) || start < 0)
    throw invalidAttribute("start_time must be a number of seconds since 1970");
  const seconds = ({ updated_at: at }: Article): number => Date.parse(at) / 1_000;
  const rows = articlesOf(desk)
    .filter((article) => seconds(article) >= start)
    .toSorted((one, other) => seconds(one) - seconds(other));
  const page = rows.slice(0, EXPORTED_MAX);
  const last = page.at(-1);
  const end = last === undefined ? start : seconds(last);
  const next = `${desk.url()}/api/v2${AT}/incremental/articles.json?start_time=${end}`;
  return {
    body: {
      articles: page.map((row) => articleJson(desk, row, row.source_locale)),
      count: page.length,
      end_time: end,
      next_page: rows.length > page.length ? next : null,
    },
  };
}

function localeOf(call: Call): string {
  return found(HELP_LOCALES.find((one) => one === call.params["locale"]));
}

/** In the order of their numbers. */
function articlesOf(desk: Desk): readonly Article[] {
  return desk.articles.all().toSorted((one, other) => one.id - other.id);
}

/** One language of an article; 404 where it is not written in it. */
function wordsIn(article: Article, locale: string): Translation {
  return found(article.translations.find((one) => one.locale === locale));
}

/** Address of an article's page in the help centre. */
function articleUrl(desk: Desk, article: Article, { locale, title }: Translation): string {
  const words = title.replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-|-$/g, "");
  return `${desk.url()}/hc/${locale}/articles/${article.id}-${encodeURIComponent(words)}`;
}

/** What the API shows of an article in one of its languages. */
function wordsJson(desk: Desk, article: Article, words: Translation) {
  const html_url = articleUrl(desk, article, words);
  return { ...words, html_url, created_at: article.created_at, updated_at: article.updated_at };
}

/** An article in one of its languages; of itself it never says that it is outdated. */
function articleJson(desk: Desk, article: Article, locale: string): Record<string, unknown> {
  const { translations, ...record } = article;
  return {
    ...record,
    ...wordsJson(desk, article, wordsIn(article, locale)),
    user_segment_ids: article.user_segment_id === null ? [] : [article.user_segment_id],
    outdated: false,
    outdated_locales: translations.filter((one) => one.outdated).map((one) => one.locale),
  };
}
