/**
 * Room: help pages that a lead wrote, and pages that are switched off.
 * In: texts of leads, reasons for switching a page off.
 * Out: the versions of a written page, the pages as searches take them, which pages no search may find.
 * May touch: the database only, inside the caller's transaction.
 * This file: the versions of written pages.
 */
import type { Transaction } from "#store/db/database.ts";
import { noticeSql } from "#store/db/notices.ts";
import { asc, desc, eq, inArray, sql, and, isNull } from "#store/db/drizzle.ts";
import { helpPage, pageOff, writtenPage } from "#store/db/schema.ts";

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

/** Tells every process that what can be found has changed, once the transaction is committed. */
export async function announcePages(transaction: Transaction): Promise<void> {
  await transaction.execute(sql.raw(`select ${noticeSql("help-pages", "''")}`));
}

/** Puts another name in place of a teammate's address in everything they wrote and switched. */
export async function erasePageWriter(
  transaction: Transaction,
  addresses: readonly string[],
  name: string,
): Promise<void> {
  if (addresses.length === 0) return;
  const some = [...addresses];
  await transaction
    .update(writtenPage)
    .set({ author: name })
    .where(inArray(sql`lower(${writtenPage.author})`, some));
  await transaction
    .update(pageOff)
    .set({ offBy: name })
    .where(inArray(sql`lower(${pageOff.offBy})`, some));
  await transaction
    .update(pageOff)
    .set({ onBy: name })
    .where(inArray(sql`lower(${pageOff.onBy})`, some));
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
