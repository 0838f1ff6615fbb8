/** The one way in which a card that was shown becomes a new version of itself. */

import { type Approval, changeApproval } from "#store/approvals/approvals.ts";
import type { Transaction } from "#store/db/database.ts";
import { type Telling, tellCardMade } from "./events.ts";

/** What the new version has; the rest stays. */
type Renewal = Parameters<typeof changeApproval>[2] & Pick<Approval, "version" | "card" | "votes">;

/** Makes a card a new version, of which webhooks are told; false where it was decided or changed meanwhile. */
export async function renewCard(
  telling: Telling,
  transaction: Transaction,
  approval: Approval,
  renewal: Renewal,
  now: Date,
): Promise<boolean> {
  if (!(await changeApproval(transaction, approval, renewal, now))) return false;
  await tellCardMade(telling, transaction, { ...approval, ...renewal }, now);
  return true;
}
