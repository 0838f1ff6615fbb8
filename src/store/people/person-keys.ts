/** Pseudonyms of people in the audit, and the keys they are made with. */
import { takeLock } from "#store/db/advisory-locks.ts";
import { randomBytes } from "node:crypto";
import { eq, inArray } from "#store/db/drizzle.ts";
import { keyedDigest } from "#core/values/canonical-json.ts";
import { acceptedKeys, currentKey, type Keys } from "#core/connection/signing-keys.ts";
import type { Transaction } from "#store/db/database.ts";
import { auditKeysIn } from "#store/db/installation-secrets.ts";
import { personKey } from "#store/db/schema.ts";

/** Long enough to distinguish all people who will ever click, and short enough to read in a trace. */
const PSEUDONYM_LENGTH = 16;

/**
 * A person's pseudonym in the audit: the same for the same person however their address is spelled, and revealing
 * nothing. Made with the person's own random key, which is created at the first call and can be deleted. `secrets` are
 * this installation's, and hide whom the table of keys is about; after a change of them, a person's key is found under
 * the earlier one and moved.
 */
export async function personPseudonym(
  transaction: Transaction,
  person: string,
  secrets: Keys,
): Promise<string> {
  const name = person.trim().toLowerCase();
  const key = await pseudonymKey(transaction, name, secrets);
  return keyedDigest(key, name).slice(0, PSEUDONYM_LENGTH);
}

/**
 * Deletes a person's key. After that their pseudonyms cannot be traced to them, and the audit verifies as before. Later
 * actions get another pseudonym. False when there was no key.
 */
export async function forgetPerson(
  transaction: Transaction,
  person: string,
  secrets: Keys,
): Promise<boolean> {
  const all = [...acceptedKeys(secrets), ...(await auditKeysIn(transaction))];
  const rows = await transaction
    .delete(personKey)
    .where(inArray(personKey.person, keyPlaces(person.trim().toLowerCase(), all)))
    .returning({ person: personKey.person });
  return rows.length > 0;
}

/** Under which names the table may have the key of this person. */
function keyPlaces(name: string, secrets: readonly string[]): string[] {
  return [...new Set(secrets.map((secret) => keyedDigest(secret, name)))];
}

async function pseudonymKey(
  transaction: Transaction,
  name: string,
  secrets: Keys,
): Promise<string> {
  const place = keyedDigest(currentKey(secrets), name);
  const kept = await keptKey(transaction, keyPlaces(name, acceptedKeys(secrets)));
  if (kept?.place === place) return kept.key;
  // A caller that needs a key is about to write to the audit; two that need the same key queue at the audit's lock and
  // do not deadlock.
  await takeLock(transaction, "audit");
  if (kept !== null) return moved(transaction, kept, place);
  // A process that has not heard of a change yet would otherwise give one person two pseudonyms, and two votes.
  const known = [...acceptedKeys(secrets), ...(await auditKeysIn(transaction))];
  const found = await keptKey(transaction, keyPlaces(name, known));
  if (found !== null) return found.key;
  const key = randomBytes(32).toString("base64url");
  await transaction.insert(personKey).values({ person: place, key });
  return key;
}

interface KeptKey {
  readonly place: string;
  readonly key: string;
}

/** The key stays what it is; only the place it is found under follows the installation's secret. */
async function moved(transaction: Transaction, kept: KeptKey, place: string): Promise<string> {
  await transaction
    .update(personKey)
    .set({ person: place })
    .where(eq(personKey.person, kept.place));
  return kept.key;
}

async function keptKey(
  transaction: Transaction,
  places: readonly string[],
): Promise<KeptKey | null> {
  const [row] = await transaction
    .select({ place: personKey.person, key: personKey.key })
    .from(personKey)
    .where(inArray(personKey.person, [...places]))
    .limit(1);
  return row ?? null;
}
