/** The audit entries of one card. */
import { asc, sql } from "#store/db/drizzle.ts";
import type { JsonObject } from "#core/values/canonical-json.ts";
import type { Transaction } from "#store/db/database.ts";
import { audit } from "#store/db/schema.ts";

/** One event in the history of a card. */
export interface CardEvent {
  readonly at: Date;
  readonly kind: string;
  readonly data: JsonObject;
}

/** Far more than a card ever has; bounds the list when a person clicks endlessly. */
const EVENTS_MAX = 100;

/** The audit entries of a card, oldest first. People are pseudonyms in them. */
export async function auditOfCard(
  transaction: Transaction,
  approvalId: string,
): Promise<readonly CardEvent[]> {
  return transaction
    .select({ at: audit.at, kind: audit.kind, data: audit.data })
    .from(audit)
    .where(sql`${audit.data} ->> 'approval' = ${approvalId}`)
    .orderBy(asc(audit.seq))
    .limit(EVENTS_MAX);
}
