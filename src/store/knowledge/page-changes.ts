/** Help pages whose text is new, changed or removed, until the team was told. */
import { z } from "zod";
import { takeLock } from "#store/db/advisory-locks.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { storedSetting } from "#store/db/settings.ts";

const PageChange = z.strictObject({
  slug: z.string(),
  title: z.string(),
  what: z.enum(["new", "changed", "removed"]),
  /** When it was noted, so that another change of the same page is told as well. */
  at: z.iso.datetime(),
});
/** What happened to one page's text. */
export type PageChange = z.infer<typeof PageChange>;

const UNTOLD = storedSetting("knowledge.untold", z.array(PageChange));

/** The pages the team was not told of yet, in the order in which they changed. */
export async function untoldPages(transaction: Transaction): Promise<readonly PageChange[]> {
  return (await UNTOLD.read(transaction)) ?? [];
}

/** Notes changes in the transaction that makes them. A page that is new and then changed is told as new. */
export async function notePageChanges(
  transaction: Transaction,
  changes: readonly Omit<PageChange, "at">[],
): Promise<void> {
  if (changes.length === 0) return;
  const at = new Date().toISOString();
  await rewrite(transaction, (untold) => {
    const noted = new Map(untold.map((change) => [change.slug, change]));
    for (const change of changes) {
      const isNew = change.what === "changed" && noted.get(change.slug)?.what === "new";
      noted.set(change.slug, { ...change, what: isNew ? "new" : change.what, at });
    }
    return [...noted.values()];
  });
}

/** Forgets what the team was told; a page that changed again meanwhile stays. */
export async function forgetPageChanges(
  transaction: Transaction,
  told: readonly PageChange[],
): Promise<void> {
  const known = new Set(told.map(({ slug, at }) => `${at} ${slug}`));
  await rewrite(transaction, (untold) =>
    untold.filter(({ slug, at }) => !known.has(`${at} ${slug}`)),
  );
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
