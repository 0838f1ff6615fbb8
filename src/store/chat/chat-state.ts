/**
 * Room: What a chat visitor sees: the lines, the state, and markers of change.
 * In: chat keys from the widget's routes, answers from the chat channel.
 * Out: the lines and the state of a chat, and marks that change with it.
 * May touch: the database only, inside the caller's transaction.
 * This file: computes what a visitor sees about their message.
 */
import { z } from "zod";
import { keysAnswered } from "#core/values/action.ts";
import { NAMED_SINCE } from "#store/conversations/conversations.ts";
import {
  ask,
  firstRow,
  type Reader,
  type Transaction,
  within,
  rowsOf,
  valuesOf,
} from "#store/db/database.ts";
import { and, eq, sql } from "#store/db/drizzle.ts";
import { jsonRow } from "#store/db/statement.ts";
import { conversationKey, effect, hint, transcript } from "#store/db/schema.ts";
import { storable } from "#gate/kernel/storable-text.ts";
import { isUserChat } from "#store/people/person-names.ts";
import { currentPause, holdOnEffect } from "#store/effects/pause.ts";
import { ADVISORY_LOCKS } from "#store/db/advisory-locks.ts";

/** The state of a visitor's message, and the lines written to them. */
export interface ChatState {
  /** `working` until there is something to tell. */
  readonly status: "working" | "answered" | "pending" | "escalated" | "failed";
  readonly lines: readonly PlacedLine[];
  /** The text that answers the message in question; null when there is none yet. */
  readonly answer: string | null;
  /** The beginning of the visitor's message in question, which tells its language; empty while it is not read. */
  readonly asked: string;
  /** True while a pause holds back an answer that is ready. */
  readonly paused: boolean;
  /** True once a teammate has the conversation; visitors are not told who. */
  readonly taken?: boolean;
}

/** Who has the chat's conversation, of people, and whether it is closed: what its visitor is told follows from it. */
const WITH_PEOPLE = `(select json_build_object('taken', coalesce(c.owner_holder, ${NAMED_SINCE}) is not null, 'closed', c.solved_at is not null)
  from conversation c where c.id = k.conversation_id and c.owner = 'human')`;

/** Enough to tell a language by. */
const ASKED_CHARACTERS_MAX = 500;

/** Newest first; thanks, which ask nothing, do not hide what is still to be answered. */
const NEWEST_ASKED = "order by m.passed_over is not distinct from 'thanks', m.id desc limit 1";

/**
 * What the state of a chat is worked out from, as of one moment. `$1` is the chat's key; `$2` the message's key, or
 * null for the newest message.
 */
const CHAT = {
  name: "chat_state",
  text: `
select k.conversation_id as id,
  (select coalesce(json_agg(json_build_object('key', t.key, 'text', t.text, 'at', t.at, 'position', t.position)
                            order by t.position, t.at, t.key), '[]')
     from transcript t where t.conversation_id = k.key) as lines,
  exists (select 1 from hint h
     where h.conversation_id = k.conversation_id and h.state = 'unread' and h.kind = 'message') as "hasUnread",
  (select json_build_object('key', m.key, 'outcome', m.outcome, 'text', left(c.content->>'text', ${ASKED_CHARACTERS_MAX}))
     from message m left join message_content c on c.message_id = m.id
     where m.conversation_id = k.conversation_id and m.author_kind = 'requester' and ($2::text is null or m.key = $2)
     ${NEWEST_ASKED}) as asked,
  (select h.state from hint h
     where h.conversation_id = k.conversation_id and ($2::text is null or h.event_id = $2)
     order by h.id desc limit 1) as "hintState",
  (select coalesce(json_agg(e), '[]') from effect e
     where e.conversation_id = k.conversation_id and e.operation = 'reply') as replies,
  (select coalesce(json_agg(a.answers), '[]') from approval a
     where a.conversation_id = k.conversation_id and a.state in ('pending', 'approved')) as "waitingFor",
  exists (select 1 from setting s where s.name in ('pause', 'holds')) as "mayBePaused",
  ${WITH_PEOPLE} as "withPeople"
from conversation_key k where k.key = $1`,
  row: z.object({
    id: z.string(),
    lines: z.array(
      z.object({ key: z.string(), text: z.string(), at: z.coerce.date(), position: z.number() }),
    ),
    hasUnread: z.boolean(),
    asked: z
      .object({ key: z.string(), outcome: z.string().nullable(), text: z.string().nullable() })
      .nullable(),
    hintState: z.string().nullable(),
    replies: z.array(jsonRow(effect)),
    waitingFor: z.array(z.array(z.string())),
    mayBePaused: z.boolean(),
    withPeople: z.object({ taken: z.boolean(), closed: z.boolean() }).nullable(),
  }),
} as const;

const WITH_NOBODY = { taken: false, closed: false } as const;

/** The state of a chat by its key, for one message or (with null) for its newest; null for an unknown chat. */
export async function storedChatState(
  reader: Reader,
  key: string,
  messageKey: string | null,
): Promise<ChatState | null> {
  const [chat] = await ask(reader, CHAT, [key, messageKey]);
  if (chat === undefined) return null;
  const { lines, asked } = chat;
  const { taken, closed } = chat.withPeople ?? WITH_NOBODY;
  const nothing = { lines, answer: null, asked: "", paused: false, taken };
  // Unread hints are newer than every stored message.
  if (messageKey === null && chat.hasUnread) return { ...nothing, status: "working" };
  // Without its message, it was given up before it could be read, or is not read yet.
  if (asked === null)
    return { ...nothing, status: chat.hintState === "failed" ? "failed" : "working" };
  const replies = chat.replies.filter(
    ({ action }) => action !== null && keysAnswered(action).includes(asked.key),
  );
  const done = new Set(replies.filter(({ state }) => state === "done").map((reply) => reply.key));
  const answer = lines.findLast((line) => done.has(line.key))?.text ?? null;
  const open = replies.filter(({ state }) => state === "intended" || state === "executing");
  const paused = chat.mayBePaused && (await areHeld(reader, open));
  // A card of an earlier message does not count.
  const waits = chat.waitingFor.some((answers) => answers.includes(asked.key));
  const underWay = open.length > 0;
  const seen = { answer, waits, underWay, closed };
  return {
    status: paused ? "pending" : chatStatus(asked.outcome, seen),
    lines,
    answer,
    asked: asked.text ?? "",
    paused,
    taken,
  };
}

function chatStatus(
  outcome: string | null,
  seen: {
    readonly answer: string | null;
    readonly waits: boolean;
    readonly underWay: boolean;
    readonly closed: boolean;
  },
): ChatState["status"] {
  // A reply about to be written is worth the short wait.
  if (seen.underWay) return "working";
  switch (outcome) {
    case null:
      return seen.waits || seen.answer !== null ? "pending" : "working";
    case "answered":
    case "ignored":
    case "rejected":
      return "answered";
    case "failed":
      return "failed";
    default:
      // Closed by a person: no teammate is waited for.
      return seen.closed ? "answered" : "escalated";
  }
}

/** True when there are such replies, none of them has begun, and a pause holds every one. */
async function areHeld(
  reader: Reader,
  replies: readonly (typeof effect.$inferSelect)[],
): Promise<boolean> {
  if (replies.length === 0 || replies.some(({ state }) => state !== "intended")) return false;
  return within(reader, async (transaction) => {
    const pause = await currentPause(transaction);
    for (const reply of replies)
      if ((await holdOnEffect(transaction, pause, "chat", reply)) === null) return false;
    return true;
  });
}

/** True for the key of a chat that was opened here. */
export async function isChat(transaction: Transaction, key: string): Promise<boolean> {
  return (await transaction.$count(conversationKey, eq(conversationKey.key, key))) > 0;
}

/**
 * The key of this proven user's chat that has this message, or else of the newest one that the bot still answers; null
 * when there is none since then.
 */
export function latestChat(
  transaction: Transaction,
  subject: string,
  { since, messageId }: { readonly since: Date; readonly messageId: string | null },
): Promise<string | null> {
  const latest = sql`select key from (
      select k.key, c.owner, c.updated_at, exists (
        select from hint where channel = 'chat' and event_id = k.key || ':' || ${messageId}::text) as has_it
      from conversation_key k join conversation c on c.id = k.conversation_id
      where ${isUserChat(sql`k.key`, subject)} and c.updated_at >= ${since}) k
    where owner = 'bot' or has_it order by has_it desc, updated_at desc limit 1`;
  return firstRow(valuesOf(transaction, z.string(), latest));
}

/** True when the message with this key came with another text; false once its text is no longer kept. */
export async function hasOtherText(
  transaction: Transaction,
  messageKey: string,
  text: string,
): Promise<boolean> {
  const other = sql`payload -> 'data' -> 'message' ->> 'text' <> ${storable(text)}`;
  const isIt = and(eq(hint.channel, "chat"), eq(hint.eventId, messageKey), other);
  return (await transaction.$count(hint, isIt)) > 0;
}

/** A line with its position: lines that become readable later have higher numbers. */
type PlacedLine = Omit<typeof transcript.$inferSelect, "conversationId">;

/** Writes an answer to the transcript its visitor reads; the same key again changes nothing. */
export async function writeLine(
  transaction: Transaction,
  line: Omit<typeof transcript.$inferSelect, "position">,
): Promise<void> {
  const chat = storable(line.conversationId);
  // A position is assigned at the write but visible at the commit; one writer at a time keeps both in the same order.
  await transaction.execute(
    sql`select pg_advisory_xact_lock(${ADVISORY_LOCKS.chatLines}, hashtext(${chat}))`,
  );
  const position = sql<number>`(select coalesce(max(position), 0) + 1 from transcript where conversation_id = ${chat})`;
  await transaction
    .insert(transcript)
    .values({ ...line, position })
    .onConflictDoNothing();
}

export async function hasLine(transaction: Transaction, key: string): Promise<boolean> {
  return (await transaction.$count(transcript, eq(transcript.key, key))) > 0;
}

/** The state of a chat in short, and the conversation it belongs to. */
const Row = z.object({ key: z.string(), conversationId: z.string(), mark: z.string() });

/**
 * A mark for each of these chats, by key, that changes whenever its state may. One statement for all of them, answered
 * from indexes, so that many open windows cost little more than one. A chat that does not exist has none. A pause that
 * begins or ends changes all of them.
 */
export async function chatMarks(transaction: Transaction, keys: readonly string[]) {
  const rows = await rowsOf(
    transaction,
    Row,
    sql`select k.key, k.conversation_id as "conversationId", concat_ws('|',
          (select count(*) || '/' || coalesce(max(t.position), 0) from transcript t where t.conversation_id = k.key),
          (select count(*) || '/' || count(*) filter (where h.state = 'failed') || '/' || count(*) filter (where h.state = 'unread')
             from hint h where h.conversation_id = k.conversation_id),
          coalesce((select m.id || '/' || coalesce(m.outcome, '') from message m
             where m.conversation_id = k.conversation_id and m.author_kind = 'requester' ${sql.raw(NEWEST_ASKED)}), ''),
          coalesce((select string_agg(e.key || '/' || e.state, ',' order by e.key) from effect e
             where e.conversation_id = k.conversation_id and e.operation = 'reply'), ''),
          coalesce((select string_agg(a.id, ',' order by a.id) from approval a
             where a.conversation_id = k.conversation_id and a.state in ('pending', 'approved')), ''),
          ${sql.raw(WITH_PEOPLE)}::text,
          coalesce((select md5(string_agg(s.value::text, ',' order by s.name)) from setting s
             where s.name in ('pause', 'holds')), '')) as mark
        from conversation_key k where k.key in ${[...keys]}`,
  );
  return new Map(rows.map(({ key, ...found }) => [key, found]));
}
