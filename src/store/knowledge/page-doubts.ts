/** Why a help page or one of its passages is no good source, as rows. */
import type { Transaction } from "#store/db/database.ts";
import { and, asc, eq, sql } from "#store/db/drizzle.ts";
import { pageDoubt } from "#store/db/schema.ts";
import { storableJson } from "#store/db/storable-text.ts";

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
