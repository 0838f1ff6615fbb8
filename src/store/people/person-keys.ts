import { ADVISORY_LOCKS } from "#store/db/advisory-locks.ts";
import { randomBytes } from "node:crypto";
import { eq, sql } from "#store/db/drizzle.ts";
import { keyedDigest } from "#core/values/canonical-json.ts";
import type { Transaction } from "#store/db/database.ts";
import { personKey } from "#store/db/schema.ts";

/** Enough of a digest to tell everybody apart who will ever click, and short enough to be read in a trace. */
const PSEUDONYM_LENGTH = 16;

/**
 * A person as the audit knows them: the same for the same person however their address is spelled, and telling nobody
 * who it is. Made with a random key of that person's own, which is made at the first call and can be forgotten.
 * `secret` is this installation's, and hides whom the table of keys is about.
 */
export async function pseudonymOf(
  transaction: Transaction,
  person: string,
  secret: string,
): Promise<string> {
  const name = person.trim().toLowerCase();
  const key = await keyOf(transaction, keyedDigest(secret, name));
  return keyedDigest(key, name).slice(0, PSEUDONYM_LENGTH);
}

/**
 * Forgets a person's key. Nothing can lead from their pseudonyms to them any more, and the audit verifies as before. What
 * they do afterwards gets another pseudonym. False when there was no key.
 */
export async function forgetPerson(
  transaction: Transaction,
  person: string,
  secret: string,
): Promise<boolean> {
  const rows = await transaction
    .delete(personKey)
    .where(eq(personKey.person, keyedDigest(secret, person.trim().toLowerCase())))
    .returning({ person: personKey.person });
  return rows.length === 1;
}

async function keyOf(transaction: Transaction, person: string): Promise<string> {
  const kept = await keptKey(transaction, person);
  if (kept !== null) return kept;
  // Whoever needs a key is about to write to the audit, so two who need the same one queue there and not at each other.
  await transaction.execute(sql`select pg_advisory_xact_lock(${ADVISORY_LOCKS.audit})`);
  await transaction
    .insert(personKey)
    .values({ person, key: randomBytes(32).toString("base64url") })
    .onConflictDoNothing();
  const made = await keptKey(transaction, person);
  if (made === null) throw new Error("a key that was just written is not there");
  return made;
}

async function keptKey(transaction: Transaction, person: string): Promise<string | null> {
  const [row] = await transaction
    .select({ key: personKey.key })
    .from(personKey)
    .where(eq(personKey.person, person));
  return row?.key ?? null;
}
