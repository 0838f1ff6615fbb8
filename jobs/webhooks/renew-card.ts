/** The one way in which a card that was shown becomes a new version of itself. */

import { type Approval, changeApproval } from "#store/approvals/approvals.ts";
import type { Transaction } from "#store/db/database.ts";
import { type Telling, tellCardMade } from "./events.ts";

/** What the new version has beside its number and no votes; the rest stays. `lines` say what changed. */
type Renewal = Omit<Parameters<typeof changeApproval>[2], "version" | "votes"> & {
  readonly lines: readonly string[];
};

/**
 * Makes a card a new version, of which webhooks are told, so that who has not seen what changed cannot approve it. False
 * where it was decided or changed meanwhile.
 */
export async function renewCard(
  telling: Telling,
  transaction: Transaction,
  approval: Approval,
  { lines, card = approval.card, ...change }: Renewal,
  now: Date,
): Promise<boolean> {
  const version = approval.version + 1;
  const changes = changesWith(approval, lines, { isRedone: change.redraft !== undefined });
  const renewal = { ...change, version, votes: [], card: { ...card, version, changes } };
  if (!(await changeApproval(transaction, approval, renewal, now))) return false;
  await tellCardMade(telling, transaction, { ...approval, ...renewal }, now);
  return true;
}

/** The newest ones are told: as many as the smallest desk shows (Slack), which would leave out the last of more. */
const CHANGES_MAX = 6;

/** The end of the line about a draft that is asked for. */
export const IS_MADE = "Another draft is being made.";

/**
 * What changed on a card, with these lines. What changed before stays: who decides may have seen the first version only.
 * `isRedone` ends the request for another draft.
 */
export function changesWith(
  { card, redraft }: Pick<Approval, "card" | "redraft">,
  lines: readonly string[],
  { isRedone }: { readonly isRedone: boolean },
): string[] {
  const isOver = isRedone || redraft.request === null;
  const before = card.changes.filter(
    (line) => !lines.includes(line) && !(isOver && line.endsWith(IS_MADE)),
  );
  return [...before, ...lines].slice(-CHANGES_MAX);
}
