/** Checks all stored help pages for what a lead should mend. */

import { daysBefore, utcDay } from "#core/values/moment.ts";
import { posix } from "node:path";
import { z } from "zod";
import { barredLinks } from "#text/about-text.ts";
import { addedSources } from "#knowledge/sources/source-rows.ts";
import { leftOutBy } from "#store/console/help-pages.ts";
import { rowsOf, type Store, type Transaction, valuesOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { pageDoubts } from "#store/knowledge/page-notes.ts";
import {
  type Contradiction,
  contradictionsIn,
  duplicatesIn,
  CheckedPage,
} from "./compare-pages.ts";
import { quoted, readContradictions } from "./read-contradictions.ts";

/** One thing to mend, as a line for a person and as data for a program. */
export interface PageProblem {
  readonly kind:
    | "contradiction"
    | "duplicate"
    | "expired"
    | "source gone"
    | "instructions"
    | "dead link"
    | "barred link"
    | "not compared"
    | "never found";
  /** An error misleads customers; a hint only costs a lead's time. */
  readonly grade: "error" | "hint";
  /** The pages it is about, by the names a search shows. */
  readonly pages: readonly string[];
  /** What is wrong, in words for a lead. */
  readonly said: string;
}

const HINTS: ReadonlySet<PageProblem["kind"]> = new Set([
  "duplicate",
  "not compared",
  "never found",
  "barred link",
]);

function problem(kind: PageProblem["kind"], pages: readonly string[], said: string): PageProblem {
  return { kind, grade: HINTS.has(kind) ? "hint" : "error", pages, said };
}

const StoredPage = CheckedPage.extend({
  source: z.string(),
  audience: z.string(),
  hash: z.string(),
  /** The reading model was to compare it with the others, and could not. */
  isUncompared: z.boolean(),
});
type StoredPage = z.infer<typeof StoredPage>;

/** Every page that is not switched off, with its passages. */
export function storedPages(transaction: Transaction): Promise<readonly StoredPage[]> {
  return rowsOf(
    transaction,
    StoredPage,
    sql`select page.slug, page.title, page.url, page.source, page.language, page.audience, page.brands,
               page.valid_from::text as "validFrom", page.valid_until::text as "validUntil", page.hash,
               coalesce(page.compare_at < 'infinity', false) as "isUncompared",
               (select coalesce(json_agg(json_build_object('id', p.id, 'heading', p.heading, 'body', p.body)
                                  order by p.position), '[]')
                  from help_passage p where p.slug = page.slug) as passages
        from help_page page
        where not exists (select from page_off o where o.slug = page.slug and o.on_at is null)
        order by page.slug`,
  );
}

/** A source that could not be read for this long is gone, and its pages may be wrong by now. */
const GONE_AFTER_DAYS = 3;

/** All problems of the stored pages, errors first. Reads only. */
export async function checkPages(
  store: Store,
  {
    now,
    days,
    linkHosts,
  }: { readonly now: Date; readonly days: number; readonly linkHosts: readonly string[] },
): Promise<readonly PageProblem[]> {
  const pages = await store.run(storedPages);
  const contradictions = await contradictionsOf(store, pages);
  const problems = [
    ...contradictions.map(({ one, other }) =>
      problem(
        "contradiction",
        [one.passage, other.passage],
        `${quoted(one.sentence)} and ${quoted(other.sentence)}`,
      ),
    ),
    ...expiredIn(pages, now),
    ...(await store.run(sourceProblems, pages, now)),
    ...(await store.run(instructionProblems)),
    ...duplicatesIn(pages).map(({ one, other, alike }) =>
      problem(
        "duplicate",
        [one, other],
        alike === 1 ? "they say the same" : `they are alike by ${Math.floor(alike * 100)} %`,
      ),
    ),
    ...pages.flatMap(({ slug, isUncompared }) =>
      isUncompared ? problem("not compared", [slug], "the model tries again by itself") : [],
    ),
    ...pages.flatMap(({ slug, passages }) =>
      barredLinks(passages.map(({ body }) => body).join("\n"), linkHosts).map((reason) =>
        problem("barred link", [slug], reason),
      ),
    ),
    ...(await store.run(neverFound, pages, { now, days })),
  ];
  return problems.toSorted(
    (one, other) => Number(HINTS.has(one.kind)) - Number(HINTS.has(other.kind)),
  );
}

function expiredIn(pages: readonly StoredPage[], now: Date): readonly PageProblem[] {
  const today = utcDay(now);
  return pages.flatMap(({ slug, validUntil }) =>
    validUntil === null || validUntil >= today
      ? []
      : problem("expired", [slug], `it held until ${validUntil} and answers no customer since`),
  );
}

/** What values tell, and what the reading model found between other passages. */
async function contradictionsOf(
  store: Store,
  pages: readonly StoredPage[],
): Promise<readonly Contradiction[]> {
  const found = await contradictionsIn(pages);
  const read = await store.run(readContradictions, pages);
  const names = ({ one, other }: Contradiction) => [one.passage, other.passage].toSorted().join();
  const known = new Set(found.map(names));
  return [...found, ...read.filter((pair) => !known.has(names(pair)))];
}

/** Contradictions between the stored pages, each side with the title of its page. */
export async function comparedPages(store: Store) {
  // They are compared outside the transaction, which would keep others waiting.
  const pages = await store.run(storedPages);
  const titles = new Map(pages.map(({ slug, title }) => [slug, title]));
  const named = (side: Contradiction["one"]) => ({
    ...side,
    title: titles.get(side.slug) ?? side.slug,
  });
  const found = await contradictionsOf(store, pages);
  return found.map(({ one, other }) => ({ one: named(one), other: named(other) }));
}

/** Sources that could not be read for days, with the names of their pages. */
export async function goneSources(
  transaction: Transaction,
  now: Date,
): Promise<readonly { readonly slugs: readonly string[]; readonly said: string }[]> {
  const sources = await addedSources(transaction);
  const gone = sources.filter(
    ({ problem, read_at }) =>
      problem !== "" && (read_at === null || read_at < daysBefore(now, GONE_AFTER_DAYS)),
  );
  return Promise.all(
    gone.map(async ({ name, read_at, problem }) => {
      const slugs = await valuesOf(
        transaction,
        z.string(),
        sql`select slug from help_page where source = ${name} order by slug`,
      );
      const when = read_at === null ? "never read" : `last read on ${utcDay(read_at)}`;
      return { slugs, said: `${name} was ${when}: ${problem}` };
    }),
  );
}

async function sourceProblems(
  transaction: Transaction,
  pages: readonly StoredPage[],
  now: Date,
): Promise<readonly PageProblem[]> {
  const gone = await goneSources(transaction, now);
  const problems = gone.map(({ slugs, said }) => problem("source gone", slugs, said));
  for (const { name, kind } of await addedSources(transaction)) {
    const own = pages.filter(({ source }) => source === name);
    const leftOut = await leftOutBy(transaction, name);
    const reasons = new Map(leftOut.map(({ id, reason }) => [id, reason]));
    for (const { slug, link, reason } of deadLinksIn(own, { name, kind, leftOut: reasons }))
      problems.push(problem("dead link", [slug], `its link to ${link} leads nowhere: ${reason}`));
  }
  return problems;
}

async function instructionProblems(transaction: Transaction): Promise<readonly PageProblem[]> {
  const doubts = await pageDoubts(transaction);
  return doubts
    .filter(({ kind, allowedBy }) => kind === "instructions" && allowedBy === "")
    .map(({ slug, reason }) => problem("instructions", [slug], `${reason}; no answer rests on it`));
}

const ENOUGH_DAYS = 7;

/** Pages whose title no search of the last days brought; nothing where no turn has searched. */
async function neverFound(
  transaction: Transaction,
  pages: readonly StoredPage[],
  { now, days }: { readonly now: Date; readonly days: number },
): Promise<readonly PageProblem[]> {
  const since = daysBefore(now, days).toISOString();
  // What nobody has found in the first days says little.
  const enough = daysBefore(now, ENOUGH_DAYS).toISOString();
  const found = await valuesOf(
    transaction,
    z.string(),
    sql`select distinct span -> 'attributes' ->> 'deskhand.found' as titles
        from turn, jsonb_array_elements(turn.trace -> 'spans') span
        where turn.started_at >= ${since} and span -> 'attributes' ->> 'gen_ai.tool.name' = 'search_faq'
          and span -> 'attributes' ->> 'deskhand.found' is not null
          and exists (select from turn where started_at < ${enough})`,
  );
  if (found.length === 0) return [];
  const titles = found.join("\n");
  return pages
    .filter(({ audience }) => audience === "customers")
    .filter(({ title }) => !titles.includes(title.replaceAll(/\s+/g, " ")))
    .map(({ slug }) =>
      problem("never found", [slug], `no question of the last ${days} days found it`),
    );
}

// Finds links that lead to a page of the same source which is not there. Pure.

/** What a source has, and what it left out with the reason. */
interface LinkedSource {
  readonly name: string;
  readonly kind: string;
  readonly leftOut: ReadonlyMap<string, string>;
}

const LINK = /\[[^\][]*\]\((?<target>[^()\s]+)(?:\s[^()]*)?\)/g;
const DOCUMENT = /\.(?:md|mdx|markdown|html?|pdf|docx|txt)$/i;

/**
 * The dead links of one source's pages. Of a folder those to files of documents that it does not have; of a site those
 * to pages that it was asked for and did not give. Links to other places are not asked.
 */
function deadLinksIn(pages: readonly CheckedPage[], source: LinkedSource) {
  const pageId = ({ slug }: CheckedPage): string => slug.slice(source.name.length + 1);
  const known = new Set(pages.map(pageId));
  const urls = new Set(pages.map(({ url }) => url));
  return pages.flatMap((page) =>
    linkTargets(page).flatMap((link) => {
      const reason =
        source.kind === "folder"
          ? missingFile(link, pageId(page), { known, source })
          : missingPage(link, page.url, { urls, source });
      return reason === null ? [] : [{ slug: page.slug, link, reason }];
    }),
  );
}

function linkTargets({ passages }: CheckedPage): readonly string[] {
  const all = passages.flatMap(({ body }) =>
    [...body.matchAll(LINK)].map(({ groups }) => groups?.["target"] ?? ""),
  );
  return [...new Set(all)];
}

function missingFile(
  link: string,
  from: string,
  { known, source }: { readonly known: ReadonlySet<string>; readonly source: LinkedSource },
): string | null {
  const path = decoded(link.split(/[#?]/, 1)[0] ?? "");
  // A path from the root, or without an ending, is a route of a site that the folder does not describe.
  if (/^(?:[a-z][a-z0-9+.-]*:|\/)/i.test(path) || !DOCUMENT.test(path)) return null;
  const target = posix.normalize(posix.join(posix.dirname(from), path));
  if (target.startsWith("..") || known.has(target)) return null;
  const reason = source.leftOut.get(target);
  // The same text under another name is there, only not twice.
  if (reason?.startsWith("it says the same as") === true) return null;
  return reason ?? "there is no such file";
}

function missingPage(
  link: string,
  from: string,
  { urls, source }: { readonly urls: ReadonlySet<string>; readonly source: LinkedSource },
): string | null {
  const url = URL.parse(link, from === "" ? undefined : from);
  if (url === null || URL.parse(from)?.host !== url.host) return null;
  url.hash = "";
  if (urls.has(url.href)) return null;
  const id = `${url.pathname}${url.search}`.replace(/^\//, "") || "index";
  const reason = source.leftOut.get(id);
  return reason !== undefined && /^the site answers (?:404|410)/.test(reason) ? reason : null;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
