/** Reads what a desk lists: the cards that wait, and what a search or a person has. */
import { and, asc, eq, sql, desc, inArray, or } from "#store/db/drizzle.ts";
import { type DoneRefund, isAboutCustomer, refundsDone } from "./card-context.ts";
import { Approval } from "./approvals.ts";
import { type Transaction, rowsOf } from "#store/db/database.ts";
import { approval, conversation, effect } from "#store/db/schema.ts";
import { z } from "zod";
import type { Card } from "#core/contracts/approval-desk.ts";
import { nameOfAuthor, type PersonName } from "#store/people/person-names.ts";
import { findPerson } from "#store/people/find-person.ts";

/** The most cards read; more wait only when the team decides none. */
const CARDS_MAX = 200;

/** The cards that wait for a decision. */
export interface DeskTotals {
  /** Oldest first. */
  readonly waiting: readonly (Approval & { readonly askedAt: Date })[];
  readonly waitingCount: number;
}

/** Read in the caller's transaction, so that both are of one moment. */
export async function deskTotals(transaction: Transaction): Promise<DeskTotals> {
  const pending = eq(approval.state, "pending");
  const cards = await transaction
    .select()
    .from(approval)
    .where(pending)
    .orderBy(asc(approval.askedAt))
    .limit(CARDS_MAX);
  return {
    waiting: cards.map((row) => ({ ...Approval.parse(row), askedAt: row.askedAt })),
    waitingCount: await transaction.$count(approval, pending),
  };
}

const FoundConversation = z.object({
  id: z.string(),
  channel: z.string(),
  subject: z.string(),
  owner: z.string(),
  name: z.string().nullable(),
  author: z.string(),
  excerpt: z.string().nullable(),
  at: z.coerce.date(),
});
/** A found conversation, with its newest message that matches. */
export type FoundConversation = z.infer<typeof FoundConversation>;

/** This much of a message is enough to recognise it. */
const EXCERPT_MAX = 160;

/**
 * Conversations with a message since then that contains all of these words in text, subject or sender; newest first.
 * Words also match inside longer ones, case-insensitively.
 */
export async function findConversations(
  transaction: Transaction,
  words: readonly string[],
  options: { readonly since: Date; readonly limit: number },
): Promise<readonly FoundConversation[]> {
  const looked = sql`concat_ws(' ', m.author_id, mc.content -> 'author' ->> 'name', mc.content ->> 'subject', mc.content ->> 'text')`;
  const fits = words.map(
    (word) => sql`${looked} ilike ${`%${word.replaceAll(/[\\%_]/g, "\\$&")}%`}`,
  );
  return rowsOf(
    transaction,
    FoundConversation,
    sql`select * from (
          select distinct on (c.id) c.id, c.channel, c.subject, c.owner, m.received_at as at, m.author_id as author,
            mc.content -> 'author' ->> 'name' as name, left(mc.content ->> 'text', ${EXCERPT_MAX}) as excerpt
          from message m join message_content mc on mc.message_id = m.id join conversation c on c.id = m.conversation_id
          where m.received_at >= ${options.since.toISOString()}::timestamptz and ${and(...fits) ?? sql`false`}
          order by c.id, m.received_at desc
        ) found order by at desc limit ${options.limit}`,
  );
}

/** The records about a person or a conversation. */
export interface KnownMatters {
  /** Names of the person; only proven ones are linked. */
  readonly names: readonly PersonName[];
  readonly called: readonly string[];
  /** Newest first. */
  readonly conversations: readonly {
    readonly id: string;
    readonly channel: string;
    readonly subject: string;
    readonly owner: string;
    readonly isSolved: boolean;
    readonly updatedAt: Date;
  }[];
  readonly openCards: readonly { readonly id: string; readonly card: Card }[];
  /** Completed refunds, newest first. */
  readonly refunds: readonly DoneRefund[];
}

/** All records under these names. */
export async function knownAbout(
  transaction: Transaction,
  asked: readonly PersonName[],
  refundsSince: Date,
): Promise<KnownMatters> {
  const { names, called, places } = await findPerson(transaction, asked);
  const ids = places.map(({ conversationId }) => conversationId);
  return { names, called, ...(await knownRecords(transaction, ids, names, refundsSince)) };
}

/** The records of one conversation, and of its author when that is one proven person. */
export async function knownAboutConversation(
  transaction: Transaction,
  id: string,
  refundsSince: Date,
): Promise<KnownMatters> {
  const authors = await rowsOf(
    transaction,
    z.object({ author: z.string(), level: z.coerce.number() }),
    sql`select m.author_id as author, min(coalesce(mc.content -> 'identity' ->> 'level', '0')::int) as level
        from message m left join message_content mc on mc.message_id = m.id
        where m.conversation_id = ${id} and m.author_kind = 'requester' group by m.author_id`,
  );
  const [only, ...others] = authors;
  // Below that level the name is only claimed, and must not lead to another person's data.
  const name =
    others.length === 0 && (only?.level ?? 0) >= 2 ? nameOfAuthor(only?.author ?? "") : null;
  if (name !== null) return knownAbout(transaction, [name], refundsSince);
  return { names: [], called: [], ...(await knownRecords(transaction, [id], [], refundsSince)) };
}

const CONVERSATIONS_MAX = 50;

async function knownRecords(
  transaction: Transaction,
  ids: readonly string[],
  names: readonly PersonName[],
  refundsSince: Date,
): Promise<Omit<KnownMatters, "names" | "called">> {
  if (ids.length === 0 && names.length === 0)
    return { conversations: [], openCards: [], refunds: [] };
  const { id, channel, subject, owner, solvedAt, updatedAt } = conversation;
  const conversations = await transaction
    .select({
      id,
      channel,
      subject,
      owner,
      isSolved: sql<boolean>`${solvedAt} is not null`,
      updatedAt,
    })
    .from(conversation)
    .where(inArray(conversation.id, [...ids, ""]))
    .orderBy(desc(conversation.updatedAt))
    .limit(CONVERSATIONS_MAX);
  const cards = await transaction
    .select({ id: approval.id, card: approval.card })
    .from(approval)
    .where(and(inArray(approval.conversationId, [...ids, ""]), eq(approval.state, "pending")));
  const customers = names.flatMap(({ kind, value }) => (kind === "customer" ? [value] : []));
  const isTheirs = or(
    inArray(effect.conversationId, [...ids, ""]),
    ...customers.map(isAboutCustomer),
  );
  return {
    conversations,
    openCards: cards,
    refunds: await refundsDone(transaction, refundsSince, isTheirs),
  };
}
