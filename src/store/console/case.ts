/** Everything about one case: its conversations, their messages and turns, and the notes of the team, which are internal. */
import { z } from "zod";
import type { Message } from "#core/values/message.ts";
import { ChannelName, Outcome } from "#core/values/vocabulary.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import { having } from "#store/db/statement.ts";
import { recentTurns } from "#store/conversations/traces.ts";
import { readShownCases } from "#store/cases/members.ts";
import { type Approval, readableApprovals } from "#store/approvals/approvals.ts";
import { storable } from "#gate/kernel/storable-text.ts";
import { ask, firstRow, type Transaction, valuesOf } from "#store/db/database.ts";
import {
  and,
  desc,
  eq,
  getTableColumns,
  inArray,
  lt,
  or,
  type SQL,
  sql,
} from "#store/db/drizzle.ts";
import {
  approval,
  caseNote,
  conversation,
  message,
  messageContent,
  turn,
} from "#store/db/schema.ts";

const CaseConversation = z.object({
  id: z.string(),
  channel: ChannelName,
  externalId: z.string(),
  subject: z.string(),
  ownerReason: z.string(),
  linkedId: z.string().nullable(),
  createdAt: z.date(),
});
/** One conversation of a case. */
export type CaseConversation = z.infer<typeof CaseConversation>;

/** More conversations than this are not shown as one case. */
const MEMBERS_MAX = 20;

/**
 * The conversation with this id, then those linked to it by a hand-over, then the others of its case with theirs; empty
 * when there is no such conversation.
 */
export async function conversationsOfCase(
  transaction: Transaction,
  id: string,
): Promise<readonly CaseConversation[]> {
  const near = await withLinked(transaction, [id]);
  const shown = await readShownCases(
    transaction,
    near.map((one) => one.id),
  );
  const others = shown.flatMap((one) => (one.isMember ? [one.id] : []));
  const all = others.length === 0 ? near : await withLinked(transaction, [id, ...others]);
  const own = all.filter((one) => one.id === id);
  return own.length === 0 ? [] : [...own, ...all.filter((one) => one.id !== id)];
}

/** The id of the conversation that is this ticket of a helpdesk; null where it was not read. */
export function conversationOfTicket(
  transaction: Transaction,
  channel: ChannelName,
  ticket: string,
): Promise<string | null> {
  const read = sql`select id from conversation where channel = ${channel} and external_id = ${storable(ticket)}`;
  return firstRow(valuesOf(transaction, z.string(), read));
}

/** These and those on the other side of their hand-overs. */
async function withLinked(
  transaction: Transaction,
  ids: readonly string[],
): Promise<readonly CaseConversation[]> {
  const wanted = [...new Set(ids)].slice(0, MEMBERS_MAX);
  const read = async (condition: SQL | undefined): Promise<readonly CaseConversation[]> => {
    const rows = await transaction
      .select()
      .from(conversation)
      .where(condition)
      .limit(2 * MEMBERS_MAX);
    return rows.map((row) => CaseConversation.parse(row));
  };
  const found = await read(
    or(inArray(conversation.id, wanted), inArray(conversation.linkedId, wanted)),
  );
  const missing = found.flatMap(({ linkedId }) =>
    linkedId === null || found.some(({ id }) => id === linkedId) ? [] : [linkedId],
  );
  return missing.length === 0
    ? found
    : [...found, ...(await read(inArray(conversation.id, missing)))];
}

const BY_WRITER = {
  name: "open_by_writer",
  text: `select c.id, c.channel, c.external_id as "externalId", c.subject, bool_or(t.content ->> 'text' = $2) as "isSame"
    from conversation c join message m on m.conversation_id = c.id join message_content t on t.message_id = m.id
    where m.author_id = $1 and m.author_kind = 'requester' and c.id not in (select jsonb_array_elements_text($3::jsonb))
      and ((c.owner = 'human' and c.solved_at is null)
        or exists (select 1 from approval a where a.conversation_id = c.id and a.state = 'pending'))
    group by c.id order by min(m.id) limit 5`,
  row: CaseConversation.pick({ id: true, channel: true, externalId: true, subject: true }).extend({
    isSame: z.boolean().nullable(),
  }),
} as const;

/** What else of this message's writer waits, oldest first; `isSame` where the very same text stands in it. */
export function openByWriter(
  transaction: Transaction,
  { author, text }: Message,
  except: readonly string[],
): Promise<readonly z.infer<typeof BY_WRITER.row>[]> {
  return ask(transaction, BY_WRITER, [author.id, text, JSON.stringify(except)]);
}

/** A message with its place in the store. */
export type ThreadMessage = NonNullable<Awaited<ReturnType<typeof messageOfConversation>>>;

const THREAD = {
  /** Grows with the order of arrival. */
  id: message.id,
  conversationId: message.conversationId,
  message: messageContent.content,
  outcome: sql`${message.outcome}`.mapWith((outcome): Outcome | null => Outcome.parse(outcome)),
  outcomeReason: sql`coalesce(${message.outcomeReason}, '')`.mapWith(String),
  turnId: message.turnId,
} as const;

/** The messages of these conversations in the order of arrival, the newest `most`, all before `before` if given. */
export async function messagesOfCase(
  transaction: Transaction,
  conversationIds: readonly string[],
  { before, most }: { readonly before: number | null; readonly most: number },
): Promise<{ readonly messages: readonly ThreadMessage[]; readonly hasEarlier: boolean }> {
  const rows = await transaction
    .select(THREAD)
    .from(message)
    .innerJoin(messageContent, eq(messageContent.messageId, message.id))
    .where(
      and(
        inArray(message.conversationId, [...conversationIds]),
        before === null ? undefined : lt(message.id, before),
      ),
    )
    .orderBy(desc(message.id))
    .limit(most + 1);
  return { messages: rows.slice(0, most).toReversed(), hasEarlier: rows.length > most };
}

/** One message by its number, if it belongs to this conversation; else null. */
export function messageOfConversation(
  transaction: Transaction,
  conversationId: string,
  id: number,
) {
  const found = transaction
    .select(THREAD)
    .from(message)
    .innerJoin(messageContent, eq(messageContent.messageId, message.id))
    .where(having(message, { id, conversationId }));
  return firstRow(found);
}

/** The newest turns of these conversations, newest first. */
export function turnsOfCase(
  transaction: Transaction,
  conversationIds: readonly string[],
  most: number,
): Promise<readonly TurnTrace[]> {
  return recentTurns(transaction, most, inArray(turn.conversationId, [...conversationIds]));
}

/** Where a card stands among `RANKS` of the inbox. One whose order is also in a delicate case comes as early as that one. */
export function cardRank(name: string): SQL {
  const a = sql.raw(name);
  return sql`case
    when jsonb_path_exists(${a}.card, '$.around.records.open[*] ? (@.isSameOrder == true && @.delicate != "")') then 1
    when (${a}.needs ->> 'count')::int > 1 then 2
    when ${a}.card #>> '{around,due,at}' is not null then 3
    when jsonb_path_exists(${a}.card, '$.around ? (@.isAngry == true || @.isImportant == true || @.messageNumber > 1)') then 4
    else 5 end`;
}

/** The cards of a case: what waits or can be undone first, then the newest decided ones. */
export async function cardsOfConversations(
  transaction: Transaction,
  conversationIds: readonly string[],
  most: number,
): Promise<readonly Approval[]> {
  if (conversationIds.length === 0) return [];
  const order = [
    sql`${approval.state} = 'pending' desc`,
    sql`case when ${approval.state} = 'pending' then ${cardRank("approval")} end`,
    sql`case when ${approval.state} = 'pending' then ${approval.askedAt} end`,
    sql`${approval.updatedAt} desc`,
  ];
  const areTheirs = inArray(approval.conversationId, [...conversationIds]);
  return readableApprovals(transaction, areTheirs, { order, limit: most });
}

/** Of these cases and cards, what the guard keeps from models until marked harmless: ids of cards, cases and messages. */
export async function heldBack(transaction: Transaction, ids: readonly string[]) {
  const held = await valuesOf(
    transaction,
    z.string(),
    sql`with asked as (select m.key, m.conversation_id as place from message m where m.conversation_id in ${[...ids, ""]}
          or m.key in (select jsonb_array_elements_text(answers) from approval where id in ${[...ids, ""]})),
        held as (select id, conversation_id as place, answers from approval b where kind = 'blocked'
          and (conversation_id in (select place from asked)
            or exists (select from jsonb_array_elements_text(b.answers) k join asked on asked.key = k))
          and not exists (select from harmless_text h where h.approval_id = b.id)),
        keys as (select jsonb_array_elements_text(answers) as key from held),
        -- What a hand-over repeats of it as a note of ours, also in the ticket beside.
        places as (select place from held union select c.linked_id from conversation c join held on held.place = c.id)
      select id from held union select id::text from message where author_kind = 'bot' and visibility = 'internal'
        and conversation_id in (select place from places) union select place from held union select id::text from message where key in (select key from keys)
      union select a.id from approval a where conversation_id in (select place from asked)
        and exists (select from jsonb_array_elements_text(a.answers) k where k in (select key from keys))`,
  );
  return new Set(held);
}

// Notes are kept as long as the text they are about.

/** The longest note. */
export const NOTE_MAX = 4_000;

/** One note, as its author wrote it. */
export type CaseNote = typeof caseNote.$inferSelect;

/** Stores a note; false when one with this id is there already, so that a note sent twice is one. */
export async function addNote(transaction: Transaction, note: CaseNote): Promise<boolean> {
  const rows = await transaction
    .insert(caseNote)
    .values(note)
    .onConflictDoNothing()
    .returning({ id: caseNote.id });
  return rows.length === 1;
}

/** Older notes than so many are not shown. */
const NOTES_MAX = 50;

/** In a statement, of a row of `case_note`: an assistant proposed an answer, and none has gone out since. */
export const IS_OPEN_ANSWER = sql`(case_note.is_answer and not exists (
  select from conversation own join conversation c on c.id in (own.id, own.linked_id) where own.id = case_note.conversation_id
    and (exists (select from effect e where e.conversation_id = c.id and e.operation = 'reply'
        and e.state in ('intended', 'executing', 'done') and e.created_at > case_note.at)
      or exists (select from message m where m.conversation_id = c.id and m.author_kind = 'teammate'
        and m.visibility = 'public' and m.received_at > case_note.at))))`;

/** The notes on these conversations, oldest first; a proposed answer is one until an answer goes out. */
export async function conversationNotes(
  transaction: Transaction,
  conversationIds: readonly string[],
): Promise<readonly CaseNote[]> {
  const newest = await transaction
    .select({ ...getTableColumns(caseNote), isAnswer: IS_OPEN_ANSWER.mapWith(Boolean) })
    .from(caseNote)
    .where(inArray(caseNote.conversationId, [...conversationIds]))
    .orderBy(desc(caseNote.at), desc(caseNote.id))
    .limit(NOTES_MAX);
  return newest.toReversed();
}
