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
import { type Approval, approvalFrom } from "#store/approvals/approvals.ts";
import { type ConversationState, stateOfRow } from "#store/conversations/conversations.ts";
import { type StoredMessage, messagesFrom, storedMessage } from "#store/conversations/messages.ts";
import { ask, type Transaction } from "#store/db/database.ts";
import { rowFromJson } from "#store/db/json-rows.ts";
import { caseMember, conversation } from "#store/db/schema.ts";

/** What is known of a conversation as part of a case. */
export type CaseMember = typeof caseMember.$inferSelect;

/** A conversation of the same customer, with what waits in it. */
export interface OtherMember {
  readonly member: CaseMember;
  readonly state: ConversationState;
  /** Who owns the conversation on the other side of its hand-over; null when there is none. */
  readonly linkedOwner: Owner | null;
  /** Its newest messages, oldest first. */
  readonly stored: readonly StoredMessage[];
  readonly pending: Approval | null;
  /** Keys of messages that a reply under way answers. */
  readonly underWay: readonly string[];
  /** True while such a reply is about to go out, and no pause holds it. */
  readonly isAnswering: boolean;
}

const MESSAGES_MAX = 50;

/** How many conversations of one case are read beside the one that is planned. */
const OTHERS_MAX = 10;

/** A case takes no more conversations than are read: a message in one that is not read would not be answered. */
export const MEMBERS_MAX = OTHERS_MAX + 1;

/** The row of one conversation, or null. */
export const CASE_MEMBER = (conversationId: string): string =>
  `(select to_json(k) from case_member k where k.conversation_id = ${conversationId})`;

const OPEN_REPLY = `e.conversation_id = o.id and e.operation = 'reply' and e.state in ('intended', 'executing')`;

/** A conversation `o` with its row `k`, as one value. */
const OTHER = `
  json_build_object('member', to_json(k), 'state', to_json(o),
    'linkedOwner', (select l.owner from conversation l where l.id = o.linked_id),
    'messages', ${messagesFrom("o.id", MESSAGES_MAX)},
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

/** Those of a list of ids that were written in within the days of a case before a moment, the newest first. */
export const OTHERS_AMONG = (list: string, now: string): string => `
select ${OTHER} as other from case_member k join conversation o on o.id = k.conversation_id
where k.conversation_id = any (array(select jsonb_array_elements_text(${list})))
  and k.written_at > ${now} - interval '${CASE_DAYS} days'
order by k.written_at desc limit ${OTHERS_MAX}`;

const OTHERS = {
  name: "case_others_by_id",
  text: OTHERS_AMONG("$1::jsonb", "$2::timestamptz"),
  row: z.object({ other: z.unknown() }),
} as const;

/** These conversations, as far as they were written in within the days of a case before `now`; the newest ones. */
export async function readOthers(
  transaction: Transaction,
  conversationIds: readonly string[],
  now: Date,
): Promise<readonly OtherMember[]> {
  const rows = await ask(transaction, OTHERS, [JSON.stringify(conversationIds), now]);
  return rows.map(({ other }) => otherFrom(other));
}

/** A row of `CASE_MEMBER`. */
export function memberFrom(json: unknown): CaseMember {
  return rowFromJson(caseMember, json);
}

const OtherRow = z.object({
  member: z.unknown(),
  state: z.unknown(),
  linkedOwner: Owner.nullable(),
  messages: z.array(z.unknown()),
  pending: z.unknown(),
  underWay: z.array(z.string()),
  isAnswering: z.boolean(),
});

/** A row of `CASE_OTHERS`. */
export function otherFrom(json: unknown): OtherMember {
  const { member, state, messages, pending, ...rest } = OtherRow.parse(json);
  return {
    ...rest,
    member: memberFrom(member),
    state: stateOfRow(rowFromJson(conversation, state)),
    stored: messages.map(storedMessage),
    pending: approvalFrom(pending),
  };
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
  o.solved_at is null and (o.owner = 'human' or exists (
    select 1 from message m where m.conversation_id = o.id and m.author_kind = 'requester' and m.visibility = 'public'
      and m.outcome is null)) as "isOpen"
from case_member own
join case_member k on k.conversation_id <> own.conversation_id
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
