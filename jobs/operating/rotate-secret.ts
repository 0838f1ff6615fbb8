/** Changes a secret that the installation made for itself, and records who did. */

import { appendAudit } from "#store/audit/audit-log.ts";
import type { Transaction } from "#store/db/database.ts";
import {
  addGeneration,
  type SecretFacts,
  type SecretName,
} from "#store/db/installation-secrets.ts";
import { DAY_MS, HOUR_MS } from "#core/values/moment.ts";

/** Twice as long as a thread without mail lasts, so a late answer still finds its conversation. */
const MAIL_MS = 180 * DAY_MS;

/** A turn takes minutes; a draft that was written before may wait for its check until its card expires. */
const CANARY_MS = 7 * DAY_MS;

/**
 * How long a secret is accepted after the next one is made, in milliseconds; null without an end. People in the audit
 * and in the list of erasures are found by it alone, and their names are kept nowhere else. `chatHoursMax` is how long a
 * visitor's token may be valid.
 */
function acceptedMs(name: SecretName, chatHoursMax: number): number | null {
  switch (name) {
    case "chatIdentity":
      return chatHoursMax * HOUR_MS;
    case "mail":
      return MAIL_MS;
    case "canary":
      return CANARY_MS;
    case "audit":
      return null;
  }
}

/**
 * Writes the next generation of a secret, and an entry of the audit with its number and who asked, in one transaction.
 * The chain of the audit is hashed without a key, so it verifies as before.
 */
export async function rotateSecret(
  transaction: Transaction,
  name: SecretName,
  given: {
    readonly chatHoursMax: number;
    /** The pseudonym of the lead, made in the same transaction. */
    readonly by: string;
    readonly now: Date;
  },
): Promise<SecretFacts> {
  const facts = await addGeneration(transaction, name, acceptedMs(name, given.chatHoursMax));
  await appendAudit(
    transaction,
    { kind: "secret_rotated", data: { secret: name, generation: facts.generation, by: given.by } },
    given.now,
  );
  return facts;
}
