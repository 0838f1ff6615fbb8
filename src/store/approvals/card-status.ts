/** Which cards may need a status line. */
import { and, asc, eq, gt, inArray, ne, or } from "#store/db/drizzle.ts";
import { type Approval } from "./approvals.ts";
import { readableApprovals } from "./card-posting.ts";
import type { Transaction } from "#store/db/database.ts";
import { approval, effect } from "#store/db/schema.ts";

/**
 * Cards that may need a status line, or whose desk post still shows one: all waiting cards while a pause is in force,
 * and always those whose effects are being retried.
 */
export async function loadCardStatus(
  transaction: Transaction,
  isHolding: boolean,
): Promise<readonly Approval[]> {
  const late = transaction
    .select({ id: effect.approvalId })
    .from(effect)
    .where(
      and(
        inArray(effect.state, ["intended", "executing"]),
        ...(isHolding ? [] : [or(gt(effect.awayCount, 0), gt(effect.attempts, 0))]),
      ),
    );
  const rows = await transaction
    .select({ id: approval.id })
    .from(approval)
    .where(
      and(
        inArray(approval.state, ["pending", "approved"]),
        or(
          ne(approval.asideShown, ""),
          inArray(approval.id, late),
          ...(isHolding ? [eq(approval.state, "pending")] : []),
        ),
      ),
    )
    .orderBy(asc(approval.id))
    .limit(STATUS_CARDS_MAX);
  return readableApprovals(
    transaction,
    rows.map(({ id }) => id),
  );
}

/** More cards than this do not wait in practice; the rest would follow in the next round. */
const STATUS_CARDS_MAX = 500;

/** Marks these cards as stale; one that is stale already keeps its place in the queue. Decisions are not affected. */
export async function markStale(transaction: Transaction, ids: readonly string[]): Promise<void> {
  for (const id of ids)
    await transaction
      .update(approval)
      .set({ cardStale: true, postAfter: null })
      .where(and(eq(approval.id, id), eq(approval.cardStale, false)));
}
