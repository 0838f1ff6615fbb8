import { and, eq, gt, isNull, lte, or, sql } from "#store/db/drizzle.ts";
import type { CardClaim } from "#core/values/approval.ts";
import type { Transaction } from "#store/db/database.ts";
import { approval } from "#store/db/schema.ts";
import { storableJson } from "#store/db/storable-text.ts";

/**
 * Says on a card that waits who looks at it. False when it has ended, or when somebody else looks at it already; whoever
 * has it may say so again. Neither version nor votes move, so nothing that others see on their screens goes stale.
 */
export async function claimCard(
  transaction: Transaction,
  { id, claim, until }: { readonly id: string; readonly claim: CardClaim; readonly until: Date },
  now: Date,
): Promise<boolean> {
  const rows = await transaction
    .update(approval)
    .set({ claim, claimUntil: until, ...SHOWN_ANEW })
    .where(
      and(
        eq(approval.id, id),
        eq(approval.state, "pending"),
        gt(approval.expiresAt, now),
        or(isNull(approval.claimUntil), lte(approval.claimUntil, now), isClaimedBy(claim.voter)),
      ),
    )
    .returning({ id: approval.id });
  return rows.length === 1;
}

/** Takes back one's own word; false when it was not theirs, or had lapsed. */
export async function releaseCard(
  transaction: Transaction,
  id: string,
  voter: string,
): Promise<boolean> {
  const rows = await transaction
    .update(approval)
    .set({ ...UNCLAIMED, ...SHOWN_ANEW })
    .where(and(eq(approval.id, id), isClaimedBy(voter)))
    .returning({ id: approval.id });
  return rows.length === 1;
}

/** Takes the names off cards whose time is over, and gives the cards. Asked by the clockwork at every tick. */
export async function lapseClaims(
  transaction: Transaction,
  now: Date,
): Promise<readonly { readonly id: string }[]> {
  return transaction
    .update(approval)
    .set({ ...UNCLAIMED, ...SHOWN_ANEW })
    .where(lte(approval.claimUntil, now))
    .returning({ id: approval.id });
}

/** The names of these people on cards: they go at once, since nothing rests on them. */
export async function forgetClaims(
  transaction: Transaction,
  voters: readonly string[],
): Promise<void> {
  if (voters.length === 0) return;
  const isTheirs = sql`lower(${approval.claim} ->> 'voter') in ${voters} or lower(${approval.claim} ->> 'deskId') in ${voters}`;
  await transaction
    .update(approval)
    .set({ ...UNCLAIMED, ...SHOWN_ANEW })
    .where(and(sql`${approval.claim} is not null`, sql`(${isTheirs})`));
}

const UNCLAIMED = { claim: null, claimUntil: null } as const;

/** The picture on the desk is out of date; whoever decides meanwhile finds the row as it was. */
const SHOWN_ANEW = { cardStale: true, postAfter: null, postAttempts: 0 } as const;

function isClaimedBy(voter: string) {
  return eq(sql`${approval.claim} -> 'voter'`, sql`${storableJson(voter)}::jsonb`);
}
