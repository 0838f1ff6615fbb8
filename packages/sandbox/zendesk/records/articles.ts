/** The local Zendesk's help centre, its articles and sections: what there is, how it changes, and as the API shows it. */
import { z } from "zod";
import { recordInvalid, recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import { type Article, Translation } from "./account-model.ts";
import { type Desk, stamp } from "./desk.ts";
import { SAMPLE_ARTICLES } from "./sample-articles.ts";

/** What the API takes for one language of an article. */
export const TranslationInput = z.object({
  locale: z.string().optional(),
  title: z.string().optional(),
  body: z.string().optional(),
  draft: z.boolean().optional(),
  outdated: z.boolean().optional(),
});
export type TranslationInput = z.infer<typeof TranslationInput>;

/** What the API takes for an article besides its words. */
export const ArticleInput = z.object({
  label_names: z.array(z.string()).optional(),
  user_segment_id: z.number().nullish(),
  section_id: z.number().optional(),
});
export type ArticleInput = z.infer<typeof ArticleInput>;

/** In the order of their numbers. */
export function articlesOf(desk: Desk): readonly Article[] {
  return desk.articles.all().toSorted((one, other) => one.id - other.id);
}

/** The article with this id; 404 otherwise, as for one that was archived. */
export function findArticle(desk: Desk, id: number): Article {
  const article = desk.articles.get(id);
  if (!article) throw recordNotFound();
  return article;
}

/** One language of an article; 404 where it is not written in it. */
export function findTranslation(article: Article, locale: string): Translation {
  const found = article.translations.find((one) => one.locale === locale);
  if (!found) throw recordNotFound();
  return found;
}

/** Makes an article with its first language. */
export function makeArticle(
  desk: Desk,
  sectionId: number,
  input: ArticleInput & TranslationInput,
): Article {
  const now = stamp(desk.now());
  const locale = input.locale ?? "en-us";
  return desk.write(() => {
    const article: Article = {
      id: desk.nextId("record"),
      section_id: sectionById(sectionId).id,
      source_locale: locale,
      label_names: input.label_names ?? [],
      user_segment_id: input.user_segment_id ?? null,
      position: 0,
      created_at: now,
      updated_at: now,
      translations: [],
    };
    return withTranslation(desk, article, { ...input, locale });
  });
}

/** Changes what is around an article's words. */
export function changeArticle(desk: Desk, article: Article, input: ArticleInput): Article {
  const said = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  if (input.section_id !== undefined) sectionById(input.section_id);
  const changed = { ...article, ...said, updated_at: stamp(desk.now()) };
  desk.write(() => desk.articles.put(changed));
  return changed;
}

/** Adds a language, or changes one. A change of the source text marks no other language by itself. */
export function withTranslation(desk: Desk, article: Article, input: TranslationInput): Article {
  const now = stamp(desk.now());
  const locale = input.locale ?? "";
  if (!HELP_LOCALES.some((known) => known === locale))
    throw recordInvalid("locale", "Locale: is not enabled for the help center", "InvalidValue");
  const known = article.translations.find((one) => one.locale === locale);
  const said = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  return desk.write(() => {
    const blank = { title: "", body: "", draft: false, outdated: false, created_at: now };
    const id = known?.id ?? desk.nextId("record");
    const translation = Translation.parse({ ...blank, ...known, ...said, id, updated_at: now });
    const others = article.translations.filter((one) => one.locale !== locale);
    const changed = { ...article, updated_at: now, translations: [...others, translation] };
    desk.articles.put(changed);
    return changed;
  });
}

/** Address of an article's page in the help centre. */
function articleUrl(desk: Desk, article: Article, { locale, title }: Translation): string {
  const words = title.replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-|-$/g, "");
  return `${desk.url()}/hc/${locale}/articles/${article.id}-${encodeURIComponent(words)}`;
}

/** An article in one of its languages, as the API shows it. */
export function articleJson(
  desk: Desk,
  article: Article,
  translation: Translation,
): Record<string, unknown> {
  const { translations, ...record } = article;
  const { locale, title, body, draft, updated_at: edited } = translation;
  return {
    ...record,
    url: `${desk.url()}/api/v2/help_center/${locale}/articles/${article.id}.json`,
    html_url: articleUrl(desk, article, translation),
    author_id: null,
    comments_disabled: true,
    content_tag_ids: [],
    promoted: false,
    vote_count: 0,
    vote_sum: 0,
    permission_group_id: 1,
    user_segment_ids: article.user_segment_id === null ? [] : [article.user_segment_id],
    name: title,
    title,
    body,
    draft,
    locale,
    edited_at: edited,
    outdated: false,
    outdated_locales: translations.filter((one) => one.outdated).map((one) => one.locale),
  };
}

/** One language of an article, as the API shows it by itself. */
export function translationJson(
  desk: Desk,
  article: Article,
  translation: Translation,
): Record<string, unknown> {
  const { id, locale } = translation;
  const at = `${desk.url()}/api/v2/help_center/articles/${article.id}/translations/${locale}.json`;
  return {
    ...translation,
    url: at,
    html_url: articleUrl(desk, article, translation),
    id,
    source_id: article.id,
    source_type: "Article",
    hidden: false,
  };
}

/** Inside a write: puts in the sample articles of an account that never had any. */
export function seedArticles(desk: Desk): void {
  if (desk.secrets.get("articles-seeded")) return;
  // Recorded separately, since the team may have archived them all.
  desk.secrets.put({ id: "articles-seeded", value: "yes" });
  const created = stamp(desk.now());
  for (const [at, { translations, ...sample }] of SAMPLE_ARTICLES.entries())
    desk.articles.put({
      ...sample,
      source_locale: "en-us",
      position: at,
      created_at: created,
      updated_at: created,
      translations: translations.map((translation, place) => ({
        draft: false,
        outdated: false,
        ...translation,
        id: sample.id + 10_000 + place,
        created_at: created,
        updated_at: created,
      })),
    });
}

// Languages, categories and sections.

/** The languages the help centre is written in; the first is the default. */
export const HELP_LOCALES = ["en-us", "de"] as const;

/** A name in each language. */
type Names = Readonly<Record<(typeof HELP_LOCALES)[number], string>>;

/** Categories; they have no parent. */
export const CATEGORIES: readonly { readonly id: number; readonly names: Names }[] = [
  { id: 4_800_000_001, names: { "en-us": "At home", de: "Zu Hause" } },
  { id: 4_800_000_002, names: { "en-us": "In the shop", de: "Im Geschäft" } },
];

/** A section of articles; it may lie in another section. */
interface Section {
  readonly id: number;
  readonly category: number;
  readonly parent: number | null;
  readonly names: Names;
}

/** All sections, in the order of their numbers. */
export const SECTIONS: readonly Section[] = [
  {
    id: 4_810_000_001,
    category: 4_800_000_001,
    parent: null,
    names: { "en-us": "Setting up", de: "Aufbau" },
  },
  {
    id: 4_810_000_002,
    category: 4_800_000_001,
    parent: 4_810_000_001,
    names: { "en-us": "Lighting", de: "Licht" },
  },
  {
    id: 4_810_000_003,
    category: 4_800_000_002,
    parent: null,
    names: { "en-us": "For the team", de: "Für das Team" },
  },
];

/** The section with this id; 404 when there is none. */
function sectionById(id: number): Section {
  const section = SECTIONS.find((one) => one.id === id);
  if (section === undefined) throw recordNotFound();
  return section;
}

/** A section as the API shows it. */
export function sectionJson(
  desk: Desk,
  { id, category, parent, names }: Section,
  locale: string,
): Record<string, unknown> {
  return {
    ...headingJson(desk, { id, names }, { kind: "sections", locale }),
    category_id: category,
    parent_section_id: parent,
    sorting: "manual",
  };
}

/** A category as the API shows it. */
export function categoryJson(
  desk: Desk,
  category: (typeof CATEGORIES)[number],
  locale: string,
): Record<string, unknown> {
  return headingJson(desk, category, { kind: "categories", locale });
}

function headingJson(
  desk: Desk,
  { id, names }: { readonly id: number; readonly names: Names },
  { kind, locale }: { readonly kind: string; readonly locale: string },
): Record<string, unknown> {
  return {
    id,
    url: `${desk.url()}/api/v2/help_center/${locale}/${kind}/${id}.json`,
    html_url: `${desk.url()}/hc/${locale}`,
    name: names[HELP_LOCALES.find((known) => known === locale) ?? "en-us"],
    description: "",
    locale,
    source_locale: HELP_LOCALES[0],
    outdated: false,
    position: 0,
  };
}
