import { asc, desc, sql } from "drizzle-orm";
import { digest, JsonObject } from "#core/canonical.ts";
import type { Transaction } from "./driver.ts";
import { audit } from "./schema.ts";

const FIRST = "0".repeat(64);

/**
 * Appends one entry to the hash chain: each hash covers the entry and the hash before it, so a change anywhere shows.
 * Entries hold ids and digests only, never personal text.
 */
export async function appendAudit(
  transaction: Transaction,
  entry: { readonly kind: string; readonly data: JsonObject },
  now: Date,
): Promise<void> {
  // Writers queue here until the transaction ends: a chain has one end.
  await transaction.execute(sql`select pg_advisory_xact_lock(71239418)`);
  const [last] = await transaction
    .select({ hash: audit.hash })
    .from(audit)
    .orderBy(desc(audit.seq))
    .limit(1);
  const previous = last?.hash ?? FIRST;
  await transaction.insert(audit).values({
    at: now,
    kind: entry.kind,
    data: entry.data,
    previous,
    hash: hashOf(previous, now, entry),
  });
}

function hashOf(
  previous: string,
  at: Date,
  entry: { readonly kind: string; readonly data: JsonObject },
): string {
  return digest([previous, at.toISOString(), entry.kind, entry.data]);
}

/** Walks the whole chain; names the first entry that does not fit, or gives the head and the length. */
export async function verifyAudit(
  transaction: Transaction,
): Promise<{ readonly entries: number; readonly head: string; readonly brokenAt: number | null }> {
  let previous = FIRST;
  let entries = 0;
  for (const row of await transaction.select().from(audit).orderBy(asc(audit.seq))) {
    const expected = hashOf(row.previous, row.at, {
      kind: row.kind,
      data: JsonObject.parse(row.data),
    });
    if (row.previous !== previous || row.hash !== expected)
      return { entries, head: previous, brokenAt: row.seq };
    previous = row.hash;
    entries += 1;
  }
  return { entries, head: previous, brokenAt: null };
}
