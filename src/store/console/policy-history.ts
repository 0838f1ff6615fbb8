/** The changes of the policy, newest first. */
import type { Transaction } from "#store/db/database.ts";
import { and, eq, sql } from "#store/db/drizzle.ts";
import { policyChange } from "#store/db/schema.ts";
import { changesWhere, newestChange, type PolicyChange } from "#store/policy/policy-changes.ts";
import { beyond, rowTotal, rowPage, type Cursor, type Page } from "./cursor.ts";

const CHANGES_A_PAGE = 20;

/** How many changes wait for people to agree; at most one for each source. */
export function proposedChangeCount(transaction: Transaction): Promise<number> {
  return rowTotal(transaction, sql`policy_change where state = 'proposed'`);
}

/** The change that waits for people to agree; null when none does. */
export function proposedChange(transaction: Transaction): Promise<PolicyChange | null> {
  return newestChange(transaction, { state: "proposed" });
}

/** The policy with this version that is in force; null when it was never stored, as before the first start. */
export async function changeInForce(
  transaction: Transaction,
  version: string,
): Promise<PolicyChange | null> {
  const isInForce = and(eq(policyChange.state, "active"), eq(policyChange.version, version));
  // One of each source at the most.
  const changes = await changesWhere(transaction, isInForce, 2);
  const since = ({ activeSince }: PolicyChange): number => activeSince?.getTime() ?? 0;
  return changes.toSorted((one, other) => since(other) - since(one))[0] ?? null;
}

/** What became of every policy file that was read, newest first. */
export async function policyChanges(
  transaction: Transaction,
  after: Cursor | null,
): Promise<Page<PolicyChange>> {
  const from = beyond(after, policyChange.proposedAt, policyChange.id);
  const changes = await changesWhere(transaction, from, CHANGES_A_PAGE + 1);
  return rowPage(changes, ({ proposedAt: at, id }) => ({ at, id }), CHANGES_A_PAGE);
}
