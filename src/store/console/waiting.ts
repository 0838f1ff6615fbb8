/**
 * Room: what the console lists, shows and searches.
 * In: filters, cursors, ids and words from the console's pages.
 * Out: pages of rows, each read by an index; notes; figures of now.
 * May touch: the database only, inside the caller's transaction.
 * This file: cards by their ids, and those of a case.
 */
import { Approval, approvalsWhere } from "#store/approvals/approvals.ts";
import type { Transaction } from "#store/db/database.ts";
import { inArray, sql } from "#store/db/drizzle.ts";
import { approval } from "#store/db/schema.ts";

/** The cards with these ids. */
export async function approvalsById(
  transaction: Transaction,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Approval>> {
  if (ids.length === 0) return new Map();
  const rows = await approvalsWhere(transaction, inArray(approval.id, [...ids]));
  return new Map(rows.map((card) => [card.id, card]));
}

/** The cards of a case: what waits or can be undone first, then the newest decided ones. */
export async function cardsOfConversations(
  transaction: Transaction,
  conversationIds: readonly string[],
  most: number,
): Promise<readonly Approval[]> {
  if (conversationIds.length === 0) return [];
  const rows = await transaction
    .select()
    .from(approval)
    .where(inArray(approval.conversationId, [...conversationIds]))
    .orderBy(sql`${approval.state} = 'pending' desc`, sql`${approval.updatedAt} desc`)
    .limit(most);
  return rows.map((row) => Approval.parse(row));
}
