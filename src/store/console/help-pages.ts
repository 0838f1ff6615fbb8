/** The help pages and their sources as the console lists them. */
import { z } from "zod";
import { rowsOf, type Transaction, valuesOf } from "#store/db/database.ts";
import { sql, type SQL } from "#store/db/drizzle.ts";
import type { PageDoubt } from "#store/knowledge/page-notes.ts";
import { rowTotal } from "./cursor.ts";

/** How many pages one list shows. */
const LISTED_MAX = 50;

const ListedSource = z.object({
  name: z.string(),
  /** Pages that are stored now. */
  pages: z.coerce.number(),
  /** How many of these are switched off. */
  off: z.coerce.number(),
  /** Of a source that a lead added; null for the others. */
  kind: z.string().nullable(),
  location: z.string().nullable(),
  addedBy: z.string().nullable(),
  readAt: z.coerce.date().nullable(),
  leftOut: z.coerce.number(),
  /** Why the last reading was not taken over; empty when it was. */
  problem: z.string(),
});
/** A place that pages come from. */
export type ListedSource = z.infer<typeof ListedSource>;

const OFF = sql`exists (select from page_off off where off.slug = page.slug and off.on_at is null)`;

/** Every source that has pages or was added, by name. */
export function listedSources(transaction: Transaction): Promise<readonly ListedSource[]> {
  return rowsOf(
    transaction,
    ListedSource,
    sql`select name, coalesce(held.pages, 0) as pages, coalesce(held.off, 0) as off, kind, location,
               added_by as "addedBy", read_at as "readAt", coalesce(left_out, 0) as "leftOut",
               coalesce(problem, '') as problem
        from (select page.source as name, count(*) as pages, count(*) filter (where ${OFF}) as off
              from help_page page group by page.source) held
        full join (select name, kind, location, added_by, read_at, left_out, problem
                   from knowledge_source) added using (name)
        order by name`,
  );
}

const LeftOut = z.object({ id: z.string(), reason: z.string() });

/** What the last reading of a source left out, and why. */
export function leftOutBy(
  transaction: Transaction,
  source: string,
): Promise<readonly z.infer<typeof LeftOut>[]> {
  return rowsOf(
    transaction,
    LeftOut,
    sql`select id, reason from knowledge_left_out where source = ${source} order by id`,
  );
}

/** A page with what is known of it besides its text. */
export const ListedPage = z.object({
  slug: z.string(),
  title: z.string(),
  /** Where customers can read it; empty where they cannot. */
  url: z.string(),
  source: z.string(),
  /** A day, such as 2026-09-14. */
  updated: z.string(),
  language: z.string(),
  brands: z.array(z.string()),
  audience: z.enum(["customers", "team"]),
  validFrom: z.string().nullable(),
  validUntil: z.string().nullable(),
  owner: z.string(),
  version: z.number(),
  isOff: z.boolean(),
  /** It looks as if it instructed the bot, and no lead has allowed it: no answer rests on it. */
  isWithheld: z.boolean(),
  /** Another page says otherwise, or its source is gone: a person decides on what rests on it. */
  isDoubted: z.boolean(),
});
export type ListedPage = z.infer<typeof ListedPage>;

/** Whether a reason of these kinds that no lead has put aside stands against a page. */
function doubted(kinds: readonly PageDoubt["kind"][]): SQL {
  return sql`exists (select from page_doubt doubt
    where doubt.slug = page.slug and doubt.kind in ${kinds} and doubt.allowed_by = '')`;
}
const WITHHELD = doubted(["instructions"]);
const DOUBTED = doubted(["contradiction", "source gone"]);

const COLUMNS = sql`page.slug, page.title, page.url, page.source, page.updated::text as updated, page.language,
  page.brands, page.audience, page.valid_from::text as "validFrom", page.valid_until::text as "validUntil",
  page.owner, page.version, ${OFF} as "isOff", ${WITHHELD} as "isWithheld", ${DOUBTED} as "isDoubted"`;

/** What a list of pages is about; an empty member leaves nothing out. */
export interface PageFilter {
  readonly words: string;
  readonly source: string;
  readonly language: string;
  readonly audience: string;
  readonly state: "" | "found" | "off" | "past" | "future" | "doubt";
  /** The day that decides whether a page holds, such as 2026-09-14. */
  readonly today: string;
  /** The last page of the list before; empty for the first one. */
  readonly after: string;
}

const STATES = {
  "": () => sql`true`,
  off: () => OFF,
  doubt: () => sql`(${WITHHELD} or ${DOUBTED})`,
  past: (today) => sql`page.valid_until < ${today}::date`,
  future: (today) => sql`page.valid_from > ${today}::date`,
  found: (
    today,
  ) => sql`not ${OFF} and not ${WITHHELD} and coalesce(page.valid_until >= ${today}::date, true)
    and coalesce(page.valid_from <= ${today}::date, true)`,
} as const satisfies Record<PageFilter["state"], (today: string) => SQL>;

/** The pages that fit, by title, and how many fit in all. */
export async function listedPages(
  transaction: Transaction,
  { words, source, language, audience, state, today, after }: PageFilter,
) {
  const fits = sql`(${source} = '' or page.source = ${source})
    and (${language} = '' or page.language = ${language})
    and (${audience} = '' or page.audience = ${audience})
    and ${STATES[state](today)}
    and (${words} = '' or position(lower(${words}) in lower(page.title || ' ' || page.slug)) > 0
      or exists (select from help_passage passage where passage.slug = page.slug
                 and passage.words @@ websearch_to_tsquery('english', ${words})))`;
  const rows = await rowsOf(
    transaction,
    ListedPage,
    sql`select ${COLUMNS} from help_page page
        where ${fits} and (${after} = '' or (lower(page.title), page.slug) >
          (select lower(last.title), last.slug from help_page last where last.slug = ${after}))
        order by lower(page.title), page.slug limit ${LISTED_MAX + 1}`,
  );
  return {
    pages: rows.slice(0, LISTED_MAX),
    count: await rowTotal(transaction, sql`help_page page where ${fits}`),
    more: rows.length > LISTED_MAX,
  };
}

/** The languages pages have, for choosing one. */
export function pageLanguages(transaction: Transaction): Promise<readonly string[]> {
  return valuesOf(
    transaction,
    z.string(),
    sql`select distinct language from help_page where language <> '' order by language`,
  );
}

const PagePassage = z.object({ id: z.string(), heading: z.string(), body: z.string() });
/** A passage of a page. */
export type PagePassage = z.infer<typeof PagePassage>;

/** A page with its passages in their order. */
export type WholePage = NonNullable<Awaited<ReturnType<typeof wholePage>>>;

/** One page; null where there is none of this name. */
export async function wholePage(transaction: Transaction, slug: string) {
  const [page] = await rowsOf(
    transaction,
    ListedPage,
    sql`select ${COLUMNS} from help_page page where page.slug = ${slug}`,
  );
  if (page === undefined) return null;
  const passages = await rowsOf(
    transaction,
    PagePassage,
    sql`select id, heading, body from help_passage where slug = ${slug} order by position`,
  );
  return { page, passages };
}

/** The text of a page as Markdown, put together from its passages: a heading stands once for all of its parts. */
export function pageMarkdown(passages: readonly PagePassage[]): string {
  const parts = passages.map(({ heading, body }, index) => {
    const path = heading.split(" › ");
    const isNew = heading !== "" && heading !== passages[index - 1]?.heading;
    return isNew
      ? `${"#".repeat(Math.min(6, path.length + 1))} ${path.at(-1) ?? ""}\n\n${body}`
      : body;
  });
  return parts.join("\n\n");
}
