/**
 * Room: cases: which conversations of one customer belong together, and what waits for each customer.
 * In: what a turn found out about its conversation, and what a teammate decided about a case.
 * Out: the members of a case with what waits in them.
 * May touch: the database only, inside the caller's transaction.
 * This file: reads members of cases.
 */

import { z } from "zod";
import { CASE_DAYS } from "#core/cases/same-case.ts";
import { Owner, ChannelName } from "#core/values/vocabulary.ts";
import { CardBeside } from "#store/approvals/approvals.ts";
import { StoredConversation } from "#store/conversations/conversations.ts";
import { StoredMessage, messagesFrom } from "#store/conversations/messages.ts";
import { ask, type Transaction, onlyRow, type Reader } from "#store/db/database.ts";
import { jsonRow } from "#store/db/statement.ts";
import { caseMember } from "#store/db/schema.ts";
import type { OpenMatter } from "#core/cases/open-matter.ts";
import { StoredEffect } from "#store/effects/ledger.ts";

/** What is known of a conversation as part of a case, from a row of `CASE_MEMBER`. */
export const CaseMember = jsonRow(caseMember);
export type CaseMember = typeof caseMember.$inferSelect;

/** A conversation of the same customer, with what waits in it, from a row of `CASE_OTHERS`. */
export const OtherMember = z.object({
  member: CaseMember,
  state: StoredConversation,
  /** Who owns the conversation on the other side of its hand-over; null when there is none. */
  linkedOwner: Owner.nullable(),
  /** True while people have it, here or in its ticket, and neither side is solved or was merged. */
  isWithPeople: z.boolean(),
  /** Its newest messages, oldest first. */
  stored: z.array(StoredMessage),
  pending: CardBeside,
  /** Keys of messages that a reply under way answers. */
  underWay: z.array(z.string()),
  /** True while such a reply is about to go out, and no pause holds it. */
  isAnswering: z.boolean(),
});
export type OtherMember = z.output<typeof OtherMember>;

const MESSAGES_MAX = 50;

/** How many conversations of one case are read beside the one that is planned. */
export const OTHERS_MAX = 10;

/** A case takes no more conversations than are read: a message in one that is not read would not be answered. */
export const MEMBERS_MAX = OTHERS_MAX + 1;

/** The row of one conversation, or null. */
export const CASE_MEMBER = (conversationId: string): string =>
  `(select to_json(k) from case_member k where k.conversation_id = ${conversationId})`;

/** People have the conversation `o` or the other side of its hand-over, and neither has ended. */
const WITH_PEOPLE = `(select bool_or(s.owner = 'human') and bool_and(s.solved_at is null and s.kept_out is null)
  from conversation s where s.id in (o.id, o.linked_id))`;

const OPEN_REPLY = `e.conversation_id = o.id and e.operation = 'reply' and e.state in ('intended', 'executing')`;

/** A conversation `o` with its row `k`, as one value. */
const OTHER = `
  json_build_object('member', to_json(k), 'state', to_json(o),
    'linkedOwner', (select l.owner from conversation l where l.id = o.linked_id),
    'isWithPeople', ${WITH_PEOPLE}, 'stored', ${messagesFrom("o.id", MESSAGES_MAX)},
    'pending', (select to_json(a) from approval a where a.conversation_id = o.id and a.state = 'pending'),
    'underWay', (select coalesce(json_agg(answered), '[]')
      from effect e, jsonb_array_elements_text(e.action -> 'arguments' -> 'answers') answered where ${OPEN_REPLY}),
    'isAnswering', exists (select 1 from effect e where ${OPEN_REPLY} and e.held_at is null))`;

/** The other conversations of the case of one, at a moment. */
export const CASE_OTHERS = (conversationId: string, now: string): string => `
  (select coalesce(json_agg(m.other order by m.written_at), '[]') from (
     select ${OTHER} as other, k.written_at from case_member k join conversation o on o.id = k.conversation_id
       where k.case_id = (select own.case_id from case_member own where own.conversation_id = ${conversationId})
         and k.conversation_id <> ${conversationId} and k.written_at > ${now} - interval '${2 * CASE_DAYS} days'
       order by k.written_at desc limit ${OTHERS_MAX}) m)`;

/**
 * The rows of a list of ids that are this customer's: a conversation that another customer goes on with stays in the
 * list of the first one until they write again.
 */
const THEIRS = (list: string, customer: string): string => `
  (select m.* from case_member m where m.customer_id = ${customer}
    and m.conversation_id = any (array(select jsonb_array_elements_text(${list}))))`;

/**
 * Of a list of ids the newest of this customer's that were written in within the days of a case before a moment, for the
 * case, and all with a card, however old, since what the customer writes may take it back; the newest first.
 */
const OTHERS_AMONG = (list: string, customer: string, now: string): string => `
select ${OTHER} as other from (
  select t.*, row_number() over (order by t.written_at desc) as place from ${THEIRS(list, customer)} t) k
join conversation o on o.id = k.conversation_id
where k.place <= ${OTHERS_MAX} and k.written_at > ${now} - interval '${CASE_DAYS} days'
  or exists (select 1 from approval a where a.conversation_id = o.id and a.state = 'pending')
order by k.written_at desc`;

const OTHERS = {
  name: "case_others_by_id",
  text: OTHERS_AMONG("$1::jsonb", "$2::text", "$3::timestamptz"),
  row: z.object({ other: OtherMember }),
} as const;

/**
 * Of these conversations, the newest first, those of this customer with a card, and of those written in within the days
 * of a case before `now` as many as are read of one.
 */
export async function readOthers(
  transaction: Transaction,
  conversationIds: readonly string[],
  customerId: string,
  now: Date,
): Promise<readonly OtherMember[]> {
  const rows = await ask(transaction, OTHERS, [JSON.stringify(conversationIds), customerId, now]);
  return rows.map(({ other }) => other);
}

const ShownRow = z.object({
  /** The conversation whose card shows it. */
  shownBy: z.string(),
  /** True when it belongs to the case; false when a teammate is asked whether it does. */
  isMember: z.boolean(),
  id: z.string(),
  channel: ChannelName,
  externalId: z.string(),
  subject: z.string(),
  writtenAt: z.coerce.date(),
  owner: Owner,
  /** True for one that people have because of its delicate topic. */
  isDelicate: z.boolean(),
  isOpen: z.boolean(),
  /** Why the card's own conversation belongs to it, or may belong to it. */
  reasons: z.array(z.string()),
});
export type ShownConversation = z.infer<typeof ShownRow>;

const SHOWN = {
  name: "shown_cases",
  text: `
select own.conversation_id as "shownBy", k.case_id is not distinct from own.case_id and own.case_id is not null as "isMember",
  o.id, o.channel, case when o.external_id = '' then o.id else o.external_id end as "externalId", o.subject,
  k.written_at as "writtenAt", o.owner, o.owner = 'human' and o.owner_delicate is not null as "isDelicate", own.reasons,
  o.solved_at is null and (${WITH_PEOPLE} or exists (
    select 1 from message m where m.conversation_id = o.id and m.author_kind = 'requester' and m.visibility = 'public'
      and m.outcome is null)) as "isOpen"
from case_member own
join case_member k on k.conversation_id <> own.conversation_id and k.customer_id = own.customer_id
  and (k.case_id = own.case_id or k.conversation_id = own.asked_about)
join conversation o on o.id = k.conversation_id
where own.conversation_id = any (array(select jsonb_array_elements_text($1::jsonb)))
order by k.written_at, o.id`,
  row: ShownRow,
} as const;

/** What the cards of these conversations show of other conversations; nothing for those that belong to no case. */
export async function readShownCases(
  transaction: Transaction,
  conversationIds: readonly string[],
): Promise<readonly ShownConversation[]> {
  if (conversationIds.length === 0) return [];
  return ask(transaction, SHOWN, [JSON.stringify([...new Set(conversationIds)])]);
}

/** More would not fit an answer. */
const MATTERS_MAX = 20;

/** The index `effect_order_open` holds just these. */
const OPEN_CHANGE = `
  e.action -> 'arguments' ->> 'orderId' is not null and e.state in ('intended', 'executing', 'unknown')`;

/**
 * True where something may be open outside one conversation: a card that waits, people who have a conversation, a
 * change of an order without a known end. Each part is answered by an index that holds only what is open.
 */
export const MAY_BE_OPEN = (conversationId: string): string => `
  (exists (select 1 from approval a where a.state = 'pending' and a.conversation_id <> ${conversationId})
    or exists (select 1 from conversation p where p.owner = 'human' and p.handed_over_at is not null
      and p.solved_at is null and p.id <> ${conversationId})
    or exists (select 1 from effect e where ${OPEN_CHANGE}))`;

const IN_LIST = (list: string): string =>
  `any (array(select jsonb_array_elements_text(${list}::jsonb)))`;

/**
 * $1 the customer, $2 numbers of orders, $3 conversations that are left out, $4 the facts of an order of this customer.
 */
const OPEN_MATTERS = {
  name: "open_matters",
  text: `
with theirs as (
  select k.conversation_id as id, k.orders, k.written_at, o.channel, o.handed_over_at,
      ${WITH_PEOPLE} as with_people,
      exists (select 1 from message m where m.conversation_id = o.id and m.author_kind = 'requester'
        and m.outcome is null) as unanswered
    from ${THEIRS("(select w.waiting from case_customer w where w.customer_id = $1)", "$1")} k
    join conversation o on o.id = k.conversation_id
    where k.conversation_id <> all (array(select jsonb_array_elements_text($3::jsonb))))
select
  (select coalesce(json_agg(json_build_object('effect', to_json(e), 'since', e.created_at) order by e.created_at), '[]')
    from effect e where e.action -> 'arguments' ->> 'orderId' = ${IN_LIST("$2")} and ${OPEN_CHANGE}
      and e.facts @> $4::jsonb and e.cleared_at is null) as changes,
  (select coalesce(json_agg(json_build_object('channel', t.channel, 'orders', t.orders, 'isWithPeople', t.with_people,
      'isUnanswered', t.unanswered, 'since', case when t.with_people then coalesce(t.handed_over_at, t.written_at) else t.written_at end,
      'card', to_json(a), 'askedAt', a.asked_at) order by t.written_at), '[]')
    from theirs t left join approval a on a.conversation_id = t.id and a.state = 'pending' and a.kind = 'proposal'
    where t.with_people or t.unanswered or a.id is not null) as conversations`,
  row: z.object({
    changes: z.array(z.object({ effect: StoredEffect, since: z.coerce.date() })),
    conversations: z.array(
      z.object({
        channel: ChannelName,
        orders: z.array(z.string()),
        isWithPeople: z.boolean(),
        since: z.coerce.date(),
        card: CardBeside,
        askedAt: z.coerce.date().nullable(),
      }),
    ),
  }),
} as const;

type Row = z.infer<(typeof OPEN_MATTERS)["row"]>;

/** $1 the customer, $2 the conversation that is left out, $3 a moment, $4 the facts of an order of this customer. */
const OPEN_ELSEWHERE = {
  name: "open_elsewhere",
  text: `
with listed as (select coalesce((select w.waiting - $2::text from case_customer w where w.customer_id = $1), '[]') as ids)
select (select coalesce(json_agg(m.other), '[]') from (${OTHERS_AMONG("(select ids from listed)", "$1", "$3::timestamptz")}) m) as others,
  l.ids <> '[]' or exists (select 1 from effect e where ${OPEN_CHANGE}
    and e.facts @> $4::jsonb and e.cleared_at is null) as "mayBeOpen"
from listed l`,
  row: z.object({ others: z.array(OtherMember), mayBeOpen: z.boolean() }),
} as const;

/**
 * What `readOthers` gives of all that waits for a proven customer in other conversations, and whether anything of
 * theirs is open at all: where nothing is, `openMatters` finds nothing. One statement.
 */
export async function openElsewhere(
  reader: Reader,
  { customerId, id, now }: { readonly customerId: string; readonly id: string; readonly now: Date },
): Promise<{ readonly others: readonly OtherMember[]; readonly mayBeOpen: boolean }> {
  const values = [customerId, id, now, JSON.stringify([{ customerId }])];
  return onlyRow(await ask(reader, OPEN_ELSEWHERE, values));
}

interface Looked {
  readonly customerId: string;
  readonly orderIds: readonly string[];
  /** Conversations that are answered with this look-up, by id: what waits there is about to change. */
  readonly except: readonly string[];
}

/**
 * What is open about these orders of a proven customer, oldest first. One statement. A conversation whose card changes
 * one of the orders is told by that change alone.
 */
export async function openMatters(reader: Reader, looked: Looked): Promise<readonly OpenMatter[]> {
  const { customerId, orderIds, except } = looked;
  const lists = [orderIds, except, [{ customerId }]].map((list) => JSON.stringify(list));
  const { changes, conversations } = onlyRow(
    await ask(reader, OPEN_MATTERS, [customerId, ...lists]),
  );
  const begun = changes.flatMap(openChanges);
  const others = conversations.flatMap((one) => mattersIn(one, looked));
  return [...begun, ...others]
    .filter(({ orderId }) => orderIds.includes(orderId))
    .toSorted((one, other) => one.since.getTime() - other.since.getTime())
    .slice(0, MATTERS_MAX);
}

function openChanges({ effect, since }: Row["changes"][number]): readonly OpenMatter[] {
  const { action, state, facts } = effect;
  const how = state === "intended" ? "decided" : state === "executing" ? "begun" : "in_doubt";
  return facts.map(({ orderId }) => ({ kind: "change", orderId, since, state: how, action }));
}

function mattersIn(
  { channel, orders, isWithPeople, since, card, askedAt }: Row["conversations"][number],
  { customerId }: Looked,
): readonly OpenMatter[] {
  const proposed = (card?.proposal?.actions ?? []).flatMap(({ action, facts }) =>
    facts
      .filter((fact) => fact.customerId === customerId)
      .map(({ orderId }) => ({
        kind: "change" as const,
        orderId,
        since: askedAt ?? since,
        state: "proposed" as const,
        action,
      })),
  );
  if (proposed.length > 0) return proposed;
  return orders.map((orderId) => ({ kind: "conversation", orderId, since, channel, isWithPeople }));
}
