/**
 * Posting rows as cards on the desk: which are due, which process posts one, the reference of each post, and
 * what the desk shows of an approval.
 */

import {
  and,
  eq,
  inArray,
  isNotNull,
  isNull,
  lte,
  ne,
  or,
  sql,
  type Column,
  type SQL,
  asc,
  desc,
  gt,
} from "#store/db/drizzle.ts";
import { announce, type Transaction } from "#store/db/database.ts";
import { approval, type policyChange, type procedureVersion, effect } from "#store/db/schema.ts";
import { type Approval, readableApprovals, type Unreadable } from "./approvals.ts";
import { storableJson } from "#gate/kernel/storable-text.ts";

/** The rows of one table that the desk shows as cards. */
export interface CardRows {
  readonly table: typeof approval | typeof policyChange | typeof procedureVersion;
  /** True of a row that the desk does not show as it is. */
  readonly stale: SQL | undefined;
  /** Which stale rows are posted first. */
  readonly order: readonly SQL[];
  /** True of a row that can still be decided. */
  readonly undecided: SQL;
  /** The columns that say that the desk shows nothing of the row. */
  readonly unposted: {
    readonly deskRef: null;
    readonly cardStale?: true;
    readonly shownRevision?: null;
  };
}

/** How long a process has to post a card before another process may try. */
const POST_LOCK_MS = 30_000;

/** Takes stale rows, so that only one process posts each: two posts of a card would leave it on the desk twice. */
export async function takeRowsToPost(
  transaction: Transaction,
  { table, stale, order }: CardRows,
  now: Date,
  limit: number,
): Promise<readonly string[]> {
  const isPast = (column: Column) => or(isNull(column), lte(column, now));
  const due = transaction
    .select({ id: table.id })
    .from(table)
    .where(and(stale, isPast(table.postAfter), isPast(table.postLockedUntil)))
    .orderBy(...order)
    .limit(limit)
    .for("update", { skipLocked: true });
  const rows = await transaction
    .update(table)
    .set({ postLockedUntil: new Date(now.getTime() + POST_LOCK_MS) })
    .where(inArray(table.id, due))
    .returning({ id: table.id });
  return rows.map(({ id }) => id);
}

/** The table's own columns about what the desk shows of a row. */
export type ShownColumns = Partial<
  Record<"cardStale" | "statusLine" | "shownRevision", SQL | string | number>
>;

/** The desk shows the row. */
export async function recordPosted(
  transaction: Transaction,
  { table }: CardRows,
  posted: { readonly id: string; readonly deskRef: string },
  shown: ShownColumns,
): Promise<void> {
  const { id, deskRef } = posted;
  await transaction
    .update(table)
    .set({ ...shown, deskRef, postAttempts: 0, postLockedUntil: null })
    .where(eq(table.id, id));
}

/**
 * The desk did not take it: the row is tried again later, as a new post when the old one is gone. One that only waited
 * for its turn was not `tried`.
 */
export async function recordPostFailed(
  transaction: Transaction,
  { table, unposted }: CardRows,
  failed: {
    readonly id: string;
    readonly retryAt: Date;
    readonly gone: boolean;
    readonly tried: boolean;
  },
): Promise<void> {
  await transaction
    .update(table)
    .set({
      ...(failed.tried ? { postAttempts: sql`${table.postAttempts} + 1` } : {}),
      postAfter: failed.retryAt,
      postLockedUntil: null,
      ...(failed.gone ? unposted : {}),
    })
    .where(eq(table.id, failed.id));
}

/** The post is gone from the desk. An undecided row is posted again. */
export async function forgetPost(
  transaction: Transaction,
  { table, undecided, unposted }: CardRows,
  deskRef: string,
): Promise<void> {
  await transaction
    .update(table)
    .set({ ...unposted, postAfter: null })
    .where(and(eq(table.deskRef, deskRef), undecided));
}

/** After a start with a desk that keeps no cards: every undecided row is posted again. */
export async function forgetAllPosts(
  transaction: Transaction,
  { table, undecided, unposted }: CardRows,
): Promise<void> {
  await transaction
    .update(table)
    .set({ ...unposted, postAfter: null, postLockedUntil: null })
    .where(undecided);
}

/** What leads vote on: each change of a row counts its revision up, and its card shows one of them. */
type VotedRows = typeof policyChange | typeof procedureVersion;

/** True of a posted row that changed since. */
export function isChangedSincePosted(table: VotedRows): SQL | undefined {
  return and(isNotNull(table.deskRef), ne(table.shownRevision, table.revision));
}

/** The compare-and-set of every decision about what leads vote on: false when another change came first. */
export async function changeVoted<Table extends VotedRows>(
  transaction: Transaction,
  table: Table,
  expected: { readonly id: string; readonly revision: number },
  change: Partial<Table["$inferInsert"]>,
): Promise<boolean> {
  const counted = { revision: expected.revision + 1, postAfter: null, postAttempts: 0 };
  const rows = await transaction
    .update<VotedRows>(table)
    .set({ ...change, ...counted })
    .where(and(eq(table.id, expected.id), eq(table.revision, expected.revision)))
    .returning({ id: table.id });
  if (rows.length === 1) await announce(transaction, "policy");
  return rows.length === 1;
}

/**
 * Cards that are not posted yet come first, since they cannot be decided until then; after them those that changed, before
 * those that are tried again or only looked after.
 */
export const APPROVAL_CARDS: CardRows = {
  table: approval,
  stale: eq(approval.cardStale, true),
  order: [
    desc(isNull(approval.deskRef)),
    desc(isNull(approval.postAfter)),
    asc(approval.updatedAt),
  ],
  undecided: eq(approval.state, "pending"),
  unposted: { deskRef: null, cardStale: true },
};

/** Takes stale cards for posting. One that cannot be read stays taken for a while, so that it blocks no other. */
export async function takeStaleCards(
  transaction: Transaction,
  now: Date,
  limit: number,
  unreadable?: Unreadable,
): Promise<readonly Approval[]> {
  const ids = await takeRowsToPost(transaction, APPROVAL_CARDS, now, limit);
  if (ids.length === 0) return [];
  const cards = await readableApprovals(transaction, inArray(approval.id, [...ids]), {
    unreadable,
  });
  return cards.length === 0 ? takeStaleCards(transaction, now, limit, unreadable) : cards;
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
  const mayDiffer = and(
    inArray(approval.state, ["pending", "approved"]),
    or(
      ne(approval.statusLine, ""),
      inArray(approval.id, late),
      ...(isHolding ? [eq(approval.state, "pending")] : []),
    ),
  );
  return readableApprovals(transaction, mayDiffer, { limit: STATUS_CARDS_MAX });
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

/** Often enough that a card is missing for minutes only, and seldom enough for a desk that limits updates. */
export const UNSEEN_MINUTES = 5;

/**
 * Marks some undecided cards on the desk as stale: those that it took longest ago, all as long ago as `UNSEEN_MINUTES`. None while a card
 * waits for its turn there, which would come later for each of them.
 */
export async function markUnseenStale(
  transaction: Transaction,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<void> {
  const before = new Date(now.getTime() - UNSEEN_MINUTES * 60_000);
  const seenAt = sql`coalesce(${approval.postAfter}, ${approval.updatedAt})`;
  const noneWaits = sql`not exists (select from approval where card_stale and post_attempts = 0)`;
  const unseen = transaction
    .select({ id: approval.id })
    .from(approval)
    .where(
      and(
        eq(approval.state, "pending"),
        isNotNull(approval.deskRef),
        eq(approval.cardStale, false),
        lte(seenAt, before),
        noneWaits,
      ),
    )
    .orderBy(seenAt)
    .limit(limit);
  await transaction
    .update(approval)
    .set({ cardStale: true, postAfter: now })
    .where(inArray(approval.id, unseen));
}

/** Whether the desk shows a card about one of these conversations. */
export async function hasPostedCard(
  transaction: Transaction,
  conversationIds: readonly string[],
): Promise<boolean> {
  const areTheirs = inArray(approval.conversationId, [...conversationIds]);
  return (await transaction.$count(approval, and(areTheirs, isNotNull(approval.deskRef)))) > 0;
}
