/** Cards that wait, once something they rest on is not as it was: a new version without votes, which says what changed. */

import type { Card } from "#core/contracts/approval-desk.ts";
import { type Approval, readableApprovals } from "#store/approvals/approvals.ts";
import { citesTitle } from "#store/approvals/card-context.ts";
import { inArray, sql } from "#store/db/drizzle.ts";
import { approval } from "#store/db/schema.ts";
import type { Transaction } from "#store/db/database.ts";
import { renewCard } from "#jobs/webhooks/renew-card.ts";
import type { Telling } from "#jobs/webhooks/events.ts";

/**
 * Says on a card what changed, so that who has not seen it cannot approve it. `context` takes the place of the card's
 * own. False where the card was decided meanwhile.
 */
export async function markChanged(
  telling: Telling,
  transaction: Transaction,
  pending: Approval,
  {
    line,
    context = pending.card.context,
  }: { readonly line: string; readonly context?: Card["context"] },
  now: Date,
): Promise<boolean> {
  const lapsed = pending.votes.map(({ name }) => `${name}'s approval lapsed.`);
  const card = { ...pending.card, context };
  return renewCard(telling, transaction, pending, { lines: [line, ...lapsed], card }, now);
}

/** What happened to a help page, such as "was switched off". */
interface PageEvent {
  readonly slug: string;
  readonly what: string;
  /** Where it lies back: by which title drafts cited it then, and until when. Left out where it happens here and now. */
  readonly noted?: { readonly title: string; readonly at: string };
}

/** Marks every card that waits and cites this help page as it was. */
export async function markCiting(
  telling: Telling,
  transaction: Transaction,
  { slug, what, noted }: PageEvent,
  now: Date,
): Promise<void> {
  const ids = sql`(select a.id from approval a
    join ${noted === undefined ? sql`help_page page on page.slug = ${slug}` : sql`(select ${noted.title}::text as title) page on a.created_at <= ${noted.at}`}
    where a.state = 'pending' and ${citesTitle(sql`page.title`)})`;
  for (const pending of await readableApprovals(transaction, inArray(approval.id, ids))) {
    const line = `A help page that the draft cites ${what} (${slug}). Read the draft again before you send it.`;
    await markChanged(telling, transaction, pending, { line }, now);
  }
}
