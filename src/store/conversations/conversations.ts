/**
 * Room: Conversations: messages, signals, traces, leases, and which conversations have work due.
 * In: resolved messages and signals, turn results, lease requests of workers.
 * Out: conversation state, messages, traces, and the conversations to wake.
 * May touch: the database only, inside the caller's transaction.
 * This file: reads and changes conversations, and computes their revision.
 */
import { KNOWN_NAME } from "#store/people/person-names.ts";
import { eq, asc, inArray, sql } from "#store/db/drizzle.ts";
import { Conversation, type RatingSource } from "#core/values/message.ts";
import { Owner } from "#core/values/vocabulary.ts";
import {
  caseState,
  conversationRevision,
  type CaseState,
  type Holder,
  type OwnerReason,
  type Ownership,
} from "#core/cases/ownership.ts";
import { DelicateTopic } from "#core/contracts/guard.ts";
import { z } from "zod";
import { ask, type Transaction, rowsOf, valuesOf } from "#store/db/database.ts";
import { conversation, setting } from "#store/db/schema.ts";
import { readSetting, writeSetting } from "#store/db/settings.ts";
import { jsonRow } from "#store/db/statement.ts";

/** A conversation with what Deskhand knows beyond the channel's own facts. */
export type ConversationState = Readonly<ReturnType<typeof stateOfRow>>;

/** Between whom a conversation was when its source was last read. */
export type StoredParticipants = Readonly<ConversationState["participants"]>;

export async function loadConversation(
  transaction: Transaction,
  id: string,
): Promise<ConversationState | null> {
  const [row] = await transaction.select().from(conversation).where(eq(conversation.id, id));
  return row === undefined ? null : stateOfRow(row);
}

/** Keeps other decisions about these conversations waiting until the transaction ends; all of them in the order of their ids. */
export async function lockConversation(transaction: Transaction, ...ids: string[]): Promise<void> {
  await transaction
    .select({ id: conversation.id })
    .from(conversation)
    .where(inArray(conversation.id, ids))
    .orderBy(asc(conversation.id))
    .for("no key update");
}

/** A topic that only a newer version knows is none for this one. */
export const StoredTopic = DelicateTopic.nullable().catch(null);

/** The teammate named in a row; null where none is. */
function holderIn(name: string | null, voter: string | null): Holder | null {
  return name === null ? null : { name, voter };
}

/** A conversation from its row. */
function stateOfRow(row: typeof conversation.$inferSelect) {
  const ownership: Ownership = {
    owner: Owner.parse(row.owner),
    reason: {
      words: row.ownerReason,
      holder: holderIn(row.ownerHolder, row.ownerVoter),
      delicate: StoredTopic.parse(row.ownerDelicate),
    },
  };
  return {
    ...ownership,
    conversation: Conversation.parse({
      id: row.id,
      channel: row.channel,
      externalId: row.externalId === "" ? row.id : row.externalId,
      subject: row.subject,
      brand: row.brand,
    }),
    revision: row.revision,
    linkedId: row.linkedId,
    /** Since when people have what the bot had; null while it does, and where it never had it. */
    handedOverAt: row.handedOverAt,
    clarified: row.clarified,
    /** How often the bot has asked back since its last answer. */
    questions: row.clarified ? Math.max(1, row.questions) : 0,
    retrySince: row.retrySince,
    wakeAt: row.wakeAt,
    solvedAt: row.solvedAt,
    snoozedUntil: row.snoozedUntil,
    /** The closed period the customer was last told about, by the moment a card from it expires. */
    closedNoticeUntil: row.closedNoticeUntil,
    participants: {
      /** Author id of the current customer; empty when each author speaks for themselves. */
      customer: row.customer,
      /** Digest of customer, brand and readers; empty before the first look. */
      digest: row.participantsDigest,
      /** How often these changed. */
      changes: row.participantChanges,
      /** Why the conversation must not be written to at present; null when it may. */
      barred: row.barred,
    },
  };
}

/** A conversation where a statement gives its row as JSON. */
export const StoredConversation = jsonRow(conversation).transform(stateOfRow);

/** The fields that change after intake; those left out stay. */
export type ConversationChange = Partial<
  Pick<
    typeof conversation.$inferInsert,
    | "externalId"
    | "subject"
    | "brand"
    | "linkedId"
    | "clarified"
    | "questions"
    | "solvedAt"
    | "solvedByRule"
    | "rating"
    | "ratingStars"
    | "keptOut"
    | "wakeAt"
    | "retrySince"
    | "handedOverAt"
    | "handoverRemindAt"
    | "snoozedUntil"
    | "closedNoticeUntil"
    | "customer"
    | "participantsDigest"
    | "participantChanges"
    | "barred"
  > & {
    readonly owner: Owner;
    readonly ownerReason: OwnerReason;
    readonly ratingSource: RatingSource;
  }
>;

/** The columns of a change, with what follows from it: an owner `bot` ends a hand-over, and the new owner sees it at once. */
export function changedColumns({
  ownerReason,
  ...change
}: ConversationChange): Partial<typeof conversation.$inferInsert> {
  return {
    ...(change.owner === undefined ? {} : { snoozedUntil: null }),
    ...change,
    ...(ownerReason === undefined ? {} : ownerColumns(ownerReason)),
    ...(change.owner === "bot" ? { handedOverAt: null, handoverRemindAt: null } : {}),
  };
}

function ownerColumns({ words, holder, delicate }: OwnerReason) {
  return {
    ownerReason: words,
    ownerHolder: holder?.name ?? null,
    ownerVoter: holder?.voter ?? null,
    ownerDelicate: delicate,
  };
}

/** Settings that say how a case stood before a hand-over, by conversation. */
export const BEFORE_HAND_OVER = "before_hand_over:";

/** Changes these fields of a conversation. A hand-over for another reason is none that a click takes back. */
export async function updateConversation(
  transaction: Transaction,
  id: string,
  change: ConversationChange,
  now: Date,
): Promise<void> {
  await transaction
    .update(conversation)
    .set({ ...changedColumns(change), updatedAt: now })
    .where(eq(conversation.id, id));
  if (change.ownerReason !== undefined)
    await transaction.delete(setting).where(eq(setting.name, BEFORE_HAND_OVER + id));
}

/** The messages of the conversation `c` that its revision covers: other people's public ones. */
export const REVISED_BY = `
  (select coalesce(json_agg(json_build_object('key', m.key, 'textDigest', m.text_digest) order by m.id), '[]')
     from message m where m.conversation_id = c.id and m.visibility = 'public'
       and m.author_kind in ('requester', 'teammate') and m.outcome is distinct from 'ignored')`;

export const RevisedBy = z.array(z.object({ key: z.string(), textDigest: z.string() }));

const REVISION = {
  name: "revision",
  text: `select c.owner, c.participant_changes as changes, ${REVISED_BY} as messages from conversation c where c.id = $1`,
  row: z.object({ owner: Owner, changes: z.number(), messages: RevisedBy }),
} as const;

/** Recomputes the revision from the owner and other people's public messages, stores and returns it. */
export async function refreshRevision(
  transaction: Transaction,
  conversationId: string,
): Promise<string> {
  const [row] = await ask(transaction, REVISION, [conversationId]);
  if (row === undefined) throw new Error(`there is no conversation ${conversationId}`);
  const revision = conversationRevision(row.owner, row.messages, row.changes);
  await transaction
    .update(conversation)
    .set({ revision })
    .where(eq(conversation.id, conversationId));
  return revision;
}

/**
 * Makes these conversations due, so that the reconciler wakes them even if nothing else does. First it locks them, in the
 * order of their ids: two transactions that do so for the same ones follow each other.
 */
export async function wakeSoon(
  transaction: Transaction,
  woken: readonly string[],
  now: Date,
): Promise<void> {
  if (woken.length === 0) return;
  await lockConversation(transaction, ...woken);
  await transaction
    .update(conversation)
    .set({ wakeAt: sql`least(coalesce(${conversation.wakeAt}, ${now}), ${now})` })
    .where(inArray(conversation.id, [...woken]));
}

/** Enough for an excerpt after masking, which may shorten or lengthen a text. */
const WORDS_READ = 2_000;

const CaseHead = z.object({
  id: z.string(),
  channel: z.string(),
  externalId: z.string(),
  /** The subject of the conversation, or of the newest message where it has none; empty where neither has. */
  subject: z.string(),
  ownSubject: z.string(),
  /** Why its owner has it. */
  reason: z.string(),
  /** The teammate who has it by name, of what people have; null when none has. */
  holder: z.string().nullable(),
  /** The delicate topic for which people have it; null for any other reason. */
  delicate: StoredTopic,
  isWithPeople: z.boolean(),
  isSolved: z.boolean(),
  /** When it was solved, here or where people work on it. */
  closedAt: z.coerce.date().nullable(),
  /** Since when people have it; null while the bot has it. */
  handedOverAt: z.coerce.date().nullable(),
  /** When the team is reminded of it; null when no reminder is due any more. */
  remindAt: z.coerce.date().nullable(),
  /** The customer by the name the shop has for them, else by that of their newest message; empty when nothing of it is kept. */
  name: z.string(),
  /** The beginning of the customer's newest message, not masked; empty when nothing of it is kept. */
  words: z.string(),
  /** When that message came in; null when there is none. */
  at: z.coerce.date().nullable(),
  /** The conversation of the team's own that is linked with it: its channel and number; null when there is none. */
  linkedId: z.string().nullable(),
  linkedChannel: z.string().nullable(),
  linkedExternalId: z.string().nullable(),
});
/** The head of one case. Name, subject and words are the customer's own text. */
export type CaseHead = z.infer<typeof CaseHead>;

/** The heads of these conversations, by id; an unknown id is left out. One statement, whatever their number. */
export async function caseHeads(
  transaction: Transaction,
  ids: readonly string[],
): Promise<ReadonlyMap<string, CaseHead>> {
  if (ids.length === 0) return new Map();
  const rows = await rowsOf(
    transaction,
    CaseHead,
    sql`select c.id, c.channel, c.external_id as "externalId",
          coalesce(nullif(c.subject, ''), newest.subject, '') as subject, c.subject as "ownSubject",
          case when c.owner = 'human' then coalesce(c.owner_holder, ${sql.raw(NAMED_SINCE)}) end as holder,
          c.owner_reason as reason, c.owner_delicate as delicate, c.owner = 'human' as "isWithPeople",
          ${sql.raw(IS_ENDED)} as "isSolved", greatest(c.solved_at, l.solved_at) as "closedAt",
          c.handed_over_at as "handedOverAt", c.handover_remind_at as "remindAt",
          coalesce(${KNOWN_NAME}, newest.name, '') as name, coalesce(newest.words, '') as words, newest.at,
          c.linked_id as "linkedId", l.channel as "linkedChannel", l.external_id as "linkedExternalId"
        from conversation c
        left join conversation l on l.id = c.linked_id
        left join lateral (
          select mc.content -> 'author' ->> 'name' as name, mc.content ->> 'subject' as subject,
            left(mc.content ->> 'text', ${WORDS_READ}) as words, m.received_at as at
          from message m left join message_content mc on mc.message_id = m.id
          where m.conversation_id = c.id and m.author_kind = 'requester'
          order by m.id desc limit 1
        ) newest on true
        where c.id in ${ids}`,
  );
  return new Map(rows.map((row) => [row.id, row]));
}

const CaseRow = z.object({
  id: z.string(),
  owner: Owner,
  handedOverAt: z.coerce.date().nullable(),
  snoozedUntil: z.coerce.date().nullable(),
  solvedAt: z.coerce.date().nullable(),
  holder: z.string().nullable(),
  voter: z.string().nullable(),
});

/**
 * How these cases stand, by id; an unknown id is left out. Where people work in a helpdesk, or answer where the customer
 * wrote, their own deeds there say who has it.
 */
export async function caseStates(
  transaction: Transaction,
  ids: readonly string[],
  now: Date,
): Promise<ReadonlyMap<string, CaseState>> {
  if (ids.length === 0) return new Map();
  const rows = await rowsOf(
    transaction,
    CaseRow,
    sql`select c.id, c.owner, c.handed_over_at as "handedOverAt", c.snoozed_until as "snoozedUntil", coalesce(greatest(c.solved_at, l.solved_at), case when ${sql.raw(IS_ENDED)} then c.updated_at end) as "solvedAt",
          coalesce(c.owner_holder, ${sql.raw(NAMED_SINCE)}) as holder, c.owner_voter as voter
        from conversation c left join conversation l on l.id = c.linked_id where c.id in ${ids}`,
  );
  return new Map(
    rows.map(({ id, holder, voter, ...row }) => [
      id,
      caseState({ ...row, holder: holderIn(holder, voter) }, now),
    ]),
  );
}

/**
 * In a statement: the teammate to whom a person gave the conversation `c`, or its ticket, last since people have it; where
 * that was a group or nobody, the one who answered last since then; null for neither.
 */
export const NAMED_SINCE = `(case when c.owner = 'human' then (select coalesce(given.name,
    (select coalesce(mc.content -> 'author' ->> 'name', m.author_id) from message m left join message_content mc on mc.message_id = m.id
      where m.conversation_id in (c.id, c.linked_id) and m.author_kind = 'teammate' and m.visibility = 'public'
        and m.sent_at >= coalesce(given.at, c.handed_over_at, 'epoch')
      order by m.id desc limit 1))
  from (values (1)) one left join lateral (
    select s.at, s.payload ->> case when s.payload ? 'holder' then 'holder' else 'assignee' end as name from signal s
      where s.conversation_id in (c.id, c.linked_id) and s.at >= coalesce(c.handed_over_at, 'epoch')
        and s.payload ->> 'kind' = 'assigned' and s.payload ->> 'automatic' = 'false' and s.payload ->> 'to' = 'human'
      order by s.at desc limit 1) given on true) end)`;

/** In a statement: the conversation `c`, or `l` on the other side of its hand-over, is solved, or was merged into another one. */
const IS_ENDED = `(coalesce(c.solved_at, l.solved_at) is not null or coalesce(c.kept_out, l.kept_out) is not null)`;

/** Of these, the hand-overs that no teammate has taken or answered since, and that have not ended. */
export async function untakenOf(
  transaction: Transaction,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const untaken = await valuesOf(
    transaction,
    z.string(),
    sql`select c.id from conversation c left join conversation l on l.id = c.linked_id where c.id in ${ids} and c.owner = 'human'
          and c.handed_over_at is not null and ${sql.raw(NAMED_SINCE)} is null and not ${sql.raw(IS_ENDED)}`,
  );
  return new Set(untaken);
}

// How a case stood before a hand-over that one click can still take back; kept no longer than that click is possible, and
// only while people have the case for that hand-over: `updateConversation` forgets it with the reason.

const Before = z.object({
  approvalId: z.string(),
  holder: z.object({ name: z.string(), voter: z.string().nullable() }).nullable(),
  delicate: StoredTopic,
  closedNoticeUntil: z.coerce.date().nullable(),
});

/** Keeps who had the case by name, and of which closed period its customer had been told; called after the hand-over. */
export async function keepBefore(
  transaction: Transaction,
  approvalId: string,
  { conversation, reason: { holder, delicate }, closedNoticeUntil: told }: ConversationState,
): Promise<void> {
  const closedNoticeUntil = told?.toISOString() ?? null;
  const kept = { approvalId, holder: holder && { ...holder }, delicate, closedNoticeUntil };
  await writeSetting(transaction, BEFORE_HAND_OVER + conversation.id, kept);
}

/** What was kept for this card; null where people have the case for another reason by now. */
export async function keptBefore(
  transaction: Transaction,
  approval: { readonly id: string; readonly conversationId: string },
): Promise<Omit<z.infer<typeof Before>, "approvalId"> | null> {
  const name = BEFORE_HAND_OVER + approval.conversationId;
  const found = await readSetting(transaction, name, Before);
  if (found?.approvalId !== approval.id) return null;
  const { approvalId: _own, ...kept } = found;
  return kept;
}

/** Forgets what was kept for cards that no click takes back any more. */
export async function forgetBefore(transaction: Transaction): Promise<void> {
  await transaction.execute(
    sql`delete from setting s where starts_with(s.name, ${BEFORE_HAND_OVER}) and not exists (select from approval a
        where a.id = s.value ->> 'approvalId' and a.state = 'rejected' and a.undo_until is not null)`,
  );
}
