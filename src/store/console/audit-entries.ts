/** The entries of the audit for reading and export, and what the last check of the chain found. */
import { z } from "zod";
import type { AuditVerdict } from "#store/audit/audit-log.ts";
import type { Transaction } from "#store/db/database.ts";
import { and, asc, desc, eq, gt, lt } from "#store/db/drizzle.ts";
import { audit } from "#store/db/schema.ts";
import { storedSetting } from "#store/db/settings.ts";
import { PAGE_ROWS } from "./cursor.ts";

/** An entry with its place in the chain. */
export type AuditRow = typeof audit.$inferSelect;

/** Entries before this place, newest first; of one kind when it is given. */
export async function newestEntries(
  transaction: Transaction,
  { before, kind }: { readonly before: number | null; readonly kind: string | null },
): Promise<{ readonly entries: readonly AuditRow[]; readonly next: number | null }> {
  const rows = await transaction
    .select()
    .from(audit)
    .where(
      and(
        before === null ? undefined : lt(audit.seq, before),
        kind === null ? undefined : eq(audit.kind, kind),
      ),
    )
    .orderBy(desc(audit.seq))
    .limit(PAGE_ROWS + 1);
  const entries = rows.slice(0, PAGE_ROWS);
  return { entries, next: rows.length > PAGE_ROWS ? (entries.at(-1)?.seq ?? null) : null };
}

/** Entries after this place, oldest first, at most `most`: an export reads the chain in pieces. */
export async function entriesAfter(
  transaction: Transaction,
  after: number,
  most: number,
): Promise<readonly AuditRow[]> {
  return transaction
    .select()
    .from(audit)
    .where(gt(audit.seq, after))
    .orderBy(asc(audit.seq))
    .limit(most);
}

const AuditCheck = z.object({
  at: z.iso.datetime(),
  entries: z.int(),
  head: z.string(),
  brokenAt: z.int().nullable(),
});
/** What a check of the whole chain found, and when. */
export type AuditCheck = z.infer<typeof AuditCheck>;

/** The last check that was asked for; not there before the first one. */
export const LAST_CHECK = storedSetting("audit.checked", AuditCheck);

/** Keeps what a check found, for everybody who looks at the page. */
export function keepCheck(
  transaction: Transaction,
  { entries, head, brokenAt }: AuditVerdict,
  now: Date,
): Promise<void> {
  return LAST_CHECK.write(transaction, { at: now.toISOString(), entries, head, brokenAt });
}
