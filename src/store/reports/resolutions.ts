/** The resolution ledger: which conversations are due, what is known of them, and how their matters ended. */
import { z } from "zod";
import { Owner } from "#core/values/vocabulary.ts";
import { ask, type Reader, type Transaction, valuesOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { columnsToJson, rowFromJson } from "#store/db/statement.ts";
import { resolution } from "#store/db/schema.ts";
import { storableJson } from "#gate/kernel/storable-text.ts";

/**
 * Marks the conversation of `gate` as changed, as part of a statement that writes to it. It is looked at a minute after
 * the last mark, so that a turn with its answer is decided once.
 */
export const MARK_RESOLUTION = (conversation: string, now: string, gate: string): string => `
marked as (
  insert into resolution (conversation_id, due_at, changed)
  select ${conversation}, ${now} + interval '1 minute', true from ${gate}
  on conflict (conversation_id, place) do update set due_at = excluded.due_at, changed = true)`;

const Id = z.object({ id: z.string() });

const MARK = {
  name: "mark_resolution",
  text: `with ${MARK_RESOLUTION("$1::text", "$2::timestamptz", "(select) always")} select $1 as id`,
  row: Id,
} as const;

/** Marks a conversation as changed by a press, whose end is then decided anew. */
export async function markResolution(
  transaction: Transaction,
  conversationId: string,
  now: Date,
): Promise<void> {
  await ask(transaction, MARK, [conversationId, now]);
}

/** Conversations that are due, locked until the transaction ends. */
export function takeDueResolutions(
  transaction: Transaction,
  now: Date,
  limit: number,
): Promise<readonly string[]> {
  return valuesOf(
    transaction,
    z.string(),
    sql`select conversation_id from resolution where due_at <= ${now}
        order by due_at limit ${limit} for update skip locked`,
  );
}

/**
 * Another conversation with a message of the same customer: proven by their account, or of the same author. The few
 * authors are an array: joined to all messages they would be taken for as many as our own author wrote.
 */
const OF_SAME_PERSON = (conversation: string): string => `
  (select k2.conversation_id as id from case_member k join case_member k2 on k2.customer_id = k.customer_id
     where k.conversation_id = ${conversation} and k2.conversation_id <> ${conversation}
   union
   select m2.conversation_id from message m2 where m2.author_kind = 'requester' and m2.conversation_id <> ${conversation}
     and m2.author_id = any (array(select m.author_id from message m
       where m.conversation_id = ${conversation} and m.author_kind = 'requester' and m.author_id <> 'erased')))`;

const CHARACTERS_MAX = 4_000;

const MESSAGE = `
  json_build_object('key', m.key, 'by', m.author_kind, 'at', m.sent_at, 'outcome', m.outcome,
    'passedOver', m.passed_over, 'isCleared', m.cleared_at is not null, 'name', x.content -> 'author' ->> 'name',
    'text', left(x.content ->> 'text', ${CHARACTERS_MAX}),
    'topic', (select t.trace ->> 'topic' from turn t where t.id = m.turn_id))`;

/** Texts of a message's content keep their place in every version; see `versioned-documents.ts`. */
const CONTENT = "message_content x on x.message_id = m.id";

const StoredEvent = z.object({
  key: z.string(),
  by: z.enum(["requester", "teammate", "bot"]),
  at: z.coerce.date(),
  outcome: z.string().nullable(),
  passedOver: z.string().nullable(),
  isCleared: z.boolean(),
  name: z.string().nullable(),
  text: z.string().nullable(),
  topic: z.string().nullable(),
});
export type StoredEvent = z.infer<typeof StoredEvent>;

/** One matter as it is stored. */
export type ResolutionRow = Omit<typeof resolution.$inferSelect, "dueAt" | "changed">;

const Known = z.object({
  id: z.string(),
  channel: z.string(),
  /** What is stored of it, oldest matter first. */
  stored: z.array(z.unknown().transform((json): ResolutionRow => rowFromJson(resolution, json))),
  /** The channel of the conversation on the other side of a hand-over; null without one. */
  linkedChannel: z.string().nullable(),
  owner: Owner,
  handedOverAt: z.coerce.date().nullable(),
  isMerged: z.boolean(),
  /** Orders the conversation was about, as look-ups resolved them. */
  orders: z.array(z.string()),
  messages: z.array(StoredEvent),
  signals: z.array(
    z.object({
      key: z.string(),
      at: z.coerce.date(),
      kind: z.enum(["solved", "reopened", "rated"]),
      automatic: z.boolean(),
      score: z.enum(["good", "bad"]).nullable(),
    }),
  ),
  /** Our replies that were sent, by the reference of their commit. */
  replies: z.array(
    z.object({ ref: z.string(), approvedBy: z.string(), answers: z.number().nullable() }),
  ),
  /** When one-time codes were sent: the customer has to type them. */
  codes: z.array(z.object({ key: z.string(), at: z.coerce.date() })),
  spent: z.array(z.object({ at: z.coerce.date(), usd: z.number().nullable() })),
  worked: z.array(z.object({ at: z.coerce.date(), minutes: z.number() })),
  elsewhere: z.array(
    StoredEvent.extend({ conversationId: z.string(), orders: z.array(z.string()) }),
  ),
});
/** What the rows say of one conversation, personal text included. */
export type KnownConversation = z.infer<typeof Known>;

/** `$1` the conversations. One row each, whatever their number. */
const KNOWN = {
  name: "resolution_facts",
  text: `
select c.id, c.channel, c.owner, c.handed_over_at as "handedOverAt", c.kept_out is not null as "isMerged",
  (select o.channel from conversation o where o.id = c.linked_id) as "linkedChannel",
  (select coalesce(json_agg(r order by r.place), '[]') from resolution r
    where r.conversation_id = c.id) as stored,
  coalesce((select k.orders from case_member k where k.conversation_id = c.id), '[]') as orders,
  (select coalesce(json_agg(${MESSAGE}), '[]') from message m join ${CONTENT}
    where m.conversation_id = c.id and m.visibility = 'public' and m.author_kind <> 'system') as messages,
  (select coalesce(json_agg(json_build_object('key', s.key, 'at', s.at, 'kind', s.payload ->> 'kind',
      'automatic', coalesce((s.payload ->> 'automatic')::boolean, false), 'score', s.payload ->> 'score')), '[]')
    from signal s where s.conversation_id in (c.id, c.linked_id)
      and s.payload ->> 'kind' in ('solved', 'reopened', 'rated')) as signals,
  (select coalesce(json_agg(json_build_object('ref', e.ref, 'approvedBy', e.approved_by,
      'answers', jsonb_array_length(e.action -> 'arguments' -> 'answers'))), '[]')
    from effect e where e.conversation_id = c.id and e.operation = 'reply' and e.state = 'done'
      and e.ref is not null) as replies,
  (select coalesce(json_agg(json_build_object('key', e.key, 'at', e.finished_at)), '[]')
    from effect e where e.conversation_id = c.id and e.operation = 'send_code' and e.state = 'done'
      and e.finished_at is not null) as codes,
  (select coalesce(json_agg(json_build_object('at', t.started_at, 'usd', t.cost_usd)), '[]')
    from turn t where t.conversation_id = c.id) as spent,
  (select coalesce(json_agg(json_build_object('at', a.decided_at,
      'minutes', extract(epoch from (a.decided_at - a.claimed_at)) / 60)), '[]')
    from approval a where a.conversation_id = c.id and a.claimed_at <= a.decided_at) as worked,
  (select coalesce(json_agg(${MESSAGE}::jsonb || jsonb_build_object('conversationId', m.conversation_id, 'orders',
      coalesce((select k.orders from case_member k where k.conversation_id = m.conversation_id), '[]'))), '[]')
    from message m join ${CONTENT}
    where m.author_kind = 'requester' and m.visibility = 'public'
      and m.conversation_id = any (array(select o.id from ${OF_SAME_PERSON("c.id")} o))
      and m.conversation_id is distinct from c.linked_id) as elsewhere
from conversation c where c.id = any (array(select jsonb_array_elements_text($1::jsonb))) order by c.id`,
  row: Known,
} as const;

/** What is known of these conversations. */
export async function readResolutionFacts(
  reader: Reader,
  conversationIds: readonly string[],
): Promise<readonly KnownConversation[]> {
  return ask(reader, KNOWN, [JSON.stringify(conversationIds)]);
}

/** Rows to store, and when each conversation is looked at next. */
export interface DecidedConversation {
  readonly conversationId: string;
  readonly dueAt: Date | null;
  readonly rows: readonly ResolutionRow[];
}

/** An array, because PostgreSQL expects a hundred rows of a list, for which it would read a small table as a whole. */
const IS_DECIDED = `r.conversation_id = any (array(select "conversationId" from decided))`;

/** A matter of conversation `o` was not quiet for long enough when `b` began: what is written in `b` may be about it. */
const MAY_GO_ON = `(select bool_or(q.quiet_at is null or q.quiet_at >= b.began) from resolution q
  where q.conversation_id = o.id)`;

/** `$1` what was decided, `$2` when. Gives the conversations whose feedback may differ now. */
const DECIDE = {
  name: "resolutions_decided",
  text: `
with decided as (select * from jsonb_to_recordset($1::jsonb) d ("conversationId" text, "dueAt" timestamptz, rows jsonb)),
given as (select r.*, d."dueAt" from decided d, jsonb_populate_recordset(null::resolution, d.rows) r),
before as (
  select r.conversation_id, bool_or(r.changed) as changed,
    (select min(m.sent_at) from message m where m.conversation_id = r.conversation_id) as began,
    array_agg(r.solved_at order by r.place) filter (where r.solved_at is not null) as solved
  from resolution r where ${IS_DECIDED} group by r.conversation_id),
surplus as (
  delete from resolution r where ${IS_DECIDED}
    and not exists (select 1 from given g where g.conversation_id = r.conversation_id and g.place = r.place)),
written as (
  insert into resolution (conversation_id, place, kind, reason, started_at, ended_at, solved_at, quiet_at, continued_in,
    cost_usd, unpriced, human_minutes, due_at, changed)
  select conversation_id, place, kind, reason, started_at, ended_at, solved_at, quiet_at, continued_in, cost_usd,
    unpriced, human_minutes, case when place = 0 then "dueAt" end, false from given
  on conflict (conversation_id, place) do update set kind = excluded.kind, reason = excluded.reason,
    started_at = excluded.started_at, ended_at = excluded.ended_at, solved_at = excluded.solved_at,
    quiet_at = excluded.quiet_at, continued_in = excluded.continued_in, cost_usd = excluded.cost_usd,
    unpriced = excluded.unpriced, human_minutes = excluded.human_minutes, due_at = excluded.due_at, changed = false),
related as (
  update resolution r set due_at = $2::timestamptz
  where r.place = 0 and r.due_at is distinct from $2::timestamptz
    and r.conversation_id = any (array(
      select o.id from before b, lateral ${OF_SAME_PERSON("b.conversation_id")} o where b.changed and ${MAY_GO_ON}
      union select l.linked_id from before b join conversation l on l.id = b.conversation_id where b.changed
      except select "conversationId" from decided)))
select d."conversationId" as id from decided d left join before b on b.conversation_id = d."conversationId"
where b.solved is distinct from (
  select array_agg(g.solved_at order by g.place) filter (where g.solved_at is not null) from given g
  where g.conversation_id = d."conversationId")`,
  row: Id,
} as const;

/**
 * Stores how matters ended, with one statement for all of them. Other conversations of the same customers become due
 * where something new was written. Returns the conversations whose feedback may differ now.
 */
export async function storeResolutions(
  transaction: Transaction,
  decided: readonly DecidedConversation[],
  now: Date,
): Promise<readonly string[]> {
  if (decided.length === 0) return [];
  const given = decided.map(({ rows, ...one }) => ({
    ...one,
    rows: rows.map((row) => columnsToJson(resolution, row)),
  }));
  const rows = await ask(transaction, DECIDE, [storableJson(given), now]);
  return rows.map(({ id }) => id);
}
