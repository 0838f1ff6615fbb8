/** The records shown with a card: open conversations and refunds of the customer. */
import { PROVEN_LEVEL } from "#core/values/identity.ts";
import { and, desc, eq, gte, sql, type SQL } from "#store/db/drizzle.ts";
import { z } from "zod";
import { Money } from "#core/values/money.ts";
import { StoredTopic } from "#store/conversations/conversations.ts";
import { onlyRow, rowsOf, type Transaction } from "#store/db/database.ts";
import type { PersonName } from "#store/people/person-names.ts";
import { isBy } from "#store/people/find-person.ts";
import { effect } from "#store/db/schema.ts";

const OpenConversation = z.object({
  id: z.string(),
  channel: z.string(),
  externalId: z.string(),
  /** Empty where others wrote too: their words stand on no card of this customer. */
  subject: z.string(),
  owner: z.string(),
  /** The delicate topic for which people have it; null for any other reason. */
  delicate: StoredTopic,
  linkedId: z.string().nullable(),
  /**
   * How many of the customer's messages there name one of the orders, and how many of those wait for an answer of their
   * own: what belongs to the same case is answered here.
   */
  naming: z.coerce.number(),
  waiting: z.coerce.number(),
});
/** A conversation that still needs an answer to the customer. */
export type OpenConversation = z.infer<typeof OpenConversation>;

/** Whether the card `a` cites a page of this title, on whatever day and with whatever address: as `pageName` wrote it. */
export function citesTitle(title: SQL): SQL {
  return sql`exists (select from (
      select cited ->> 'source' as source from jsonb_array_elements(a.card #> '{around,footnotes}') cited
      union all select * from jsonb_array_elements_text(a.card #> '{draft,sources}')) named
    where named.source = ${title} or starts_with(named.source, ${title} || ', as of ')
      or starts_with(named.source, ${title} || ' (http'))`;
}

/**
 * The other conversations in which this person wrote and was proven, newest first: those that people own and that are
 * not solved, and those with an open message. Unproven claims are not followed, and both sides of a hand-over count as
 * one.
 */
export async function openElsewhere(
  transaction: Transaction,
  names: readonly PersonName[],
  options: {
    readonly except: string;
    readonly since: Date;
    /** Numbers of the orders in question. */
    readonly orderIds: readonly string[];
  },
): Promise<readonly OpenConversation[]> {
  if (names.length === 0) return [];
  const ids = options.orderIds.filter((id) => /^[A-Za-z0-9-]{1,40}$/.test(id));
  const named = ids.length === 0 ? null : String.raw`\m(${ids.join("|")})\M`;
  const rows = await rowsOf(
    transaction,
    OpenConversation,
    sql`select c.id, c.channel, c.external_id as "externalId",
          case when (select count(distinct by.author_id) from message by
            where by.conversation_id = c.id and by.author_kind = 'requester') > 1 then '' else c.subject end as subject, c.owner, c.owner_delicate as delicate,
          c.linked_id as "linkedId", coalesce(told.naming, 0) as naming, coalesce(told.waiting, 0) as waiting
        from conversation c
        left join lateral (select count(*) as naming,
            count(*) filter (where (m.outcome is null or m.outcome = 'escalated')
              and not exists (select 1 from case_member there join case_member here on here.case_id = there.case_id
                where there.conversation_id = c.id and here.conversation_id = ${options.except})) as waiting
          from message m join message_content words on words.message_id = m.id
          where m.conversation_id = c.id and m.author_kind = 'requester'
            and concat(words.content ->> 'subject', ' ', words.content ->> 'text') ~* ${named}::text) told on true
        where c.id <> ${options.except} and c.linked_id is distinct from ${options.except}
          and c.solved_at is null and c.updated_at >= ${options.since.toISOString()}::timestamptz
          and not exists (select 1 from conversation o where o.id = c.linked_id and o.solved_at is not null)
          and (c.owner = 'human' or exists (select 1 from message open where open.conversation_id = c.id
              and open.author_kind = 'requester' and open.outcome is null)
            and not exists (select 1 from case_member there join case_member here on here.case_id = there.case_id
              where there.conversation_id = c.id and here.conversation_id = ${options.except}))
          and exists (select 1 from message join message_content proof on proof.message_id = message.id
            where message.conversation_id = c.id and message.author_kind = 'requester'
            and (proof.content -> 'identity' ->> 'level')::int >= ${PROVEN_LEVEL} and (${isBy(names)}))
        order by c.updated_at desc, c.id`,
  );
  return rows
    .filter(({ linkedId }, place) => !rows.slice(0, place).some(({ id }) => id === linkedId))
    .map((row) => withOtherSide(row, rows));
}

/** What is known of either side of a hand-over: the reason stands at the conversation that was handed over. */
function withOtherSide(row: OpenConversation, rows: readonly OpenConversation[]): OpenConversation {
  const other = rows.find(({ id }) => id === row.linkedId);
  if (other === undefined) return row;
  return {
    ...row,
    delicate: row.delicate ?? other.delicate,
    naming: Math.max(row.naming, other.naming),
    waiting: Math.max(row.waiting, other.waiting),
  };
}

/**
 * The amounts given back since then that fit a condition, newest first: on any channel, by the shop or a system of your
 * own, whether the bot or a teammate began it. Null for one whose text was erased.
 */
export async function refundsDone(
  transaction: Transaction,
  since: Date,
  condition?: SQL,
): Promise<readonly (Money | null)[]> {
  const rows = await transaction
    .select({ amount: sql<unknown>`${MOVED}` })
    .from(effect)
    .where(and(isRefundDone(since), condition))
    .orderBy(desc(effect.finishedAt));
  return rows.map(({ amount }) => Money.safeParse(amount).data ?? null);
}

/** The money of an action as it is stored, `amountMoved` in SQL: of the shop's own, or of a change in a connected system. */
export function moneyIn(action: SQL): SQL {
  return sql`coalesce(${action} #> '{arguments,amount}', ${action} #> '{arguments,money,amount}')`;
}

const MOVED = moneyIn(sql`${effect.action}`);

function isRefundDone(since: Date): SQL | undefined {
  return and(
    // Each side by an index of its own.
    sql`(${effect.operation} = 'refund' or ${effect.target} = 'system')`,
    sql`(${effect.operation} = 'refund' or ${MOVED} is not null)`,
    eq(effect.state, "done"),
    gte(effect.finishedAt, since),
  );
}

/** An effect that rests on facts of this customer's orders. */
export function isAboutCustomer(customerId: string): SQL {
  const inSystem = { arguments: { money: { order: { customerId } } } };
  return sql`(${effect.facts} @> ${JSON.stringify([{ customerId }])}::jsonb or ${effect.action} @> ${JSON.stringify(inSystem)}::jsonb)`;
}

const UsualRefund = z.object({ count: z.coerce.number(), minor: z.coerce.number() });

/**
 * How many refunds in this currency people have approved since then, and the 90th percentile of their amounts. Refunds
 * that the policy approved alone are left out: they are small by its rule, and would make every refund that people see
 * look large.
 */
export async function usualRefund(transaction: Transaction, currency: string, since: Date) {
  const minor = sql`(${MOVED} ->> 'minor')::bigint`;
  const usual = await rowsOf(
    transaction,
    UsualRefund,
    sql`select count(*) as count, coalesce(percentile_disc(0.9) within group (order by ${minor}), 0) as minor
        from ${effect} where ${isRefundDone(since)} and ${effect.approvedBy} in ('person', 'teammate')
          and ${MOVED} ->> 'currency' = ${currency}`,
  );
  return onlyRow(usual);
}
