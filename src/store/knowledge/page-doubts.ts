/** Why a help page or one of its passages is no good source, as rows. */
import { z } from "zod";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { storable, storableJson } from "#store/db/storable-text.ts";

const PageDoubt = z.strictObject({
  slug: z.string(),
  /** The passage it is about; empty for the whole page. */
  passage: z.string(),
  /**
   * `instructions` keeps the page out of every draft until a lead allows it. With the others a person decides on a reply
   * that rests on the page.
   */
  kind: z.enum(["contradiction", "source gone", "instructions"]),
  /** In words for a teammate. */
  reason: z.string(),
  /** Of the text that was read; empty for other kinds. */
  digest: z.string(),
  /** The lead who allowed it nevertheless; empty while no lead has. */
  allowedBy: z.string(),
});
/** One reason against a page or a passage. */
export type PageDoubt = z.infer<typeof PageDoubt>;

/** All of them, those that a lead allowed as well. */
export function pageDoubts(transaction: Transaction): Promise<readonly PageDoubt[]> {
  return rowsOf(
    transaction,
    PageDoubt,
    sql`select slug, passage, kind, reason, digest, allowed_by as "allowedBy"
        from page_doubt order by slug, kind, passage`,
  );
}

/** What stands against one page or one of its passages. */
export async function doubtsAboutPage(
  transaction: Transaction,
  slug: string,
): Promise<readonly PageDoubt[]> {
  return rowsOf(
    transaction,
    PageDoubt,
    sql`select slug, passage, kind, reason, digest, allowed_by as "allowedBy"
        from page_doubt where slug = ${storable(slug)} order by kind, passage`,
  );
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
  const rows = await rowsOf(
    transaction,
    z.object({ slug: z.string() }),
    sql`update page_doubt set allowed_by = ${storable(by)}
        where slug = ${storable(slug)} and kind = 'instructions' returning slug`,
  );
  return rows.length > 0;
}
