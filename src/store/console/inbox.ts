/**
 * Room: what the console lists, shows and searches.
 * In: filters, cursors, ids and words from the console's pages.
 * Out: pages of rows, each read by an index; notes; figures of now.
 * May touch: the database only, inside the caller's transaction.
 * This file: cards that wait for a decision and cases that people have, as one list in views, the most urgent first.
 */

import { z } from "zod";
import { HELPDESK, type ChannelName } from "#core/values/vocabulary.ts";
import { nameFromAddress } from "#core/values/words.ts";
import { type Approval, readableApprovals } from "#store/approvals/approvals.ts";
import { moneyIn } from "#store/approvals/card-context.ts";
import { rowsOf, type Transaction, valuesOf } from "#store/db/database.ts";
import { and, inArray, sql, type SQL } from "#store/db/drizzle.ts";
import { approval as approvals } from "#store/db/schema.ts";
import { caseHeads, type CaseHead, NAMED_SINCE } from "#store/conversations/conversations.ts";
import { cardRank, IS_OPEN_ANSWER } from "./case.ts";
import { beyond, PAGE_ROWS, rowPage, type Cursor, type Page } from "./cursor.ts";

/** The views of what is not done: everything, mine, no teammate's, what waits for a decision, what people have, what sleeps. */
export const OPEN_VIEWS = ["open", "mine", "unassigned", "waiting", "people", "snoozed"] as const;
export type OpenView = (typeof OPEN_VIEWS)[number];

/** Which rows of a view are wanted; null means any. */
export interface InboxFilter {
  readonly view: OpenView;
  /** The address of whom "mine" is about, and their name, by which a helpdesk knows them. */
  readonly me: string;
  readonly named?: string;
  /** The addresses with a role: what another one has counts as unassigned. Left out where not all are known. */
  readonly team?: readonly string[] | undefined;
  readonly channel: ChannelName | null;
  readonly topic: string | null;
  readonly money: "some" | "none" | null;
  /** The address of the teammate who has it. */
  readonly holder?: string | null;
  /** Waits since before this moment. */
  readonly before: Date | null;
  /** Cards of one kind, by the key of their group. */
  readonly alike: string | null;
}

/** Why a row stands where it does, the most urgent first. */
export const RANKS = ["danger", "legal", "two_people", "promised", "pressing", "plain"] as const;
const Rank = z.int().transform((place) => RANKS[place] ?? "plain");
export type Rank = z.infer<typeof Rank>;

/** What is delicate and neither a danger nor only unpleasant has consequences in law. */
const CASE_RANK = sql`case when c.owner_delicate is null then 5 when c.owner_delicate in ('self_harm', 'threat', 'injury') then 0
  when c.owner_delicate in ('abuse', 'vip') then 4 else 1 end`;

const CARD_RANK = cardRank("a");

/** Nothing on the card warns of anything, one person is enough, and no teammate is at it. */
const IS_PLAIN = sql`a.state = 'pending' and a.kind = 'proposal' and a.claim is null and a.redraft is null
  and jsonb_array_length(a.card -> 'flags') = 0 and jsonb_array_length(a.card -> 'changes') = 0 and not jsonb_path_exists(a.card, '$.actions[*].usedUp[*]')
  and not jsonb_path_exists(a.card, '$.around ? (exists(@.conflicts[*]) || exists(@.records.open[*] ? (@.isSameOrder == true || @.delicate != "")))')`;

/** True while a card may be approved among many; it is locked until the transaction ends. */
export async function isPlainCard(transaction: Transaction, id: string): Promise<boolean> {
  const plain = sql`select a.id from approval a where a.id = ${id} and ${CARD_RANK} = 5 and ${IS_PLAIN} for no key update`;
  return (await valuesOf(transaction, z.string(), plain)).length > 0;
}

/** What cards of one kind have in common. */
const KIND = sql`jsonb_build_array(coalesce(t.trace ->> 'topic', ''),
  jsonb_path_query_array(a.proposal, '$.actions[*].action.operation'), jsonb_path_query_array(a.card, '$.around.procedureNames[*]'))`;

/**
 * In a statement: people have the conversation, which the bot had before or they took by name, which older versions keep
 * without a time. What the bot never had is its helpdesk's own.
 */
const withPeople = (name: string) =>
  sql.raw(
    `(${name}.owner = 'human' and (${name}.handed_over_at is not null or ${name}.owner_holder is not null))`,
  );

/** When the customer first wrote after a teammate's last answer, where it asks for one; null where all is answered. */
const UNANSWERED_SINCE = sql`(select min(m.received_at) from message m where m.conversation_id = c.id
  and m.author_kind = 'requester' and m.visibility = 'public' and m.outcome is distinct from 'ignored'
  and m.id > coalesce((select max(a.id) from message a where a.conversation_id in (c.id, c.linked_id)
    and a.author_kind = 'teammate' and a.visibility = 'public'), 0))`;

/**
 * Every open row with its rank and the moment it is sorted by within that; cards that one click can undo keep their
 * place. A case is one row: its card's while one waits, else that of where its customer wrote, and not of its ticket.
 */
function openRows(now: Date): SQL {
  const at = sql`${now.toISOString()}::timestamptz`;
  return sql`(
    select 'card' as kind, a.id, c.channel, a.asked_at as since, a.state <> 'pending' as "isDone", r.rank,
      case r.rank when 3 then (a.card #>> '{around,due,at}')::timestamptz else a.asked_at end as at,
      coalesce(t.trace ->> 'topic', '') as topic, coalesce(a.claim ->> 'name', c.owner_holder) as holder,
      array[a.claim ->> 'voter', c.owner_voter] as voters, case when c.owner_voter is null then c.owner_holder end as named,
      case when c.snoozed_until > ${at} then c.snoozed_until end as until,
      exists (select from jsonb_array_elements(a.proposal -> 'actions') p where ${moneyIn(sql`p -> 'action'`)} is not null) as "movesMoney",
      case when r.rank = 5 and ${IS_PLAIN} then ${KIND} end as likeness
    from approval a join conversation c on c.id = a.conversation_id left join turn t on t.id = a.turn_id
      cross join lateral (select ${CARD_RANK} as rank) r
    where a.state = 'pending' or a.undo_until > ${at}
    union all
    select 'case', c.id, c.channel, w.since, false, ${CASE_RANK}, w.since,
      coalesce((select t.trace ->> 'topic' from turn t where t.conversation_id = c.id order by t.started_at desc limit 1), ''),
      h.holder, array[c.owner_voter], case when c.owner_voter is null then h.holder end,
      case when c.snoozed_until > ${at} then c.snoozed_until end, false, null
    from conversation c cross join lateral (select coalesce(c.owner_holder, ${sql.raw(NAMED_SINCE)}) as holder offset 0) h
      cross join lateral (select greatest(coalesce(c.handed_over_at, c.created_at), ${UNANSWERED_SINCE}) as since offset 0) w
    where (c.snoozed_until > ${at} or ${withPeople("c")}) and c.solved_at is null and c.kept_out is null
      and not exists (select 1 from approval a where a.state = 'pending' and a.conversation_id = c.id)
      and (c.linked_id is null or not exists (select 1 from conversation l where l.id = c.linked_id and (l.solved_at is not null or l.kept_out is not null
        or exists (select 1 from approval a where a.state = 'pending' and a.conversation_id = l.id)
        or c.channel = ${HELPDESK} and (l.snoozed_until > ${at} or ${withPeople("l")}))))
  )`;
}

/** The teammate of this address, whom a helpdesk knows by a name, has it. */
function hasIt(address: string, named: string): SQL {
  const names = [named, nameFromAddress(address)].map((name) => name.toLowerCase());
  return sql`(${address.toLowerCase()} = any (o.voters) or lower(o.named) in ${names})`;
}

/** What sleeps is in a view of its own until its time is over. */
function inView(
  view: OpenView,
  { me, named = me, team }: Pick<InboxFilter, "me" | "named" | "team">,
): SQL {
  switch (view) {
    case "open":
      return sql`o.until is null`;
    case "mine":
      return sql`o.until is null and ${hasIt(me, named)}`;
    case "unassigned":
      return team === undefined || team.length === 0
        ? sql`o.until is null and o.holder is null`
        : sql`o.until is null and (o.holder is null or o.voters[cardinality(o.voters)] like '%@%'
            and o.voters[cardinality(o.voters)] not in ${[...team]})`;
    case "waiting":
      return sql`o.until is null and o.kind = 'card'`;
    case "people":
      return sql`o.until is null and o.kind = 'case'`;
    case "snoozed":
      return sql`o.until is not null`;
  }
}

/** The key of a group in an address. */
const LIKENESS_KEY = sql`md5(o.likeness::text)`;

function fits(filter: InboxFilter): SQL {
  const { view, channel, topic, money, before, alike, holder = null } = filter;
  const conditions = [
    inView(view, filter),
    channel === null ? null : sql`o.channel = ${channel}`,
    topic === null ? null : sql`o.topic = ${topic}`,
    money === null ? null : sql`o."movesMoney" = ${money === "some"}`,
    before === null ? null : sql`o.since <= ${before.toISOString()}::timestamptz`,
    alike === null ? null : sql`${LIKENESS_KEY} = ${alike}`,
    holder === null ? null : hasIt(holder, nameFromAddress(holder)),
  ].filter((condition) => condition !== null);
  return and(...conditions) ?? sql`true`;
}

const Ref = z.object({
  kind: z.enum(["card", "case"]),
  id: z.string(),
  rank: z.int(),
  at: z.coerce.date(),
  since: z.coerce.date(),
  topic: z.string(),
  channel: z.string(),
  /** Who has it, by name; null while no teammate has it. */
  holder: z.string().nullable(),
  /** Until when it sleeps; null while it does not. */
  until: z.coerce.date().nullable(),
  /** An assistant proposes an answer to it. */
  hasAnswer: z.boolean().default(false),
  /** Of what is done: no person decided on it. */
  byItself: z.boolean().default(false),
});
type Ref = z.infer<typeof Ref>;

/** A row of the inbox: a card, or a case that people have. */
export type InboxRow = Omit<Ref, "kind" | "rank"> & {
  readonly rank: Rank;
} & (
    | { readonly kind: "card"; readonly approval: Approval }
    | { readonly kind: "case"; readonly about: CaseHead }
  );

/** One page of a view. The id of its cursor has the rank before it. */
export async function inboxRows(
  transaction: Transaction,
  filter: InboxFilter,
  { after, now }: { readonly after: Cursor | null; readonly now: Date },
): Promise<Page<InboxRow>> {
  const [rank = "", id = ""] = after?.id.split("~", 2) ?? [];
  const from =
    after === null
      ? sql`true`
      : sql`(o.rank, o.at, o.id) > (${Number.parseInt(rank, 10) || 0}, ${after.at.toISOString()}::timestamptz, ${id})`;
  const found = await rowsOf(
    transaction,
    Ref,
    sql`select o.kind, o.id, o.rank, o.at, o.since, o.topic, o.channel, o.holder, o.until,
          exists (select from case_note where ${IS_OPEN_ANSWER} and case_note.conversation_id =
            coalesce((select a.conversation_id from approval a where a.id = o.id), o.id)) as "hasAnswer" from ${openRows(now)} o
        where ${fits(filter)} and ${from} order by o.rank, o.at, o.id limit ${PAGE_ROWS + 1}`,
  );
  const { rows, next } = rowPage(found, (row) => ({ at: row.at, id: `${row.rank}~${row.id}` }));
  return { rows: await wholeRows(transaction, rows), next };
}

async function wholeRows(
  transaction: Transaction,
  rows: readonly Ref[],
): Promise<readonly InboxRow[]> {
  const idsOf = (kind: Ref["kind"]) => rows.flatMap((row) => (row.kind === kind ? [row.id] : []));
  const found = await readableApprovals(transaction, inArray(approvals.id, idsOf("card")));
  const cards = new Map(found.map((card) => [card.id, card]));
  const cases = await caseHeads(transaction, idsOf("case"));
  return rows.flatMap(({ kind, rank: place, ...row }): readonly InboxRow[] => {
    const rank = Rank.parse(place);
    const approval = cards.get(row.id);
    const about = cases.get(row.id);
    if (kind === "card") return approval === undefined ? [] : [{ ...row, rank, kind, approval }];
    return about === undefined ? [] : [{ ...row, rank, kind, about }];
  });
}

/** A card that the list of what is done shows. */
const IS_DECIDED = sql`a.state <> 'pending' and a.kind <> 'notice' and a.cleared_at is null`;

/** An answer that no person decided on, as the index `turn_answered_alone` has it. */
const byItself = (name: string) =>
  sql.raw(
    `${name}.outcome = 'answered' and ${name}.trace ->> 'approval_required' = 'false' and ${name}.cleared_at is null`,
  );

/**
 * The newest first: cards that were decided or ended otherwise, of each case of the bot's the last answer by itself, and
 * cases that are closed and shown by neither.
 */
export async function doneRows(
  transaction: Transaction,
  after: Cursor | null,
): Promise<Page<InboxRow>> {
  return newestRows(
    transaction,
    sql`select found.*, 5 as rank, found.at as since, '' as topic, null as until from (
          (select 'card' as kind, a.id, a.updated_at as at, c.channel, null as holder, false as "byItself"
            from approval a join conversation c on c.id = a.conversation_id
            where ${IS_DECIDED} and ${beyond(after, sql`a.updated_at`, sql`a.id`)}
            order by a.updated_at desc, a.id desc limit ${PAGE_ROWS + 1})
          union all
          (select 'case', c.id, t.started_at, c.channel, null, true from turn t join conversation c on c.id = t.conversation_id
            where ${byItself("t")} and ${beyond(after, sql`t.started_at`, sql`t.conversation_id`)} and c.owner = 'bot'
              and not exists (select 1 from turn n where n.conversation_id = t.conversation_id and (n.started_at, n.id) > (t.started_at, t.id) and ${byItself("n")})
            order by t.started_at desc, t.conversation_id desc limit ${PAGE_ROWS + 1})
          union all
          (select 'case', o.id, c.solved_at, o.channel, o.owner_holder, false from conversation c left join conversation l on l.id = c.linked_id
              join conversation o on o.id = case when c.channel = ${HELPDESK} then coalesce(l.id, c.id) else c.id end
            where c.solved_at is not null and ${after === null ? sql`true` : sql`c.solved_at <= ${after.at.toISOString()}::timestamptz`}
              and ${beyond(after, sql`c.solved_at`, sql`o.id`)} and (c.channel = ${HELPDESK} or l.solved_at is null)
              and not exists (select 1 from approval a where a.state = 'pending' and a.conversation_id in (c.id, c.linked_id))
              and (c.owner = 'human' or not exists (select 1 from approval a where a.conversation_id = c.id and ${IS_DECIDED})
                and not exists (select 1 from turn t where t.conversation_id = o.id and ${byItself("t")}))
            order by c.solved_at desc, o.id desc limit ${PAGE_ROWS + 1})
        ) found order by at desc, id desc limit ${PAGE_ROWS + 1}`,
  );
}

/** Drafts that are only shown, newest first. */
export function shadowRows(
  transaction: Transaction,
  after: Cursor | null,
): Promise<Page<InboxRow>> {
  return newestRows(
    transaction,
    sql`select 'card' as kind, a.id, 5 as rank, a.updated_at as at, a.asked_at as since, coalesce(t.trace ->> 'topic', '') as topic,
          c.channel, null as holder, null as until
        from approval a join conversation c on c.id = a.conversation_id left join turn t on t.id = a.turn_id
        where a.kind = 'notice' and a.closing = '' and a.cleared_at is null and ${beyond(after, sql`a.updated_at`, sql`a.id`)}
        order by a.updated_at desc, a.id desc limit ${PAGE_ROWS + 1}`,
  );
}

async function newestRows(transaction: Transaction, statement: SQL): Promise<Page<InboxRow>> {
  const found = await rowsOf(transaction, Ref, statement);
  const { rows, next } = rowPage(found, ({ at, id }) => ({ at, id }));
  return { rows: await wholeRows(transaction, rows), next };
}

const Count = z.coerce.number();
const Counts = z.object({
  open: Count,
  mine: Count,
  unassigned: Count,
  waiting: Count,
  people: Count,
  snoozed: Count,
  /** What people have, and no teammate by name. */
  untaken: Count,
  /** Since when the oldest card waits. */
  oldest: z.coerce.date().nullable(),
});

/** How many rows each view has, without those that were decided just now. */
export async function inboxCounts(
  transaction: Transaction,
  me: string,
  now: Date,
  more: Pick<InboxFilter, "named" | "team"> = {},
): Promise<z.infer<typeof Counts>> {
  const counts = OPEN_VIEWS.map(
    (view) =>
      sql`count(*) filter (where ${inView(view, { me, ...more })}) as ${sql.identifier(view)}`,
  );
  const [row] = await rowsOf(
    transaction,
    Counts,
    sql`select ${sql.join(counts, sql`, `)}, count(*) filter (where o.until is null and o.kind = 'case' and o.holder is null) as untaken,
          min(o.since) filter (where o.until is null and o.kind = 'card') as oldest from ${openRows(now)} o where not o."isDone"`,
  );
  return Counts.parse(row);
}

const Alike = z.object({
  key: z.string(),
  likeness: z.tuple([z.string(), z.array(z.string()), z.array(z.string())]),
  count: z.coerce.number(),
});
/** Cards of one kind: their topic, what they do, and the procedures they follow. */
export type Alike = z.infer<typeof Alike>;

/** Fewer are decided one by one as fast. */
const GROUP_MIN = 3;
const GROUPS_MAX = 6;

/** Groups of waiting cards of one kind that warn of nothing, the largest first. */
export function alikeGroups(transaction: Transaction, now: Date): Promise<readonly Alike[]> {
  return rowsOf(
    transaction,
    Alike,
    sql`select ${LIKENESS_KEY} as key, o.likeness, count(*) as count from ${openRows(now)} o
        where o.likeness is not null group by o.likeness having count(*) >= ${GROUP_MIN} order by count desc, key limit ${GROUPS_MAX}`,
  );
}
