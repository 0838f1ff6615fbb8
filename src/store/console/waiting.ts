/**
 * Room: what the console lists, shows and searches.
 * In: filters, cursors, ids and words from the console's pages.
 * Out: pages of rows, each read by an index; notes; figures of now.
 * May touch: the database only, inside the caller's transaction.
 * This file: the cards that wait, those decided, those that are only shown, and the conversations people have.
 */
import { KNOWN_NAME } from "#store/people/person-names.ts";
import { z } from "zod";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { Approval, approvalsWhere } from "#store/approvals/approvals.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { and, inArray, sql, type SQL } from "#store/db/drizzle.ts";
import { approval } from "#store/db/schema.ts";
import { beyond, rowTotal, PAGE_ROWS, rowPage, type Cursor, type Page } from "./cursor.ts";

/** Which waiting cards are wanted; null means any. */
export interface WaitingFilter {
  readonly channel: ChannelName | null;
  readonly topic: string | null;
  readonly money: "some" | "none" | null;
  /** Asked before this moment. */
  readonly before: Date | null;
  /** Claimed by this voter. */
  readonly claimedBy: string | null;
}

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

const CARDS = sql`select a.id, a.asked_at as "askedAt", a.updated_at as "updatedAt",
    coalesce(t.trace ->> 'topic', '') as topic, c.channel
  from approval a join conversation c on c.id = a.conversation_id left join turn t on t.id = a.turn_id`;

const MONEY = sql`jsonb_path_exists(a.proposal, '$.actions[*].action.arguments.amount.minor')`;

/**
 * Waiting cards, oldest first, and among them those whose decision one click can still undo: a card keeps its place
 * until its undo time is over, so that the list does not jump when it is decided.
 */
export async function waitingCards(
  transaction: Transaction,
  filter: WaitingFilter,
  { after, now }: { readonly after: Cursor | null; readonly now: Date },
): Promise<Page<ListedCard>> {
  const where = filterConditions(filter);
  const from = beyond(after, ">", sql`a.asked_at`, sql`a.id`);
  const read = (state: SQL): Promise<readonly Found[]> =>
    rowsOf(
      transaction,
      Found,
      sql`${CARDS} where ${state} and ${where} and ${from} order by a.asked_at, a.id limit ${PAGE_ROWS + 1}`,
    );
  const pending = await read(sql`a.state = 'pending'`);
  const undoable = await read(
    sql`a.state <> 'pending' and a.undo_until > ${now.toISOString()}::timestamptz`,
  );
  const found = [...pending, ...undoable].toSorted(
    (one, other) => one.askedAt.getTime() - other.askedAt.getTime() || (one.id < other.id ? -1 : 1),
  );
  const { rows, next } = rowPage(found, ({ askedAt: at, id }) => ({ at, id }));
  return { rows: await withCards(transaction, rows), next };
}

function filterConditions({ channel, topic, money, before, claimedBy }: WaitingFilter): SQL {
  const conditions = [
    channel === null ? null : sql`c.channel = ${channel}`,
    topic === null ? null : sql`t.trace ->> 'topic' = ${topic}`,
    money === null ? null : money === "some" ? MONEY : sql`not coalesce(${MONEY}, false)`,
    before === null ? null : sql`a.asked_at <= ${before.toISOString()}::timestamptz`,
    claimedBy === null ? null : sql`a.claim ->> 'voter' = ${claimedBy}`,
  ].filter((condition) => condition !== null);
  return and(...conditions) ?? sql`true`;
}

/** How many cards wait for a decision. */
export function waitingCount(transaction: Transaction): Promise<number> {
  return rowTotal(transaction, sql`approval where state = 'pending'`);
}

/** Cards that do not wait: those decided or ended otherwise, without policy changes, and drafts that are only shown. */
const ENDED = {
  decided: sql`a.state <> 'pending' and a.kind <> 'notice' and a.cleared_at is null`,
  shadow: sql`a.kind = 'notice' and a.closing = '' and a.cleared_at is null`,
};

/** Cards that do not wait, newest first. */
export async function endedCards(
  transaction: Transaction,
  which: keyof typeof ENDED,
  after: Cursor | null,
): Promise<Page<ListedCard>> {
  const from = beyond(after, "<", sql`a.updated_at`, sql`a.id`);
  const found = await rowsOf(
    transaction,
    Found,
    sql`${CARDS} where ${ENDED[which]} and ${from} order by a.updated_at desc, a.id desc limit ${PAGE_ROWS + 1}`,
  );
  const { rows, next } = rowPage(found, ({ updatedAt: at, id }) => ({ at, id }));
  return { rows: await withCards(transaction, rows), next };
}

async function withCards(
  transaction: Transaction,
  found: readonly Found[],
): Promise<readonly ListedCard[]> {
  if (found.length === 0) return [];
  const ids = found.map(({ id }) => id);
  const rows = await approvalsWhere(transaction, inArray(approval.id, ids));
  const cards = new Map(rows.map((card) => [card.id, card]));
  return found.flatMap(({ id, ...listed }) => {
    const card = cards.get(id);
    return card === undefined ? [] : [{ ...listed, approval: card }];
  });
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

/** The card that waits next after this one, in the order of the list, or else the first that waits; null without any. */
export async function nextWaiting(
  transaction: Transaction,
  id: string,
): Promise<Pick<Approval, "id" | "conversationId"> | null> {
  const [row] = await rowsOf(
    transaction,
    z.object({ id: z.string(), conversationId: z.string() }),
    sql`(select a.id, a.conversation_id as "conversationId", 0 as place from approval a, approval this
          where this.id = ${id} and a.state = 'pending' and a.id <> this.id and (a.asked_at, a.id) > (this.asked_at, this.id)
          order by a.asked_at, a.id limit 1)
        union all
        (select a.id, a.conversation_id, 1 from approval a where a.state = 'pending' and a.id <> ${id}
          order by a.asked_at, a.id limit 1)
        order by place limit 1`,
  );
  return row ?? null;
}

// What people have: conversations handed to them and not solved yet, and who has taken them.

const WithPeople = z.object({
  id: z.string(),
  channel: z.string(),
  subject: z.string(),
  reason: z.string(),
  handedOverAt: z.coerce.date(),
  /** The number of the ticket it is worked on in; null when there is none. */
  ticket: z.string().nullable(),
  /** Whom it is assigned to; null when a person has not been named since. */
  assignee: z.string().nullable(),
  /** The teammate who answered last since; null when none has. */
  answeredBy: z.string().nullable(),
  answeredAt: z.coerce.date().nullable(),
  /** The customer's name as they wrote it; null when their text was erased. */
  customer: z.string().nullable(),
  /** The beginning of the customer's newest message. */
  excerpt: z.string().nullable(),
});
/** A conversation that people have. */
export type WithPeople = z.infer<typeof WithPeople>;

/** Of the customer's newest message. */
const EXCERPT_MAX = 200;

/** What people have, the longest first. */
export async function withPeople(
  transaction: Transaction,
  after: Cursor | null,
): Promise<Page<WithPeople>> {
  const from = beyond(after, ">", sql`c.handed_over_at`, sql`c.id`);
  const rows = await rowsOf(
    transaction,
    WithPeople,
    sql`with had as (
          select c.id, c.channel, c.subject, c.owner_reason, c.handed_over_at, c.linked_id, ${KNOWN_NAME} as name
          from conversation c
          where c.owner = 'human' and c.handed_over_at is not null and c.solved_at is null and ${from}
          order by c.handed_over_at, c.id limit ${PAGE_ROWS + 1}
        )
        select h.id, h.channel, h.subject, h.owner_reason as reason, h.handed_over_at as "handedOverAt",
          l.external_id as ticket, taken.assignee, answered.name as "answeredBy", answered.at as "answeredAt",
          coalesce(h.name, said.name) as customer, said.excerpt
        from had h left join conversation l on l.id = h.linked_id
        left join lateral (
          select s.payload ->> 'assignee' as assignee from signal s
          where s.conversation_id in (h.id, h.linked_id) and s.at >= h.handed_over_at
            and s.payload ->> 'kind' = 'assigned' and s.payload ->> 'automatic' = 'false'
          order by s.at desc limit 1
        ) taken on true
        left join lateral (
          select mc.content -> 'author' ->> 'name' as name, m.sent_at as at
          from message m join message_content mc on mc.message_id = m.id
          where m.conversation_id in (h.id, h.linked_id) and m.author_kind = 'teammate' and m.visibility = 'public'
            and m.sent_at >= h.handed_over_at
          order by m.id desc limit 1
        ) answered on true
        left join lateral (
          select mc.content -> 'author' ->> 'name' as name, left(mc.content ->> 'text', ${EXCERPT_MAX}) as excerpt
          from message m join message_content mc on mc.message_id = m.id
          where m.conversation_id = h.id and m.author_kind = 'requester'
          order by m.id desc limit 1
        ) said on true
        order by h.handed_over_at, h.id`,
  );
  return rowPage(rows, ({ handedOverAt: at, id }) => ({ at, id }));
}

/** How many conversations people have. */
export function withPeopleCount(transaction: Transaction): Promise<number> {
  return rowTotal(
    transaction,
    sql`conversation where owner = 'human' and handed_over_at is not null and solved_at is null`,
  );
}
