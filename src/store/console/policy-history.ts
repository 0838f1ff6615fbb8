/** The changes of the policy, newest first. */
import type { Transaction } from "#store/db/database.ts";
import { and, desc, eq, sql } from "#store/db/drizzle.ts";
import { policyChange } from "#store/db/schema.ts";
import { PolicyChange } from "#store/policy/policy-changes.ts";
import { beyond, rowTotal, rowPage, type Cursor, type Page } from "./cursor.ts";

const CHANGES_A_PAGE = 20;

/** How many changes wait for people to agree; at most one for each source. */
export function proposedChangeCount(transaction: Transaction): Promise<number> {
  return rowTotal(transaction, sql`policy_change where state = 'proposed'`);
}

/** The change that waits for people to agree; null when none does. */
export async function proposedChange(transaction: Transaction): Promise<PolicyChange | null> {
  const [row] = await transaction
    .select()
    .from(policyChange)
    .where(eq(policyChange.state, "proposed"))
    .orderBy(desc(policyChange.proposedAt))
    .limit(1);
  return row === undefined ? null : PolicyChange.parse(row);
}

/** The policy with this version that is in force; null when it was never stored, as before the first start. */
export async function changeInForce(
  transaction: Transaction,
  version: string,
): Promise<PolicyChange | null> {
  const [row] = await transaction
    .select()
    .from(policyChange)
    .where(and(eq(policyChange.state, "active"), eq(policyChange.version, version)))
    .orderBy(desc(policyChange.activeSince))
    .limit(1);
  return row === undefined ? null : PolicyChange.parse(row);
}

/** What became of every policy file that was read, newest first. */
export async function policyChanges(
  transaction: Transaction,
  after: Cursor | null,
): Promise<Page<PolicyChange>> {
  const rows = await transaction
    .select()
    .from(policyChange)
    .where(beyond(after, "<", policyChange.proposedAt, policyChange.id))
    .orderBy(desc(policyChange.proposedAt), desc(policyChange.id))
    .limit(CHANGES_A_PAGE + 1);
  const changes = rows.map((row) => PolicyChange.parse(row));
  return rowPage(changes, ({ proposedAt: at, id }) => ({ at, id }), CHANGES_A_PAGE);
}
