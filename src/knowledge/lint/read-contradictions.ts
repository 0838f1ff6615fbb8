/** Contradictions that the reading model finds: which pages it compares, with which passages, and what came of it, as rows. */
import { type Knowledge, passagePage } from "#core/contracts/knowledge.ts";
import { excerpt } from "#core/values/words.ts";
import { rowsOf, type Store, type Transaction } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { pageContradiction } from "#store/db/schema.ts";
import { z } from "zod";
import { areApart, type CheckedPage, type Contradiction, sentencesIn } from "./compare-pages.ts";

/** A passage as the model is shown it: its name has the headings, and for whom and when its page holds. */
interface ShownPassage {
  readonly id: string;
  readonly name: string;
  readonly body: string;
}

const Slug = z.object({ slug: z.string() });

/**
 * Takes pages that are due, longest first, and makes them due again at `until`: no other process takes them before, and
 * what fails is tried again. The sample shop's own pages are compared with others alone.
 */
export async function takeUncompared(
  store: Store,
  { now, until, max }: { readonly now: Date; readonly until: Date; readonly max: number },
): Promise<ReadonlySet<string>> {
  const due = sql`select slug from help_page p where coalesce(compare_at, '-infinity') <= ${now.toISOString()} and source <> 'file'
      and not exists (select from page_off o where o.slug = p.slug and o.on_at is null)
    order by compare_at nulls first, slug limit ${max} for update skip locked`;
  const taken = sql`update help_page set compare_at = ${until.toISOString()} where slug in (${due}) returning slug`;
  const rows = await store.run((transaction) => rowsOf(transaction, Slug, taken));
  return new Set(rows.map(({ slug }) => slug));
}

/** Of a page so many passages are compared, each with so many of other pages: of those likest to it and to its sentences. */
const OWN_MAX = 12;
const OTHERS_MAX = 12;
const LIKE_ONE = 8;
const QUERIES_MAX = 40;
/** The search brings the page's own passages, and those of other brands and languages, as well. */
const FOUND_MAX = 40;

/** The page's passages, each with those of other pages it has to agree with; none where no other is like it. */
export async function comparisonsFor(
  page: CheckedPage,
  pages: readonly CheckedPage[],
  { knowledge, signal }: { readonly knowledge: Knowledge; readonly signal: AbortSignal },
) {
  const others = new Map(
    pages
      .filter((other) => other.slug !== page.slug && !areApart(page, other))
      .flatMap(shownPassages)
      .map((passage) => [passage.id, passage]),
  );
  const comparisons: { readonly own: ShownPassage; readonly others: readonly ShownPassage[] }[] =
    [];
  for (const own of shownPassages(page).slice(0, OWN_MAX)) {
    // A passage speaks of more than one thing, and the search reads only the beginning of a question.
    const queries = [`${own.name}\n${own.body}`, ...sentencesIn(own.body)].slice(0, QUERIES_MAX);
    const lists: (readonly ShownPassage[])[] = [];
    for (const query of queries) {
      const found = await knowledge.search(query, FOUND_MAX, signal, { reader: "teammate" });
      lists.push(found.flatMap(({ id }) => others.get(id) ?? []));
    }
    const ranked = Array.from({ length: LIKE_ONE }, (_, rank) =>
      lists.flatMap((list) => list[rank] ?? []),
    );
    const like = [...new Set(ranked.flat())].slice(0, OTHERS_MAX);
    if (like.length > 0) comparisons.push({ own, others: like });
  }
  return comparisons;
}

function shownPassages({ title, passages, ...about }: CheckedPage): readonly ShownPassage[] {
  const { brands, validFrom, validUntil } = about;
  const scope = [
    brands.length > 0 && `for ${brands.join(", ")} alone`,
    validFrom !== null && `holds from ${validFrom}`,
    validUntil !== null && `holds until ${validUntil}`,
  ];
  return passages.map(({ id, heading, body }) => {
    const name = [title, heading, ...scope].filter(Boolean).join(" · ");
    return { id, name, body };
  });
}

/** Notes that the page was compared, and what was found; nothing when it, or the other page, was changed meanwhile. */
export async function keepComparison(
  store: Store,
  { slug, hash }: { readonly slug: string; readonly hash: string },
  pairs: readonly (typeof pageContradiction.$inferSelect)[],
): Promise<void> {
  await store.run(async (transaction) => {
    const compared = sql`update help_page set compare_at = 'infinity' where slug = ${slug} and hash = ${hash} returning slug`;
    if ((await rowsOf(transaction, Slug, compared)).length === 0) return;
    for (const { one, oneSentence, other, otherSentence } of pairs)
      await transaction.execute(
        sql`insert into page_contradiction (one, one_sentence, other, other_sentence)
            select a.id, ${oneSentence}, b.id, ${otherSentence} from help_passage a, help_passage b
            where a.id = ${one} and strpos(a.body, ${oneSentence}) > 0
              and b.id = ${other} and strpos(b.body, ${otherSentence}) > 0
              and not exists (select from page_contradiction c where c.one = b.id and c.other = a.id)
            on conflict do nothing`,
      );
  });
}

const SENTENCE_MAX = 160;

/** A sentence as a card and the check of pages show it. */
export function quoted(sentence: string): string {
  return `“${excerpt(sentence, SENTENCE_MAX)}”`;
}

/** What was found between these pages. */
export async function readContradictions(
  transaction: Transaction,
  pages: readonly CheckedPage[],
): Promise<readonly Contradiction[]> {
  const slugs = new Set(pages.map(({ slug }) => slug));
  const side = (passage: string, sentence: string) => {
    return { slug: passagePage(passage), passage, sentence, value: quoted(sentence) };
  };
  const rows = await transaction.select().from(pageContradiction);
  return rows
    .map((row) => ({
      one: side(row.one, row.oneSentence),
      other: side(row.other, row.otherSentence),
    }))
    .filter(({ one, other }) => slugs.has(one.slug) && slugs.has(other.slug));
}
