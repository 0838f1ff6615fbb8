/** Approvals as cards to show: with their status as it stands now, as on every desk. */

import type { Card } from "#core/contracts/approval-desk.ts";
import { cardStatuses } from "#jobs/approval/card-status.ts";
import { cardAsItStands } from "#jobs/approval/sync-cards.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import type { Transaction } from "#store/db/database.ts";

/** The cards of these approvals, in their order, with times in this zone: a stored card has the one of its own day. */
export async function cardsShown(
  transaction: Transaction,
  approvals: readonly Approval[],
  zone: string,
): Promise<readonly Card[]> {
  const statuses = await cardStatuses(transaction, approvals);
  return approvals.map((approval) => ({
    ...cardAsItStands(approval, statuses.get(approval.id)),
    zone,
  }));
}
