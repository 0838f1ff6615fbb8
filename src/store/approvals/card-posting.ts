/** Posting cards to the desk: which are due, which process posts one, and the reference of each. */
import { and, asc, desc, eq, inArray, isNotNull, isNull, lte, or, sql } from "#store/db/drizzle.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { ApprovalState } from "#core/values/approval.ts";
import { Approval } from "./approvals.ts";
import type { Transaction } from "#store/db/database.ts";
import { approval } from "#store/db/schema.ts";
import { storableJson } from "#store/db/storable-text.ts";

/** How long a process has to post a card before another process may try. */
const CARD_CLAIM_MS = 30_000;

/**
 * Takes stale cards so that only one process posts each: two posts of a card would leave it on the desk twice. Cards
 * that are not posted yet come first, since they cannot be decided until then. A card written by a newer version stays
 * claimed for a while and is left to that version's processes, so that it blocks no other.
 */
export async function claimStaleCards(
  transaction: Transaction,
  now: Date,
  limit: number,
): Promise<readonly Approval[]> {
  const due = transaction
    .select({ id: approval.id })
    .from(approval)
    .where(
      and(
        eq(approval.cardStale, true),
        or(isNull(approval.postAfter), lte(approval.postAfter, now)),
        or(isNull(approval.claimedUntil), lte(approval.claimedUntil, now)),
      ),
    )
    .orderBy(desc(isNull(approval.deskRef)), asc(approval.updatedAt))
    .limit(limit)
    .for("update", { skipLocked: true });
  const rows = await transaction
    .update(approval)
    .set({ claimedUntil: new Date(now.getTime() + CARD_CLAIM_MS) })
    .where(inArray(approval.id, due))
    .returning({ id: approval.id });
  const cards = await readableApprovals(
    transaction,
    rows.map(({ id }) => id),
  );
  return rows.length > 0 && cards.length === 0 ? claimStaleCards(transaction, now, limit) : cards;
}

/** The cards with these ids, in this order, without those only a newer version can read: its processes handle them. */
export async function readableApprovals(
  transaction: Transaction,
  ids: readonly string[],
): Promise<readonly Approval[]> {
  if (ids.length === 0) return [];
  try {
    const rows = await transaction
      .select()
      .from(approval)
      .where(inArray(approval.id, [...ids]));
    const read = new Map(rows.map((row) => [row.id, Approval.parse(row)]));
    return ids.flatMap((id) => read.get(id) ?? []);
  } catch (error) {
    if (!(error instanceof DeskhandError && error.code === "store.newer_schema")) throw error;
    if (ids.length === 1) return [];
  }
  const each: Approval[] = [];
  for (const id of ids) each.push(...(await readableApprovals(transaction, [id])));
  return each;
}

/** The desk shows this version now. A change made meanwhile leaves the card marked as stale. */
export async function cardShown(
  transaction: Transaction,
  shown: {
    readonly id: string;
    readonly version: number;
    readonly updatedState: ApprovalState;
    readonly closing: string;
    readonly votes: number;
    readonly claimUntil: Date | null;
    readonly redoing: boolean;
    readonly deskRef: string;
    readonly aside: string;
    readonly opinions: Approval["opinions"];
  },
): Promise<void> {
  await transaction
    .update(approval)
    .set({
      deskRef: shown.deskRef,
      asideShown: shown.aside,
      postAttempts: 0,
      claimedUntil: null,
      cardStale: sql`not (${approval.version} = ${shown.version} and ${approval.state} = ${shown.updatedState} and ${approval.closing} = ${shown.closing} and jsonb_array_length(${approval.votes}) = ${shown.votes} and ${approval.claimUntil} is not distinct from ${shown.claimUntil}::timestamptz and (${approval.redo} is not null) = ${shown.redoing} and ${approval.opinions} = ${storableJson(shown.opinions)}::jsonb)`,
    })
    .where(eq(approval.id, shown.id));
}

/** The desk could not be reached: the card stays marked and is tried again later. */
export async function cardFailed(
  transaction: Transaction,
  id: string,
  retryAt: Date,
): Promise<void> {
  await transaction
    .update(approval)
    .set({
      postAttempts: sql`${approval.postAttempts} + 1`,
      postAfter: retryAt,
      claimedUntil: null,
    })
    .where(eq(approval.id, id));
}

/** The posted card is gone: it is posted again, once. */
export async function forgetCard(transaction: Transaction, id: string): Promise<void> {
  await transaction
    .update(approval)
    .set({ deskRef: null, cardStale: true, postAfter: null })
    .where(eq(approval.id, id));
}

/** Like `forgetCard`, by the reference of the post. A decided card is not posted again. */
export async function forgetCardAt(transaction: Transaction, deskRef: string): Promise<void> {
  await transaction
    .update(approval)
    .set({ deskRef: null, cardStale: true, postAfter: null })
    .where(and(eq(approval.deskRef, deskRef), eq(approval.state, "pending")));
}

/** Updates every undecided card on the desk, or posts it again. */
export async function showPendingCardsAgain(transaction: Transaction): Promise<void> {
  await transaction
    .update(approval)
    .set({ cardStale: true })
    .where(and(eq(approval.state, "pending"), isNotNull(approval.deskRef)));
}

/** After a start with a desk that keeps no cards: every undecided card is posted again. */
export async function forgetAllCards(transaction: Transaction): Promise<number> {
  const rows = await transaction
    .update(approval)
    .set({ deskRef: null, cardStale: true, postAfter: null, claimedUntil: null })
    .where(inArray(approval.state, ["pending"]))
    .returning({ id: approval.id });
  return rows.length;
}
