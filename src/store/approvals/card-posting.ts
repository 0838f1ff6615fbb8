/** Bringing cards to the desk: which are due, which process posts one, and where each stands. */
import { and, asc, desc, eq, inArray, isNotNull, isNull, lte, or, sql } from "#store/db/drizzle.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { ApprovalState } from "#core/values/approval.ts";
import { Approval } from "./approvals.ts";
import type { Transaction } from "#store/db/database.ts";
import { approval } from "#store/db/schema.ts";
import { storableJson } from "#store/db/storable-text.ts";

/** Whoever brings a card to the desk has this long before somebody else may try. */
const CARD_CLAIM_MS = 30_000;

/**
 * Takes the cards whose picture on the desk is out of date, so that only one process posts each: a card that two posted
 * at once would stand there twice. Those that stand nowhere yet come first, since nobody can decide on them before. A
 * card of a newer version stays taken for a while and is left to its own processes, so that it holds up no other.
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

/**
 * The cards of these ids, in their order, without those that only a newer version can read: its own processes look after
 * them.
 */
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

/** The desk shows this version now. A change that came meanwhile keeps the card marked. */
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

/** The posted card is gone: it is posted anew, once. */
export async function forgetCard(transaction: Transaction, id: string): Promise<void> {
  await transaction
    .update(approval)
    .set({ deskRef: null, cardStale: true, postAfter: null })
    .where(eq(approval.id, id));
}

/** As `forgetCard`, for whoever knows where it stood. One that is decided needs no successor. */
export async function forgetCardAt(transaction: Transaction, deskRef: string): Promise<void> {
  await transaction
    .update(approval)
    .set({ deskRef: null, cardStale: true, postAfter: null })
    .where(and(eq(approval.deskRef, deskRef), eq(approval.state, "pending")));
}

/** Every card that can still be decided is brought to the desk once more, where it stands or anew. */
export async function showPendingCardsAgain(transaction: Transaction): Promise<void> {
  await transaction
    .update(approval)
    .set({ cardStale: true })
    .where(and(eq(approval.state, "pending"), isNotNull(approval.deskRef)));
}

/** After a start with a desk that forgets: every card that can still be decided is posted again. */
export async function forgetAllCards(transaction: Transaction): Promise<number> {
  const rows = await transaction
    .update(approval)
    .set({ deskRef: null, cardStale: true, postAfter: null, claimedUntil: null })
    .where(inArray(approval.state, ["pending"]))
    .returning({ id: approval.id });
  return rows.length;
}
