/** Searches conversations and a person's records for a desk. */
import { and, desc, eq, gte, inArray, or, sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { RefundArguments } from "#core/values/action.ts";
import { Card } from "#core/contracts/approval-desk.ts";
import type { Money } from "#core/values/money.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { nameOfAuthor, type PersonName } from "#store/people/person-names.ts";
import { findPerson } from "#store/people/find-person.ts";
import { approval, conversation, effect } from "#store/db/schema.ts";

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
  readonly refunds: readonly {
    readonly orderId: string | null;
    readonly amount: Money | null;
    readonly approvedBy: string;
    readonly at: Date | null;
  }[];
}

/** All records under these names. */
export async function knownAbout(
  transaction: Transaction,
  asked: readonly PersonName[],
  refundsSince: Date,
): Promise<KnownMatters> {
  const { names, called, places } = await findPerson(transaction, asked);
  const ids = places.map(({ conversationId }) => conversationId);
  return { names, called, ...(await recordsOf(transaction, ids, names, refundsSince)) };
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
  return { names: [], called: [], ...(await recordsOf(transaction, [id], [], refundsSince)) };
}

const CONVERSATIONS_MAX = 50;

async function recordsOf(
  transaction: Transaction,
  ids: readonly string[],
  names: readonly PersonName[],
  refundsSince: Date,
): Promise<Omit<KnownMatters, "names" | "called">> {
  if (ids.length === 0 && names.length === 0)
    return { conversations: [], openCards: [], refunds: [] };
  const conversations = await transaction
    .select()
    .from(conversation)
    .where(inArray(conversation.id, [...ids, ""]))
    .orderBy(desc(conversation.updatedAt))
    .limit(CONVERSATIONS_MAX);
  const cards = await transaction
    .select({ id: approval.id, card: approval.card })
    .from(approval)
    .where(and(inArray(approval.conversationId, [...ids, ""]), eq(approval.state, "pending")));
  const customers = names.flatMap(({ kind, value }) => (kind === "customer" ? [value] : []));
  const ofCustomer = customers.map(
    (customer) => sql`${effect.facts} @> ${JSON.stringify([{ customerId: customer }])}::jsonb`,
  );
  const refunds = await transaction
    .select({
      given: sql<unknown>`${effect.action} -> 'arguments'`,
      approvedBy: effect.approvedBy,
      at: effect.finishedAt,
    })
    .from(effect)
    .where(
      and(
        eq(effect.operation, "refund"),
        eq(effect.state, "done"),
        gte(effect.finishedAt, refundsSince),
        or(inArray(effect.conversationId, [...ids, ""]), ...ofCustomer),
      ),
    )
    .orderBy(desc(effect.finishedAt));
  return {
    conversations: conversations.map(({ id, channel, subject, owner, solvedAt, updatedAt }) => ({
      id,
      channel,
      subject,
      owner,
      isSolved: solvedAt !== null,
      updatedAt,
    })),
    openCards: cards.map(({ id, card }) => ({ id, card: Card.parse(card) })),
    refunds: refunds.map(({ given, approvedBy, at }) => {
      const refund = RefundArguments.safeParse(given).data;
      return { orderId: refund?.orderId ?? null, amount: refund?.amount ?? null, approvedBy, at };
    }),
  };
}
