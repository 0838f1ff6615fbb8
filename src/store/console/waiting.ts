/**
 * Room: what the console lists, shows and searches.
 * In: filters, cursors, ids and words from the console's pages.
 * Out: pages of rows, each read by an index; notes; figures of now.
 * May touch: the database only, inside the caller's transaction.
 * This file: cards by their ids, those of a case, and those that are only shown.
 */
import { z } from "zod";
import { Approval, approvalsWhere } from "#store/approvals/approvals.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { inArray, sql } from "#store/db/drizzle.ts";
import { approval } from "#store/db/schema.ts";
import { beyond, PAGE_ROWS, rowPage, type Cursor, type Page } from "./cursor.ts";

const Found = z.object({
  id: z.string(),
  askedAt: z.coerce.date(),
  updatedAt: z.coerce.date(),
  /** The topic its turn found; empty when none was looked for. */
  topic: z.string(),
  channel: z.string(),
});
type Found = z.infer<typeof Found>;

/** A card as a list shows it. */
export type ListedCard = Omit<Found, "id"> & { readonly approval: Approval };

/** Drafts that are only shown, newest first. */
export async function shadowCards(
  transaction: Transaction,
  after: Cursor | null,
): Promise<Page<ListedCard>> {
  const from = beyond(after, "<", sql`a.updated_at`, sql`a.id`);
  const found = await rowsOf(
    transaction,
    Found,
    sql`select a.id, a.asked_at as "askedAt", a.updated_at as "updatedAt", coalesce(t.trace ->> 'topic', '') as topic, c.channel
        from approval a join conversation c on c.id = a.conversation_id left join turn t on t.id = a.turn_id
        where a.kind = 'notice' and a.closing = '' and a.cleared_at is null and ${from}
        order by a.updated_at desc, a.id desc limit ${PAGE_ROWS + 1}`,
  );
  const { rows, next } = rowPage(found, ({ updatedAt: at, id }) => ({ at, id }));
  return { rows: await withCards(transaction, rows), next };
}

async function withCards(
  transaction: Transaction,
  found: readonly Found[],
): Promise<readonly ListedCard[]> {
  const cards = await approvalsById(
    transaction,
    found.map(({ id }) => id),
  );
  return found.flatMap(({ id, ...listed }) => {
    const card = cards.get(id);
    return card === undefined ? [] : [{ ...listed, approval: card }];
  });
}

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
