/** The entries of the audit for reading and export, and what the last check of the chain found. */
import { z } from "zod";
import { JsonObject } from "#core/values/canonical-json.ts";
import type { AuditVerdict } from "#store/audit/audit-log.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { readSetting, writeSetting } from "#store/db/settings.ts";
import { PAGE_ROWS } from "./cursor.ts";

const AuditRow = z.object({
  seq: z.coerce.number(),
  at: z.coerce.date(),
  kind: z.string(),
  data: JsonObject,
  previous: z.string(),
  hash: z.string(),
});
/** An entry with its place in the chain. */
export type AuditRow = z.infer<typeof AuditRow>;

const ENTRIES = sql`select seq, at, kind, data, previous, hash from audit`;

/** Entries before this place, newest first; of one kind when it is given. */
export async function newestEntries(
  transaction: Transaction,
  { before, kind }: { readonly before: number | null; readonly kind: string | null },
): Promise<{ readonly entries: readonly AuditRow[]; readonly next: number | null }> {
  const rows = await rowsOf(
    transaction,
    AuditRow,
    sql`${ENTRIES} where ${before === null ? sql`true` : sql`seq < ${before}`} and ${kind === null ? sql`true` : sql`kind = ${kind}`}
        order by seq desc limit ${PAGE_ROWS + 1}`,
  );
  const entries = rows.slice(0, PAGE_ROWS);
  return { entries, next: rows.length > PAGE_ROWS ? (entries.at(-1)?.seq ?? null) : null };
}

/** Entries after this place, oldest first, at most `most`: an export reads the chain in pieces. */
export function entriesAfter(
  transaction: Transaction,
  after: number,
  most: number,
): Promise<readonly AuditRow[]> {
  return rowsOf(
    transaction,
    AuditRow,
    sql`${ENTRIES} where seq > ${after} order by seq limit ${most}`,
  );
}

const CHECKED = "audit.checked";

const AuditCheck = z.object({
  at: z.iso.datetime(),
  entries: z.int(),
  head: z.string(),
  brokenAt: z.int().nullable(),
});
/** What a check of the whole chain found, and when. */
export type AuditCheck = z.infer<typeof AuditCheck>;

/** The last check that was asked for; null when there was none yet. */
export function lastCheck(transaction: Transaction): Promise<AuditCheck | null> {
  return readSetting(transaction, CHECKED, AuditCheck);
}

/** Keeps what a check found, for everybody who looks at the page. */
export function keepCheck(
  transaction: Transaction,
  { entries, head, brokenAt }: AuditVerdict,
  now: Date,
): Promise<void> {
  return writeSetting(transaction, CHECKED, { at: now.toISOString(), entries, head, brokenAt });
}
