/** Contradictions that the reading model finds: which pages are to be compared, with which passages, and what came of it, as rows. */
import { type Knowledge, passagePage } from "#core/contracts/knowledge.ts";
import { oneLine, shortened } from "#core/values/words.ts";
import { rowsOf, type Store, type Transaction } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { pageContradiction } from "#store/db/schema.ts";
import { storableJson } from "#store/db/storable-text.ts";
import { z } from "zod";
import { areApart, type CheckedPage, type Contradiction, sentencesIn } from "./compare-pages.ts";

/** A passage as the reading model is shown it. */
interface ShownPassage {
  readonly id: string;
  /** The page's title and headings, then what the page says of itself, such as its brands. */
  readonly name: string;
  readonly body: string;
}

/** What is put to the model at once: passages of one page, and those of others that are likest. */
export interface Comparison {
  readonly own: readonly ShownPassage[];
  readonly others: readonly ShownPassage[];
}

/** Two passages with the sentences that exclude each other, word for word. */
export type ExcludingPair = typeof pageContradiction.$inferSelect;

/**
 * Takes pages that are to be compared, those waiting longest first; another process gets none of them before `until`, and
 * after it they are taken again unless `keepComparison` was told of them. The sample shop's own are compared with others
 * alone.
 */
export async function takeUncompared(
  store: Store,
  { now, until, max }: { readonly now: Date; readonly until: Date; readonly max: number },
): Promise<ReadonlySet<string>> {
  const rows = await store.run((transaction) =>
    rowsOf(
      transaction,
      z.object({ slug: z.string() }),
      sql`update help_page set compare_at = ${until.toISOString()} where slug in (
            select slug from help_page page where compare_at <= ${now.toISOString()} and source <> 'file'
              and not exists (select from page_off o where o.slug = page.slug and o.on_at is null)
            order by compare_at, slug limit ${max} for update skip locked)
          returning slug`,
    ),
  );
  return new Set(rows.map(({ slug }) => slug));
}

/** One request shows so many characters of the page; a longer page takes several, up to a limit. */
const OWN_CHARACTERS = 4_000;
const COMPARISONS_MAX = 5;
/** Passages of other pages beside them: so many of each own one, and so many in all. */
const LIKE_ONE = 8;
const QUERIES_MAX = 40;
const OTHERS_MAX = 12;
/** The search brings the page's own passages, and those of other brands and languages, as well. */
const FOUND_MAX = 40;

/** What is to be asked about one page: nothing where no other page is of its subject. */
export async function comparisonsFor(
  page: CheckedPage,
  pages: readonly CheckedPage[],
  { knowledge, signal }: { readonly knowledge: Knowledge; readonly signal: AbortSignal },
): Promise<readonly Comparison[]> {
  const bySlug = new Map(pages.map((one) => [one.slug, one]));
  const others = async (passages: readonly ShownPassage[]): Promise<readonly ShownPassage[]> => {
    const lists: (readonly ShownPassage[])[] = [];
    // A long passage speaks of more than one thing, and the search reads only the beginning of a question.
    const queries = passages.flatMap(({ name, body }) => [
      `${name}\n${body}`,
      ...sentencesIn(body),
    ]);
    for (const query of queries.slice(0, QUERIES_MAX)) {
      const found = await knowledge.search(query, FOUND_MAX, signal, { reader: "teammate" });
      lists.push(
        found
          .flatMap(({ id }) => {
            const other = bySlug.get(passagePage(id));
            const isOther = other !== undefined && other !== page && !areApart(page, other);
            return isOther ? shownPassages(other).filter((one) => one.id === id) : [];
          })
          .slice(0, LIKE_ONE),
      );
    }
    const ranked = Array.from({ length: LIKE_ONE }, (_, rank) =>
      lists.flatMap((list) => list[rank] ?? []),
    ).flat();
    return [...new Map(ranked.map((one) => [one.id, one])).values()].slice(0, OTHERS_MAX);
  };
  const comparisons: Comparison[] = [];
  for (const own of groupsOf(shownPassages(page)).slice(0, COMPARISONS_MAX)) {
    const like = await others(own);
    if (like.length > 0) comparisons.push({ own, others: like });
  }
  return comparisons;
}

function shownPassages({ title, passages, ...about }: CheckedPage): readonly ShownPassage[] {
  const { brands, validFrom, validUntil } = about;
  const scope = [
    brands.length === 0 ? "" : `for ${brands.join(", ")} alone`,
    validFrom === null ? "" : `holds from ${validFrom}`,
    validUntil === null ? "" : `holds until ${validUntil}`,
  ];
  return passages.map(({ id, heading, body }) => {
    const name = [title, heading, ...scope].filter((part) => part !== "").join(" · ");
    return { id, name, body };
  });
}

/** In the page's order; one passage is never cut. */
function groupsOf(passages: readonly ShownPassage[]): readonly (readonly ShownPassage[])[] {
  const groups: ShownPassage[][] = [];
  let room = 0;
  for (const passage of passages) {
    room -= passage.body.length;
    const last = groups.at(-1);
    if (last !== undefined && room >= 0) last.push(passage);
    else {
      groups.push([passage]);
      room = OWN_CHARACTERS - passage.body.length;
    }
  }
  return groups;
}

/** Notes that the page was compared, and what was found; nothing when it was changed meanwhile. */
export async function keepComparison(
  store: Store,
  { slug, hash }: { readonly slug: string; readonly hash: string },
  pairs: readonly ExcludingPair[],
): Promise<void> {
  await store.run(async (transaction) => {
    const kept = await rowsOf(
      transaction,
      z.object({ slug: z.string() }),
      sql`update help_page set compare_at = null where slug = ${slug} and hash = ${hash} returning slug`,
    );
    if (kept.length === 0) return;
    const rows = storableJson(
      pairs.map((pair) => ({
        one: pair.one,
        one_sentence: pair.oneSentence,
        other: pair.other,
        other_sentence: pair.otherSentence,
      })),
    );
    // The other page may have been changed meanwhile; that one is compared anew itself.
    await transaction.execute(
      sql`insert into page_contradiction (one, one_sentence, other, other_sentence)
          select new.one, one_sentence, new.other, other_sentence
          from jsonb_to_recordset(${rows}::jsonb)
            as new(one text, one_sentence text, other text, other_sentence text)
          join help_passage a on a.id = new.one and strpos(a.body, one_sentence) > 0
          join help_passage b on b.id = new.other and strpos(b.body, other_sentence) > 0
          where not exists (select from page_contradiction c where c.one = new.other and c.other = new.one)
          on conflict do nothing`,
    );
  });
}

/** A card shows both sentences. */
const SENTENCE_MAX = 160;

/** What was found between these pages. */
export async function readContradictions(
  transaction: Transaction,
  pages: readonly CheckedPage[],
): Promise<readonly Contradiction[]> {
  const slugs = new Set(pages.map(({ slug }) => slug));
  const pairs = await transaction.select().from(pageContradiction);
  const side = (passage: string, sentence: string) => ({
    slug: passagePage(passage),
    passage,
    sentence,
    value: `“${shortened(oneLine(sentence), SENTENCE_MAX)}”`,
  });
  return pairs
    .map(({ one, oneSentence, other, otherSentence }) => ({
      one: side(one, oneSentence),
      other: side(other, otherSentence),
    }))
    .filter(({ one, other }) => slugs.has(one.slug) && slugs.has(other.slug));
}
