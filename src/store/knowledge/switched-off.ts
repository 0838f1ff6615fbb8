/** Which pages are switched off, since when, by whom and why. */
import { z } from "zod";
import type { Transaction } from "#store/db/database.ts";
import { and, desc, eq, isNull } from "#store/db/drizzle.ts";
import { pageOff } from "#store/db/schema.ts";

const OffPeriod = z.object({
  slug: z.string(),
  reason: z.string(),
  /** The address of the teammate who switched it off. */
  offBy: z.string(),
  offAt: z.date(),
  /** The address of the teammate who switched it on again; empty while it is off. */
  onBy: z.string(),
  onAt: z.date().nullable(),
});
/** One time a page was off; it is off now while `onAt` is null. */
export type OffPeriod = z.infer<typeof OffPeriod>;

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
  const rows = await transaction
    .select()
    .from(pageOff)
    .where(eq(pageOff.slug, slug))
    .orderBy(desc(pageOff.id));
  return rows.map((row) => OffPeriod.parse(row));
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
  return rows.length === 1;
}
