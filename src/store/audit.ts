import { and, asc, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { digest, JsonObject } from "#core/canonical.ts";
import type { Transaction } from "./driver.ts";
import { audit } from "./schema.ts";
import { readSetting, writeSetting } from "./settings.ts";

const FIRST = "0".repeat(64);

/** Where the chain ends is kept apart from it, so that entries missing at the end show as well. */
const HEAD = "audit.head";

/** What a vote's entry holds: the card, the version and seal that were clicked, and who, as a pseudonym. */
const VoteEntry = z.strictObject({
  approval: z.string(),
  version: z.int(),
  seal: z.string(),
  button: z.string(),
  voter: z.string(),
});

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
  const previous = await headOf(transaction);
  const hash = hashOf(previous, now, entry);
  await transaction
    .insert(audit)
    .values({ at: now, kind: entry.kind, data: entry.data, previous, hash });
  await writeSetting(transaction, HEAD, hash);
}

async function headOf(transaction: Transaction): Promise<string> {
  return (await readSetting(transaction, HEAD, z.string())) ?? FIRST;
}

function hashOf(
  previous: string,
  at: Date,
  entry: { readonly kind: string; readonly data: JsonObject },
): string {
  return digest([previous, at.toISOString(), entry.kind, entry.data]);
}

/** Walks the whole chain; names the first entry that does not fit or is missing, or gives the head and the length. */
export async function verifyAudit(
  transaction: Transaction,
): Promise<{ readonly entries: number; readonly head: string; readonly brokenAt: number | null }> {
  let previous = FIRST;
  let entries = 0;
  let next = 1;
  for (const row of await transaction.select().from(audit).orderBy(asc(audit.seq))) {
    const expected = hashOf(row.previous, row.at, {
      kind: row.kind,
      data: JsonObject.parse(row.data),
    });
    if (row.previous !== previous || row.hash !== expected)
      return { entries, head: previous, brokenAt: row.seq };
    previous = row.hash;
    entries += 1;
    next = row.seq + 1;
  }
  const isWhole = (await headOf(transaction)) === previous;
  return { entries, head: previous, brokenAt: isWhole ? null : next };
}

/**
 * The entry whose hash this is, or null when there is none: a chain whose end was cut off and written anew looks whole
 * by itself, and only a head that somebody noted elsewhere tells. The head of the empty chain is before entry 1.
 */
export async function placeInAudit(transaction: Transaction, head: string): Promise<number | null> {
  if (head === FIRST) return 0;
  const [row] = await transaction
    .select({ seq: audit.seq })
    .from(audit)
    .where(eq(audit.hash, head));
  return row?.seq ?? null;
}

/** How many different people approved a card in this version and under this seal, as the audit has it. */
export async function votersFor(
  transaction: Transaction,
  vote: { readonly approval: string; readonly version: number; readonly seal: string },
): Promise<number> {
  const rows = await transaction
    .select({ data: audit.data })
    .from(audit)
    .where(and(eq(audit.kind, "vote"), sql`${audit.data} ->> 'approval' = ${vote.approval}`));
  const voters = rows
    .map(({ data }) => VoteEntry.parse(data))
    .filter(({ button }) => button === "approve")
    .filter(({ version, seal }) => version === vote.version && seal === vote.seal);
  return new Set(voters.map(({ voter }) => voter)).size;
}
