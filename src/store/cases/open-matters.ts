/** Reads what is open about a customer's orders: changes that wait or are under way, and unanswered conversations. */
import { z } from "zod";
import type { OpenMatter } from "#core/cases/open-matter.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { OTHERS_AMONG, otherFrom, type OtherMember } from "./members.ts";
import { approvalFrom } from "#store/approvals/approvals.ts";
import { ask, onlyRow, type Reader } from "#store/db/database.ts";
import { rowFromJson } from "#store/db/json-rows.ts";
import { effect } from "#store/db/schema.ts";
import { Effect } from "#store/effects/ledger.ts";

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
 * Conversations are found by the customer they were bound to, so no other customer's can be among them.
 */
const OPEN_MATTERS = {
  name: "open_matters",
  text: `
with theirs as (
  select k.conversation_id as id, k.orders, k.written_at, o.channel, o.handed_over_at,
      o.solved_at is null and (o.owner = 'human' or coalesce(l.owner = 'human' and l.solved_at is null, false)) as with_people,
      exists (select 1 from message m where m.conversation_id = o.id and m.author_kind = 'requester'
        and m.outcome is null) as unanswered
    from case_customer w, jsonb_array_elements_text(w.waiting) listed
    join case_member k on k.conversation_id = listed
    join conversation o on o.id = k.conversation_id
    left join conversation l on l.id = o.linked_id
    where w.customer_id = $1 and k.customer_id = $1 and k.conversation_id <> all (array(select jsonb_array_elements_text($3::jsonb))))
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
    changes: z.array(z.object({ effect: z.unknown(), since: z.coerce.date() })),
    conversations: z.array(
      z.object({
        channel: ChannelName,
        orders: z.array(z.string()),
        isWithPeople: z.boolean(),
        since: z.coerce.date(),
        card: z.unknown(),
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
select (select coalesce(json_agg(m.other), '[]') from (${OTHERS_AMONG("(select ids from listed)", "$3::timestamptz")}) m) as others,
  l.ids <> '[]' or exists (select 1 from effect e where ${OPEN_CHANGE}
    and e.facts @> $4::jsonb and e.cleared_at is null) as "mayBeOpen"
from listed l`,
  row: z.object({ others: z.array(z.unknown()), mayBeOpen: z.boolean() }),
} as const;

/**
 * What waits for a proven customer in other conversations, as far as it may be of one case, and whether anything of
 * theirs is open at all: where nothing is, `openMatters` finds nothing. One statement.
 */
export async function openElsewhere(
  reader: Reader,
  { customerId, id, now }: { readonly customerId: string; readonly id: string; readonly now: Date },
): Promise<{ readonly others: readonly OtherMember[]; readonly mayBeOpen: boolean }> {
  const values = [customerId, id, now, JSON.stringify([{ customerId }])];
  const { others, mayBeOpen } = onlyRow(await ask(reader, OPEN_ELSEWHERE, values));
  return { others: others.map(otherFrom), mayBeOpen };
}

/** What to look for. */
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

function openChanges({ effect: json, since }: Row["changes"][number]): readonly OpenMatter[] {
  const { action, state, facts } = Effect.parse(rowFromJson(effect, json));
  const how = state === "intended" ? "decided" : state === "executing" ? "begun" : "in_doubt";
  return facts.map(({ orderId }) => ({ kind: "change", orderId, since, state: how, action }));
}

function mattersIn(
  { channel, orders, isWithPeople, since, card, askedAt }: Row["conversations"][number],
  { customerId }: Looked,
): readonly OpenMatter[] {
  const proposed = (approvalFrom(card ?? null)?.proposal?.actions ?? []).flatMap(
    ({ action, facts }) =>
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
