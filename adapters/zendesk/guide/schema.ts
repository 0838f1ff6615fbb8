/** Schemas of the help centre's answers, as far as they are read. */
import { z } from "zod";

const Id = z.int().positive();
const Time = z.string().refine((text) => !Number.isNaN(Date.parse(text)), "is no time");
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
  updated_at: Time,
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

const Meta = z
  .object({ has_more: z.boolean(), after_cursor: z.string().nullish() })
  .transform((meta) => ({ has_more: meta.has_more, after_cursor: meta.after_cursor ?? null }));

/** A page of articles in one language. */
export const Articles = z
  .object({ articles: z.array(Article), meta: Meta })
  .transform(({ articles: rows, meta }) => ({ rows, meta }));

const Translation = Article.pick({
  locale: true,
  title: true,
  body: true,
  html_url: true,
  draft: true,
  outdated: true,
  updated_at: true,
});

/** A page of one article's languages. */
export const Translations = z
  .object({ translations: z.array(Translation), meta: Meta })
  .transform(({ translations: rows, meta }) => ({ rows, meta }));

const Section = z.object({
  id: Id,
  name: z.string(),
  category_id: Id,
  parent_section_id: Id.nullish(),
});

/** A page of sections in one language. */
export const Sections = z
  .object({ sections: z.array(Section), meta: Meta })
  .transform(({ sections: rows, meta }) => ({ rows, meta }));

/** A page of categories in one language. */
export const Categories = z
  .object({ categories: z.array(z.object({ id: Id, name: z.string() })), meta: Meta })
  .transform(({ categories: rows, meta }) => ({ rows, meta }));
