/** The cards of approvals on the desk: which are stale, what the desk shows of one, and which may need a status line. */
import {
  and,
  asc,
  desc,
  eq,
  gt,
  inArray,
  isNotNull,
  isNull,
  ne,
  or,
  sql,
} from "#store/db/drizzle.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { type Approval, approvalsWhere } from "./approvals.ts";
import { takeRowsToPost, type CardRows } from "./card-posting.ts";
import type { Transaction } from "#store/db/database.ts";
import { approval, effect } from "#store/db/schema.ts";
import { storableJson } from "#store/db/storable-text.ts";

/** Cards that are not posted yet come first, since they cannot be decided until then. */
export const APPROVAL_CARDS: CardRows = {
  table: approval,
  stale: eq(approval.cardStale, true),
  order: [desc(isNull(approval.deskRef)), asc(approval.updatedAt)],
  undecided: "pending",
  unposted: { deskRef: null, cardStale: true },
};

/**
 * Takes stale cards for posting. A card written by a newer version stays taken for a while and is left to that
 * version's processes, so that it blocks no other.
 */
export async function takeStaleCards(
  transaction: Transaction,
  now: Date,
  limit: number,
): Promise<readonly Approval[]> {
  const ids = await takeRowsToPost(transaction, APPROVAL_CARDS, now, limit);
  const cards = await readableApprovals(transaction, ids);
  return ids.length > 0 && cards.length === 0 ? takeStaleCards(transaction, now, limit) : cards;
}

/** The cards with these ids, in this order, without those only a newer version can read: its processes handle them. */
async function readableApprovals(
  transaction: Transaction,
  ids: readonly string[],
): Promise<readonly Approval[]> {
  if (ids.length === 0) return [];
  try {
    const cards = await approvalsWhere(transaction, inArray(approval.id, [...ids]));
    const read = new Map(cards.map((card) => [card.id, card]));
    return ids.flatMap((id) => read.get(id) ?? []);
  } catch (error) {
    if (!(error instanceof DeskhandError && error.code === "store.newer_schema")) throw error;
    if (ids.length === 1) return [];
  }
  const each: Approval[] = [];
  for (const id of ids) each.push(...(await readableApprovals(transaction, [id])));
  return each;
}

/**
 * The columns that record what the desk shows: this card as it was read. A change made meanwhile leaves it stale; what
 * reading a draft against its sources came to changes nothing but the card, to which it adds a line.
 */
export function shownColumns(shown: Approval, statusLine: string) {
  const { version, state, closing, votes, claim, redraft, opinions, undoUntil, card } = shown;
  return {
    statusLine,
    cardStale: sql`not (${approval.version} = ${version} and ${approval.state} = ${state} and ${approval.closing} = ${closing} and jsonb_array_length(${approval.votes}) = ${votes.length} and ${approval.undoUntil} is not distinct from ${undoUntil}::timestamptz and ${approval.claimUntil} is not distinct from ${claim?.until ?? null}::timestamptz and (${approval.redraft} is not null) = ${redraft.request !== null} and ${approval.opinions} = ${storableJson(opinions)}::jsonb and coalesce(jsonb_array_length(${approval.card} -> 'flags'), 0) = ${card.flags.length})`,
  };
}

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
          ne(approval.statusLine, ""),
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

/** Updates every undecided card on the desk, or posts it again. */
export async function markPendingCardsStale(transaction: Transaction): Promise<void> {
  await transaction
    .update(approval)
    .set({ cardStale: true })
    .where(and(eq(approval.state, "pending"), isNotNull(approval.deskRef)));
}

/** Whether the desk shows a card about one of these conversations. */
export async function hasPostedCard(
  transaction: Transaction,
  conversationIds: readonly string[],
): Promise<boolean> {
  const areTheirs = inArray(approval.conversationId, [...conversationIds]);
  return (await transaction.$count(approval, and(areTheirs, isNotNull(approval.deskRef)))) > 0;
}
