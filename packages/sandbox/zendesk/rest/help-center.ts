/** Endpoints of the local Zendesk for its help centre. */
import { z } from "zod";
import { invalidAttribute, recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import type { Article } from "#sandbox/zendesk/records/account-model.ts";
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
  CATEGORIES,
  categoryJson,
  HELP_LOCALES,
  sectionJson,
  SECTIONS,
} from "#sandbox/zendesk/records/articles.ts";
import { type Call, listReply, parseBody, pathId, type Reply, type Route } from "./route.ts";

const AT = "/help_center";

/** The help centre: its languages, sections and articles. */
export const HELP_CENTER_ROUTES: readonly Route[] = [
  { method: "get", path: `${AT}/locales`, allow: "anyone", run: locales },
  { method: "get", path: `${AT}/incremental/articles`, allow: "staff", run: changed },
  { method: "get", path: `${AT}/articles/:id/translations`, allow: "staff", run: translations },
  { method: "put", path: `${AT}/articles/:id/translations/:locale`, allow: "staff", run: reword },
  { method: "put", path: `${AT}/articles/:id`, allow: "staff", run: change },
  { method: "delete", path: `${AT}/articles/:id`, allow: "staff", run: archive },
  { method: "post", path: `${AT}/sections/:id/articles`, allow: "staff", run: create },
  { method: "get", path: `${AT}/:locale/articles`, allow: "staff", run: list },
  { method: "get", path: `${AT}/:locale/sections`, allow: "staff", run: sections },
  { method: "get", path: `${AT}/:locale/categories`, allow: "staff", run: categories },
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
  return listReply(call, "articles", rows, json);
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
  return listReply(call, "sections", SECTIONS, json);
}

function categories(call: Call): Reply {
  const locale = localeOf(call);
  const json = (row: (typeof CATEGORIES)[number]) => categoryJson(call.desk, row, locale);
  return listReply(call, "categories", CATEGORIES, json);
}

function translations(call: Call): Reply {
  const article = findArticle(call.desk, pathId(call));
  const json = (row: Article["translations"][number]) => translationJson(call.desk, article, row);
  return listReply(call, "translations", article.translations, json);
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

function reword(call: Call): Reply {
  const { translation: input } = parseBody(Words, call.body);
  const locale = localeOf(call);
  const known = findArticle(call.desk, pathId(call));
  const article = withTranslation(call.desk, known, { ...input, locale });
  const words = findTranslation(article, locale);
  return { body: { translation: translationJson(call.desk, article, words) } };
}
