/** Teammates' opinions of drafts that are only shown. */
import { and, eq, sql } from "#store/db/drizzle.ts";
import type { Opinion } from "#core/values/approval.ts";
import type { Transaction } from "#store/db/database.ts";
import { approval } from "#store/db/schema.ts";

/**
 * Stores a teammate's opinion of a draft that is only shown, replacing their previous one. A repeated rejection without
 * text keeps the earlier text. False when the card is not of this kind, or its text was erased.
 */
export async function saveDraftRating(
  transaction: Transaction,
  approvalId: string,
  opinion: Opinion,
): Promise<boolean> {
  const [row] = await transaction
    .select({ opinions: approval.opinions })
    .from(approval)
    .where(and(eq(approval.id, approvalId), eq(approval.kind, "notice"), eq(approval.closing, "")))
    .for("update");
  if (row === undefined) return false;
  const others = row.opinions.filter(({ voter }) => voter !== opinion.voter);
  const before = row.opinions.find(({ voter }) => voter === opinion.voter);
  const isBareNo = !opinion.wouldSend && opinion.ownAnswer === "";
  const kept = isBareNo ? { ...opinion, ownAnswer: before?.ownAnswer ?? "" } : opinion;
  await transaction
    .update(approval)
    .set({ opinions: [...others, kept], ...SHOWN_ANEW })
    .where(eq(approval.id, approvalId));
  return true;
}

/** Removes the opinions of these people at once, since no decision depends on them. */
export async function forgetDraftRatings(
  transaction: Transaction,
  voters: readonly string[],
): Promise<void> {
  const rows = await transaction
    .select({ id: approval.id, opinions: approval.opinions })
    .from(approval)
    .where(sql`${approval.opinions} <> '[]'::jsonb`)
    .for("update");
  const isTheirs = ({ voter, deskId }: Opinion): boolean =>
    [voter, deskId].some((name) => voters.includes(name.toLowerCase()));
  for (const { id, opinions } of rows)
    if (opinions.some(isTheirs))
      await transaction
        .update(approval)
        .set({ opinions: opinions.filter((one) => !isTheirs(one)), ...SHOWN_ANEW })
        .where(eq(approval.id, id));
}

/** Marks the post on the desk as stale. */
const SHOWN_ANEW = { cardStale: true, postAfter: null, postAttempts: 0 } as const;
