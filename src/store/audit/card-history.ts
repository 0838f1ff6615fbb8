/** The audit entries of one card. */
import { z } from "zod";
import { JsonObject } from "#core/values/canonical-json.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { ALL_ENTRIES } from "./pending-entries.ts";

/** One event in the history of a card. */
export interface CardEvent {
  readonly at: Date;
  readonly kind: string;
  readonly data: JsonObject;
}

const CardEventRow = z.object({ at: z.coerce.date(), kind: z.string(), data: JsonObject });

/** Far more than a card ever has; bounds the list when a person clicks endlessly. */
const EVENTS_MAX = 100;

/**
 * The audit entries of a card, oldest first; of one moment, the request comes before what was decided on it. People are
 * pseudonyms in them.
 */
export async function auditOfCard(
  transaction: Transaction,
  approvalId: string,
): Promise<readonly CardEvent[]> {
  return rowsOf(
    transaction,
    CardEventRow,
    sql`select at, kind, data from ${ALL_ENTRIES}
        where data ->> 'approval' = ${approvalId} order by at, (kind <> 'asked'), seq nulls last limit ${EVENTS_MAX}`,
  );
}
