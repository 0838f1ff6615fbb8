/**
 * What is noted about help pages, as rows: why one is no good source, what changed until the team was told, and
 * questions that none of them answered; and the pages that a lead wrote or switched off.
 */

import { canonical } from "#core/values/canonical-json.ts";
import { z } from "zod";
import { type Reader, type Transaction, rowsOf } from "#store/db/database.ts";
import { and, asc, eq, sql, desc, gte, isNull } from "#store/db/drizzle.ts";
import { pageDoubt, knowledgeGap, helpPage, pageOff, writtenPage } from "#store/db/schema.ts";
import { storableJson } from "#gate/kernel/storable-text.ts";
import { takeLock } from "#store/db/advisory-locks.ts";
import { storedSetting } from "#store/db/settings.ts";

/** One reason against a page or a passage. */
export type PageDoubt = Omit<typeof pageDoubt.$inferSelect, "at">;

/** All of them, those that a lead allowed as well; or what stands against one page and its passages. */
export async function pageDoubts(
  transaction: Transaction,
  slug: string | null = null,
): Promise<readonly PageDoubt[]> {
  return transaction
    .select()
    .from(pageDoubt)
    .where(slug === null ? undefined : eq(pageDoubt.slug, slug))
    .orderBy(asc(pageDoubt.slug), asc(pageDoubt.kind), asc(pageDoubt.passage));
}

/** Doubts of these kinds become exactly these; what a lead allowed stays allowed while the text is the same. */
export async function replaceDoubts(
  transaction: Transaction,
  given: {
    readonly kinds: readonly PageDoubt["kind"][];
    /** Only pages of this source; of all sources when left out. Its pages have names that begin with it and a slash. */
    readonly source?: string;
    readonly doubts: readonly Omit<PageDoubt, "allowedBy">[];
    readonly at: Date;
  },
): Promise<void> {
  const { kinds, source, doubts, at } = given;
  const own = source === undefined ? sql`true` : sql`starts_with(slug, ${`${source}/`})`;
  const rows = storableJson(doubts);
  await transaction.execute(
    sql`delete from page_doubt d where kind in ${kinds} and ${own} and not exists (
          select from jsonb_to_recordset(${rows}::jsonb) as new(slug text, passage text, kind text, digest text)
          where new.slug = d.slug and new.passage = d.passage and new.kind = d.kind and new.digest = d.digest)`,
  );
  await transaction.execute(
    sql`insert into page_doubt (slug, passage, kind, reason, digest, at)
        select slug, passage, kind, reason, digest, ${at.toISOString()}
        from jsonb_to_recordset(${rows}::jsonb)
          as new(slug text, passage text, kind text, reason text, digest text)
        on conflict (slug, passage, kind) do update set reason = excluded.reason`,
  );
}

/** A lead lets answers rest on the page although its text looks like instructions. False when there is no such doubt. */
export async function allowPage(
  transaction: Transaction,
  slug: string,
  by: string,
): Promise<boolean> {
  const rows = await transaction
    .update(pageDoubt)
    .set({ allowedBy: by })
    .where(and(eq(pageDoubt.slug, slug), eq(pageDoubt.kind, "instructions")))
    .returning({ slug: pageDoubt.slug });
  return rows.length > 0;
}

const PageChange = z.strictObject({
  slug: z.string(),
  /** By which drafts cite it that were made before the change. */
  title: z.string(),
  what: z.enum(["new", "changed", "removed"]),
  /** When it was noted, so that another change of the same page is told as well. */
  at: z.iso.datetime(),
});
/** What happened to one page's text. */
export type PageChange = z.infer<typeof PageChange>;

const UNTOLD = storedSetting("knowledge.untold", z.array(PageChange));

/** The pages the team was not told of yet, in the order in which they changed. */
export async function untoldPages(reader: Reader): Promise<readonly PageChange[]> {
  return (await UNTOLD.read(reader)) ?? [];
}

/** Notes changes in the transaction that makes them. A page that is new and then changed is told as new. */
export async function notePageChanges(
  transaction: Transaction,
  changes: readonly Omit<PageChange, "at">[],
): Promise<void> {
  if (changes.length === 0) return;
  const at = new Date().toISOString();
  await rewrite(transaction, (untold) => {
    // A page that is renamed between two changes was cited by both titles.
    const named = ({ slug, title }: Omit<PageChange, "at">) => canonical([slug, title]);
    const noted = new Map(untold.map((change) => [named(change), change]));
    for (const change of changes) {
      const isNew = change.what === "changed" && noted.get(named(change))?.what === "new";
      noted.set(named(change), { ...change, what: isNew ? "new" : change.what, at });
    }
    return [...noted.values()];
  });
}

/** What the team was not told of, as it was when cards were marked last. */
const MARKED = storedSetting("knowledge.marked", z.array(PageChange));

/**
 * What the team was not told of and no card says yet; from then on it counts as marked. A page that is told as new and
 * was marked before has changed since.
 */
export async function takeUnmarked(transaction: Transaction): Promise<readonly PageChange[]> {
  await takeLock(transaction, "helpPages");
  const untold = await untoldPages(transaction);
  const marked = (await MARKED.read(transaction)) ?? [];
  await MARKED.write(transaction, [...untold]);
  return without(untold, marked).map((change) =>
    change.what === "new" && marked.some(({ slug }) => slug === change.slug)
      ? { ...change, what: "changed" }
      : change,
  );
}

/** Forgets what the team was told; a page that changed again meanwhile stays. */
export async function forgetPageChanges(
  transaction: Transaction,
  told: readonly PageChange[],
): Promise<void> {
  await rewrite(transaction, (untold) => without(untold, told));
}

function without(
  changes: readonly PageChange[],
  others: readonly PageChange[],
): readonly PageChange[] {
  const known = new Set(others.map(({ slug, at }) => `${at} ${slug}`));
  return changes.filter(({ slug, at }) => !known.has(`${at} ${slug}`));
}

/** Title and passages of these pages, each as one text, to tell a changed text from a changed day or label. */
export async function pageTexts(
  transaction: Transaction,
  slugs: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await rowsOf(
    transaction,
    z.object({ slug: z.string(), text: z.string() }),
    sql`select page.slug, concat_ws(chr(10), page.title, (
          select string_agg(heading || chr(10) || body, chr(10) order by position)
          from help_passage passage where passage.slug = page.slug)) as text
        from help_page page where page.slug in ${slugs}`,
  );
  return new Map(rows.map(({ slug, text }) => [slug, text]));
}

async function rewrite(
  transaction: Transaction,
  change: (untold: readonly PageChange[]) => readonly PageChange[],
): Promise<void> {
  await takeLock(transaction, "helpPages");
  await UNTOLD.write(transaction, [...change(await untoldPages(transaction))]);
}

/** A question as it is kept. */
export type KnowledgeGap = typeof knowledgeGap.$inferSelect;

/** A gap before it has a number. */
export type NewGap = Omit<KnowledgeGap, "id">;

/** Keeps it; the same question of a conversation for the same reason is kept once, with its latest words. */
export async function recordGap(transaction: Transaction, gap: NewGap): Promise<void> {
  const { conversationId, messageKey, reason } = knowledgeGap;
  const { question, query, pages } = gap;
  await transaction
    .insert(knowledgeGap)
    .values(gap)
    .onConflictDoUpdate({
      target: [conversationId, messageKey, reason],
      set: { question, query, pages },
    });
}

/** Newer rows than any lead reads; older ones are left out. */
const GAPS_MAX = 2_000;

/** Those since a moment, newest first. */
export async function gapsSince(
  transaction: Transaction,
  since: Date,
): Promise<readonly KnowledgeGap[]> {
  return transaction
    .select()
    .from(knowledgeGap)
    .where(gte(knowledgeGap.at, since))
    .orderBy(desc(knowledgeGap.at), desc(knowledgeGap.id))
    .limit(GAPS_MAX);
}

/** The source that pages written in the console belong to; no other source may have this name. */
export const WRITTEN = "written";

/** One text of a written page, as it was saved. Versions are never changed; the newest one is the page. */
export type WrittenVersion = typeof writtenPage.$inferSelect;

/** Every version of a page, newest first; none where no page has this name. */
export async function writtenVersions(
  transaction: Transaction,
  name: string,
): Promise<readonly WrittenVersion[]> {
  return transaction
    .select()
    .from(writtenPage)
    .where(eq(writtenPage.name, name))
    .orderBy(desc(writtenPage.version));
}

/** Every written page as it is now, by name. */
export async function writtenPages(transaction: Transaction): Promise<readonly WrittenVersion[]> {
  return transaction
    .selectDistinctOn([writtenPage.name])
    .from(writtenPage)
    .orderBy(asc(writtenPage.name), desc(writtenPage.version));
}

/** By this label a page for the team is a saved reply: it is offered where a teammate writes to a customer. */
export const SAVED_REPLY = "saved reply";

/** The saved replies, by title. */
export async function savedReplies(transaction: Transaction): Promise<readonly WrittenVersion[]> {
  const pages = await writtenPages(transaction);
  return pages
    .filter(({ audience, labels }) => audience === "team" && labels.includes(SAVED_REPLY))
    .toSorted((one, other) => one.title.localeCompare(other.title));
}

/** Stores a version. False when another one has this number already: another lead was quicker. */
export async function insertWritten(
  transaction: Transaction,
  version: WrittenVersion,
): Promise<boolean> {
  const rows = await transaction
    .insert(writtenPage)
    .values({ ...version, brands: [...version.brands], labels: [...version.labels] })
    .onConflictDoNothing()
    .returning({ version: writtenPage.version });
  return rows.length === 1;
}

/** One time a page was off; it is off now while `onAt` is null. */
export type OffPeriod = typeof pageOff.$inferSelect;

/** The names of all pages that are off now. */
export async function slugsOff(transaction: Transaction): Promise<ReadonlySet<string>> {
  const rows = await transaction
    .select({ slug: pageOff.slug })
    .from(pageOff)
    .where(isNull(pageOff.onAt));
  return new Set(rows.map(({ slug }) => slug));
}

/** Every time this page was off, newest first. */
export async function offPeriods(
  transaction: Transaction,
  slug: string,
): Promise<readonly OffPeriod[]> {
  return transaction.select().from(pageOff).where(eq(pageOff.slug, slug)).orderBy(desc(pageOff.id));
}

/** Switches a page off. False when it is off already. */
export async function putOff(
  transaction: Transaction,
  given: { readonly slug: string; readonly reason: string; readonly by: string; readonly at: Date },
): Promise<boolean> {
  const { slug, reason, by: offBy, at: offAt } = given;
  const rows = await transaction
    .insert(pageOff)
    .values({ slug, reason, offBy, offAt })
    .onConflictDoNothing()
    .returning({ id: pageOff.id });
  return rows.length === 1;
}

/** Switches a page on. False when it is on already. */
export async function putOn(
  transaction: Transaction,
  { slug, by: onBy, at: onAt }: { readonly slug: string; readonly by: string; readonly at: Date },
): Promise<boolean> {
  const rows = await transaction
    .update(pageOff)
    .set({ onBy, onAt })
    .where(and(eq(pageOff.slug, slug), isNull(pageOff.onAt)))
    .returning({ id: pageOff.id });
  // What was saved meanwhile was not compared with it.
  await transaction.update(helpPage).set({ compareAt: null }).where(eq(helpPage.slug, slug));
  return rows.length === 1;
}
