/** The local Zendesk's help centre: its endpoints, its articles and sections, and as the API shows them. */
import { z } from "zod";
import { invalidAttribute, recordInvalid } from "#sandbox/zendesk/http/errors.ts";
import { Article, Translation } from "#sandbox/zendesk/records/account-model.ts";
import { type Desk, stamp } from "#sandbox/zendesk/records/desk.ts";
import { FIXED } from "#sandbox/zendesk/records/to-json.ts";
import { CATEGORIES, HELP_LOCALES, SECTIONS } from "#sandbox/zendesk/records/account.ts";
import { type Call, DONE, found, get, post, put, remove, type Reply, type Route } from "./route.ts";

const AT = "/help_center";

/** What is around an article's words. */
const ArticleInput = Article.pick({ label_names: true, user_segment_id: true, section_id: true });

/** What the API takes for one language of an article. */
const TranslationInput = Translation.pick({
  title: true,
  body: true,
  draft: true,
  outdated: true,
});
const FirstTranslation = TranslationInput.extend({ locale: z.string().default("en-us") });

/** An export gives this many articles a page. */
const EXPORTED_MAX = 1_000;

/** The help centre: its languages, sections and articles. */
export const HELP_CENTER_ROUTES: readonly Route[] = [
  get(`${AT}/locales`, "anyone", () => ({
    body: { locales: HELP_LOCALES, default_locale: HELP_LOCALES[0] },
  })),
  get(`${AT}/incremental/articles`, "staff", changedArticles),
  get(`${AT}/articles/:id/translations`, "staff", (call) => {
    const article = findArticle(call);
    const json = (desk: Desk, row: Translation) => translationJson(desk, article, row);
    return call.list("translations", article.translations, json);
  }),
  put(`${AT}/articles/:id/translations/:locale`, "staff", (call) => {
    const locale = localeOf(call);
    const known = findArticle(call);
    const before = known.translations.find((one) => one.locale === locale);
    const input = call.input("translation", TranslationInput, before);
    const article = withTranslation(call.desk, known, { ...input, locale });
    const translation = translationJson(call.desk, article, wordsIn(article, locale));
    return { body: { translation } };
  }),
  put(`${AT}/articles/:id`, "staff", (call) => {
    const known = findArticle(call);
    const input = call.input("article", ArticleInput, known);
    requireSection(input.section_id);
    return articleReply(call, 200, call.desk.save(call.desk.articles, input, known));
  }),
  /** Zendesk keeps an archived article for a month; here it is gone, as for everybody who asks for it. */
  remove(`${AT}/articles/:id`, "staff", (call) => {
    const { id } = findArticle(call);
    call.desk.write(() => call.desk.articles.remove(id));
    return DONE;
  }),
  post(`${AT}/sections/:id/articles`, "staff", (call) => {
    const { desk } = call;
    const section_id = call.id();
    const said = call.input("article", ArticleInput, { section_id });
    const words = call.input("article", FirstTranslation);
    requireSection(section_id);
    const article = desk.write(() => {
      const fields = { ...said, section_id, source_locale: words.locale };
      return withTranslation(desk, desk.save(desk.articles, fields), words);
    });
    return articleReply(call, 201, article);
  }),
  get(`${AT}/:locale/articles`, "staff", (call) => {
    const locale = localeOf(call);
    const rows = articlesOf(call.desk).filter(({ translations }) =>
      translations.some((one) => one.locale === locale),
    );
    const json = (desk: Desk, row: Article) => articleJson(desk, row, locale);
    return call.list("articles", rows, json);
  }),
  get(`${AT}/:locale/sections`, "staff", (call) => {
    const json = (desk: Desk, { category, parent, ...row }: (typeof SECTIONS)[number]) => ({
      ...headingJson(desk, row, "sections", localeOf(call)),
      category_id: category,
      parent_section_id: parent,
      sorting: "manual",
    });
    return call.list("sections", SECTIONS, json);
  }),
  get(`${AT}/:locale/categories`, "staff", (call) => {
    const json = (desk: Desk, row: Heading) => headingJson(desk, row, "categories", localeOf(call));
    return call.list("categories", CATEGORIES, json);
  }),
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

function articleReply(call: Call, status: number, article: Article): Reply {
  return { status, body: { article: articleJson(call.desk, article, article.source_locale) } };
}

function localeOf(call: Call): string {
  return found(HELP_LOCALES.find((one) => one === call.params["locale"]));
}

/** In the order of their numbers. */
function articlesOf(desk: Desk): readonly Article[] {
  return desk.articles.all().toSorted((one, other) => one.id - other.id);
}

/** 404 for one that is none, as for one that was archived. */
function findArticle(call: Call): Article {
  return found(call.desk.articles.get(call.id()));
}

/** One language of an article; 404 where it is not written in it. */
function wordsIn(article: Article, locale: string): Translation {
  return found(article.translations.find((one) => one.locale === locale));
}

function requireSection(id: number): void {
  found(SECTIONS.find((one) => one.id === id));
}

/** Adds a language, or changes one. A change of the source text marks no other language by itself. */
function withTranslation(
  desk: Desk,
  article: Article,
  words: z.infer<typeof FirstTranslation>,
): Article {
  const { locale } = words;
  if (!HELP_LOCALES.some((known) => known === locale))
    throw recordInvalid("locale", "Locale: is not enabled for the help center", "InvalidValue");
  const known = article.translations.find((one) => one.locale === locale);
  const others = article.translations.filter((one) => one !== known);
  return desk.write(() => {
    const id = known?.id ?? desk.nextId("record");
    const at = stamp(desk.now());
    const translation = { created_at: at, ...known, ...words, id, updated_at: at };
    return desk.save(desk.articles, { translations: [...others, translation] }, article);
  });
}

/** Address of an article's page in the help centre. */
function articleUrl(desk: Desk, article: Article, { locale, title }: Translation): string {
  const words = title.replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-|-$/g, "");
  return `${desk.url()}/hc/${locale}/articles/${article.id}-${encodeURIComponent(words)}`;
}

/** An article in one of its languages, as the API shows it. */
function articleJson(desk: Desk, article: Article, locale: string): Record<string, unknown> {
  const { translations, ...record } = article;
  const words = wordsIn(article, locale);
  const { title, body, draft, updated_at: edited } = words;
  return {
    ...record,
    url: `${desk.url()}/api/v2/help_center/${locale}/articles/${article.id}.json`,
    html_url: articleUrl(desk, article, words),
    ...FIXED["article"],
    user_segment_ids: article.user_segment_id === null ? [] : [article.user_segment_id],
    name: title,
    title,
    body,
    draft,
    locale,
    edited_at: edited,
    outdated_locales: translations.filter((one) => one.outdated).map((one) => one.locale),
  };
}

/** One language of an article, as the API shows it by itself. */
function translationJson(
  desk: Desk,
  article: Article,
  words: Translation,
): Record<string, unknown> {
  const { locale } = words;
  return {
    ...words,
    url: `${desk.url()}/api/v2/help_center/articles/${article.id}/translations/${locale}.json`,
    html_url: articleUrl(desk, article, words),
    source_id: article.id,
    source_type: "Article",
    hidden: false,
  };
}

type Heading = (typeof CATEGORIES)[number];

/** A section or category as the API shows it. */
function headingJson(desk: Desk, { id, names }: Heading, kind: string, locale: string) {
  return {
    id,
    url: `${desk.url()}/api/v2/help_center/${locale}/${kind}/${id}.json`,
    html_url: `${desk.url()}/hc/${locale}`,
    name: names[locale],
    ...FIXED["heading"],
    locale,
    source_locale: HELP_LOCALES[0],
  };
}
