/** Posting rows as cards on the desk: which are due, which process posts one, and the reference of each post. */
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
} from "#store/db/drizzle.ts";
import type { Transaction } from "#store/db/database.ts";
import { noticeSql } from "#store/db/notices.ts";
import type { approval, policyChange, procedureVersion } from "#store/db/schema.ts";

/** The rows of one table that the desk shows as cards. */
export interface CardRows {
  readonly table: typeof approval | typeof policyChange | typeof procedureVersion;
  /** True of a row that the desk does not show as it is. */
  readonly stale: SQL | undefined;
  /** Which stale rows are posted first. */
  readonly order: readonly SQL[];
  /** The state of a row that can still be decided. */
  readonly undecided: string;
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
    .where(and(eq(table.deskRef, deskRef), eq(table.state, undecided)));
}

/** After a start with a desk that keeps no cards: every undecided row is posted again. */
export async function forgetAllPosts(
  transaction: Transaction,
  { table, undecided, unposted }: CardRows,
): Promise<void> {
  await transaction
    .update(table)
    .set({ ...unposted, postAfter: null, postLockedUntil: null })
    .where(eq(table.state, undecided));
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
  if (rows.length === 1) await announceRules(transaction);
  return rows.length === 1;
}

/** Every process that hears it looks at policy and procedures once this is committed. */
export async function announceRules(transaction: Transaction): Promise<void> {
  await transaction.execute(sql.raw(`select ${noticeSql("policy", "''")}`));
}
