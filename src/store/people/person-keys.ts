/** Pseudonyms of people in the audit, and the keys they are made with. */
import { ADVISORY_LOCKS } from "#store/db/advisory-locks.ts";
import { randomBytes } from "node:crypto";
import { eq, sql } from "#store/db/drizzle.ts";
import { keyedDigest } from "#core/values/canonical-json.ts";
import type { Transaction } from "#store/db/database.ts";
import { personKey } from "#store/db/schema.ts";

/** Long enough to distinguish all people who will ever click, and short enough to read in a trace. */
const PSEUDONYM_LENGTH = 16;

/**
 * A person's pseudonym in the audit: the same for the same person however their address is spelled, and revealing
 * nothing. Made with the person's own random key, which is created at the first call and can be deleted. `secret` is
 * this installation's, and hides whom the table of keys is about.
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
 * Deletes a person's key. After that their pseudonyms cannot be traced to them, and the audit verifies as before. Later
 * actions get another pseudonym. False when there was no key.
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
  // A caller that needs a key is about to write to the audit; two that need the same key queue at the audit's lock and
  // do not deadlock.
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
