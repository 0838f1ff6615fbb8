/** Endpoints of the local Zendesk for its help centre. */
import { z } from "zod";
import { invalidAttribute, recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import { pageOf } from "#sandbox/zendesk/http/paging.ts";
import type { Article } from "#sandbox/zendesk/records/article-record.ts";
import {
  ArticleInput,
  articleJson,
  articlesOf,
  changeArticle,
  findArticle,
  findTranslation,
  makeArticle,
  TranslationInput,
  translationJson,
  withTranslation,
} from "#sandbox/zendesk/records/articles.ts";
import {
  CATEGORIES,
  categoryJson,
  HELP_LOCALES,
  sectionJson,
  SECTIONS,
} from "#sandbox/zendesk/records/sections.ts";
import { type Call, parseBody, pathId, type Reply, type Route } from "./route.ts";

const AT = "/help_center";

/** The help centre: its languages, sections and articles. */
export const HELP_CENTER_ROUTES: readonly Route[] = [
  { method: "GET", path: `${AT}/locales`, allow: "anyone", run: locales },
  { method: "GET", path: `${AT}/incremental/articles`, allow: "staff", run: changed },
  { method: "GET", path: `${AT}/articles/:id/translations`, allow: "staff", run: translations },
  { method: "POST", path: `${AT}/articles/:id/translations`, allow: "staff", run: translate },
  { method: "PUT", path: `${AT}/articles/:id/translations/:locale`, allow: "staff", run: reword },
  { method: "PUT", path: `${AT}/articles/:id`, allow: "staff", run: change },
  { method: "DELETE", path: `${AT}/articles/:id`, allow: "staff", run: archive },
  { method: "POST", path: `${AT}/sections/:id/articles`, allow: "staff", run: create },
  { method: "GET", path: `${AT}/:locale/articles`, allow: "staff", run: list },
  { method: "GET", path: `${AT}/:locale/articles/:id`, allow: "staff", run: show },
  { method: "GET", path: `${AT}/:locale/sections`, allow: "staff", run: sections },
  { method: "GET", path: `${AT}/:locale/categories`, allow: "staff", run: categories },
];

const NewArticle = z.object({ article: ArticleInput.extend(TranslationInput.shape) });
const ChangedArticle = z.object({ article: ArticleInput });
const Words = z.object({ translation: TranslationInput });

/** An export gives this many articles a page. */
const EXPORTED_MAX = 1_000;

function locales(): Reply {
  return { body: { locales: HELP_LOCALES, default_locale: HELP_LOCALES[0] } };
}

function localeOf(call: Call): string {
  const locale = HELP_LOCALES.find((one) => one === call.params["locale"]);
  if (locale === undefined) throw recordNotFound();
  return locale;
}

function list(call: Call): Reply {
  const locale = localeOf(call);
  const rows = articlesOf(call.desk).filter((article) =>
    article.translations.some((one) => one.locale === locale),
  );
  const json = (row: Article) => articleJson(call.desk, row, findTranslation(row, locale));
  return { body: pageOf("articles", rows, json, call.page).body };
}

function show(call: Call): Reply {
  const article = findArticle(call.desk, pathId(call));
  return {
    body: {
      article: articleJson(call.desk, article, findTranslation(article, localeOf(call))),
    },
  };
}

/** Each article once that changed at the time or later, in the order of the changes, in its source language. */
function changed(call: Call): Reply {
  const { desk, query } = call;
  const start = Number(query.get("start_time"));
  if (!query.has("start_time") || !Number.isInteger(start) || start < 0)
    throw invalidAttribute("start_time must be a number of seconds since 1970");
  const seconds = ({ updated_at: at }: Article): number => Date.parse(at) / 1_000;
  const rows = articlesOf(desk)
    .filter((article) => seconds(article) >= start)
    .toSorted((one, other) => seconds(one) - seconds(other));
  const shown = rows.slice(0, EXPORTED_MAX);
  const last = shown.at(-1);
  const end = last === undefined ? start : seconds(last);
  return {
    body: {
      articles: shown.map((row) => articleJson(desk, row, findTranslation(row, row.source_locale))),
      count: shown.length,
      end_time: end,
      next_page:
        rows.length > shown.length
          ? `${desk.url()}/api/v2${AT}/incremental/articles.json?start_time=${end}`
          : null,
    },
  };
}

function sections(call: Call): Reply {
  const locale = localeOf(call);
  const json = (row: (typeof SECTIONS)[number]) => sectionJson(call.desk, row, locale);
  return { body: pageOf("sections", SECTIONS, json, call.page).body };
}

function categories(call: Call): Reply {
  const locale = localeOf(call);
  const json = (row: (typeof CATEGORIES)[number]) => categoryJson(call.desk, row, locale);
  return { body: pageOf("categories", CATEGORIES, json, call.page).body };
}

function translations(call: Call): Reply {
  const article = findArticle(call.desk, pathId(call));
  const json = (row: Article["translations"][number]) => translationJson(call.desk, article, row);
  return { body: pageOf("translations", article.translations, json, call.page).body };
}

function create(call: Call): Reply {
  const { article: input } = parseBody(NewArticle, call.body);
  const article = makeArticle(call.desk, pathId(call), input);
  const words = findTranslation(article, article.source_locale);
  return { status: 201, body: { article: articleJson(call.desk, article, words) } };
}

function change(call: Call): Reply {
  const { article: input } = parseBody(ChangedArticle, call.body);
  const article = changeArticle(call.desk, findArticle(call.desk, pathId(call)), input);
  const words = findTranslation(article, article.source_locale);
  return { body: { article: articleJson(call.desk, article, words) } };
}

/** Zendesk keeps an archived article for a month; here it is gone, as for everybody who asks for it. */
function archive(call: Call): Reply {
  const { id } = findArticle(call.desk, pathId(call));
  call.desk.write(() => call.desk.articles.remove(id));
  return { status: 204 };
}

function translate(call: Call): Reply {
  return { ...worded(call, undefined), status: 201 };
}

function reword(call: Call): Reply {
  return worded(call, call.params["locale"]);
}

function worded(call: Call, locale: string | undefined): Reply {
  const { translation: input } = parseBody(Words, call.body);
  const named = locale ?? input.locale ?? "";
  const known = findArticle(call.desk, pathId(call));
  const article = withTranslation(call.desk, known, { ...input, locale: named });
  return {
    body: { translation: translationJson(call.desk, article, findTranslation(article, named)) },
  };
}
