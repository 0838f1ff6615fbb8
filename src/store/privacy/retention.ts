/** The retention rules, which say what old text and records are removed and when, and the runs that follow them. */
import {
  and,
  getTableName,
  inArray,
  isNull,
  lt,
  lte,
  ne,
  notInArray,
  or,
  type PgColumn,
  sql,
  type SQL,
} from "#store/db/drizzle.ts";
import { z } from "zod";
import {
  clearApprovals,
  type ClearedBatch,
  clearEffects,
  clearFiles,
  clearHints,
  clearMessages,
  type ClearRows,
  clearSignals,
  clearTurns,
  ROWS,
  withoutFiles,
} from "./clear-rows.ts";
import { firstRow, type Reader, rowsOf, type Transaction, valuesOf } from "#store/db/database.ts";
import {
  apiAnswer,
  approval,
  attachment,
  candidateCase,
  caseNote,
  caseCustomer,
  caseMember,
  challenge,
  challengeTry,
  consolePass,
  conversation,
  deadLetter,
  deskDecision,
  draftDifference,
  draftScore,
  effect,
  harmlessText,
  hint,
  knowledgeGap,
  message,
  position,
  rehearsal,
  rehearsedTicket,
  reservation,
  signal,
  ticketSession,
  transcript,
  turnRecording,
  turn,
  webhookDelivery,
} from "#store/db/schema.ts";
import { storedSetting } from "#store/db/settings.ts";
import { PROOF_CURSOR } from "#core/contracts/ports.ts";
import { DAY_MS } from "#core/values/moment.ts";

/** The text of a cleared card; what was posted on the desk is left to the desk's own retention. */
const OLD_CARD = "Closed; its text was removed when its time was over.";

/** What another process works on at this moment is left to the next run. */
const SKIP_LOCKED = { skipLocked: true } as const;

/** Data older than these moments is removed. */
export interface Cutoffs {
  readonly content: Date;
  readonly records: Date;
  /** What counts for a day, such as against limits of codes. */
  readonly day: Date;
}

/** How long text and records are kept. */
export interface RetentionPeriods {
  readonly contentDays: number;
  readonly auditMonths: number;
}

/** Months are calendar months, so that "24 months" ends on the same day of the month. */
export function cutoffsAt(now: Date, keep: RetentionPeriods): Cutoffs {
  const records = new Date(now);
  records.setUTCMonth(records.getUTCMonth() - keep.auditMonths);
  const ago = (days: number) => new Date(now.getTime() - days * DAY_MS);
  return { content: ago(keep.contentDays), records, day: ago(1) };
}

/** One kind of data that is removed, with a name for people. */
export interface Rule {
  readonly name: string;
  /** Removes one batch; fewer than `ROWS` means that none are left. */
  remove(transaction: Transaction, cutoffs: Cutoffs, now: Date): Promise<ClearedBatch>;
}

function hasOpenWork(id: SQL): SQL {
  return sql`(exists (select 1 from approval a where a.conversation_id = ${id} and a.state = 'pending')
    or exists (select 1 from effect e where e.conversation_id = ${id} and e.state in ('intended', 'executing')))`;
}

/** A customer still waits for an answer in this conversation. */
function isWaitedFor(id: SQL): SQL {
  return sql`(exists (select 1 from hint h where h.conversation_id = ${id} and h.state = 'unread')
    or exists (select 1 from message o where o.conversation_id = ${id} and o.outcome is null
      and o.author_kind = 'requester' and o.visibility = 'public'))`;
}

/** Neither this conversation nor the one on the other side of its hand-over was updated since. */
function isQuiet(id: SQL, since: Date): SQL {
  return sql`not exists (select 1 from conversation q where q.updated_at >= ${since}
    and (q.id = ${id} or q.linked_id = ${id}
      or q.id = (select l.linked_id from conversation l where l.id = ${id})))`;
}

/** The customer's newest message stays while people may still answer it: it holds the address of the answer. */
function isNewest(): SQL {
  return sql`${message.authorKind} = 'requester' and not exists (select 1 from message n
    where n.conversation_id = ${message.conversationId} and n.author_kind = 'requester' and n.id > ${message.id})`;
}

function oldHints({ content }: Cutoffs): SQL | undefined {
  return and(isNull(hint.clearedAt), lt(hint.receivedAt, content), ne(hint.state, "unread"));
}

/** A file is removed by the age of its message, even while that waits for an answer: people open it at its source. */
function oldFiles({ content }: Cutoffs): SQL | undefined {
  return and(isNull(attachment.clearedAt), lt(attachment.receivedAt, content));
}

/** A process died before it removed the file. */
const LEFT_FILES = sql`${attachment.clearedAt} is not null and ${attachment.blobRef} is not null`;
const LEFT_BODIES = sql`${hint.clearedAt} is not null and ${hint.bodyRef} is not null`;

function oldMessages({ content }: Cutoffs): SQL | undefined {
  const id = sql`${message.conversationId}`;
  return and(
    isNull(message.clearedAt),
    lt(message.receivedAt, content),
    sql`not (${isWaitedFor(id)})`,
    sql`not ${hasOpenWork(id)}`,
    sql`(${isQuiet(id, content)} or not (${isNewest()}))`,
  );
}

/** Rows from before whose text is kept, and whose conversation has no open work. */
function areOld(
  { clearedAt, conversationId }: typeof turn | typeof approval | typeof effect,
  at: PgColumn,
  { content }: Cutoffs,
): SQL | undefined {
  return and(isNull(clearedAt), lt(at, content), sql`not ${hasOpenWork(sql`${conversationId}`)}`);
}

function oldCards(cutoffs: Cutoffs): SQL | undefined {
  return and(ne(approval.state, "pending"), areOld(approval, approval.updatedAt, cutoffs));
}

function oldEffects(cutoffs: Cutoffs): SQL | undefined {
  const isSettled = notInArray(effect.state, ["intended", "executing"]);
  return and(isSettled, areOld(effect, effect.createdAt, cutoffs));
}

function oldSubjects({ content }: Cutoffs): SQL | undefined {
  const id = sql`${conversation.id}`;
  return and(
    lt(conversation.createdAt, content),
    lt(conversation.updatedAt, content),
    or(ne(conversation.subject, ""), ne(conversation.ownerReason, "")),
    sql`not (${isWaitedFor(id)})`,
    sql`not ${hasOpenWork(id)}`,
    isQuiet(id, content),
  );
}

/**
 * Rows that are only text, or no longer needed, are deleted once the moment in their column is before the cutoff, as far
 * as nothing `keeps` them.
 */
function deleting(
  name: string,
  at: PgColumn,
  { by = "content", keeps = sql`false` }: { by?: keyof Cutoffs; keeps?: SQL } = {},
): Rule {
  const which = (cutoffs: Cutoffs): SQL => sql`${lt(at, cutoffs[by])} and not (${keeps})`;
  return { name, remove: (transaction, cutoffs) => deleted(transaction, at, which(cutoffs)) };
}

async function deleted(transaction: Transaction, of: PgColumn, which: SQL): Promise<ClearedBatch> {
  const table = sql.identifier(getTableName(of.table));
  const gone = await rowsOf(
    transaction,
    z.object({ gone: z.literal(1) }),
    sql`delete from ${table} where ctid = any (array
      (select ctid from ${table} where ${which} limit ${ROWS})) returning 1 as gone`,
  );
  return withoutFiles(gone.length);
}

/**
 * A mail proves its sender for a week. One that came while its mailbox was not read may be read later, and what was
 * believed has to be known by then.
 */
const PROOF_DAYS = 60;

/** What mails were believed by, however short or long text is kept. */
const PROOFS: Rule = {
  name: "proofs of mails",
  remove(transaction, _cutoffs, now) {
    const before = new Date(now.getTime() - PROOF_DAYS * DAY_MS).toISOString();
    const which = sql`starts_with(${position.name}, ${PROOF_CURSOR}) and ${lt(position.value, before)}`;
    return deleted(transaction, position.name, which);
  },
};

/** Rows that end at the moment in their column: they go with the next run, however long text is kept. */
function ended(name: string, at: PgColumn): Rule {
  return {
    name,
    remove: (transaction, _cutoffs, now) => deleted(transaction, at, sql`${lte(at, now)}`),
  };
}

/** Rows that stay, without people's text. */
function clearing(
  name: string,
  which: (cutoffs: Cutoffs) => SQL | undefined,
  clear: ClearRows,
): Rule {
  return {
    name,
    remove: (transaction, cutoffs, now) => clear(transaction, which(cutoffs), now, SKIP_LOCKED),
  };
}

/** Whose rows are about one conversation and hold nothing that outlives it, with their time. What a person wrote is in each recording. */
export const OF_ONE_CONVERSATION = [
  ["notes on cases", caseNote, caseNote.at],
  ["candidate cases", candidateCase, candidateCase.at],
  ["questions without a page", knowledgeGap, knowledgeGap.at],
  ["recordings of turns", turnRecording, turnRecording.recordedAt],
  ["differences from drafts", draftDifference, draftDifference.at],
  ["texts said to be harmless", harmlessText, harmlessText.at],
  ["judged drafts", draftScore, draftScore.draftedAt],
  ["deliveries to webhooks", webhookDelivery, webhookDelivery.createdAt],
] as const;

/** All retention rules except for the audit, which has its own. */
export const RETENTION_RULES: readonly Rule[] = [
  clearing("raw mails and deliveries", oldHints, clearHints),
  clearing("raw mails left behind", () => LEFT_BODIES, clearHints),
  clearing("attached files", oldFiles, clearFiles),
  clearing("attached files left behind", () => LEFT_FILES, clearFiles),
  clearing("messages", oldMessages, clearMessages({ forgetsAuthors: false })),
  clearing("traces", (cutoffs) => areOld(turn, turn.startedAt, cutoffs), clearTurns),
  clearing("closed cards", oldCards, clearApprovals({ closing: OLD_CARD, onDesk: false })),
  clearing("texts of effects", oldEffects, clearEffects),
  clearing(
    "signals",
    ({ content }) => and(isNull(signal.clearedAt), lt(signal.at, content)),
    clearSignals,
  ),
  clearing("subjects", oldSubjects, clearSubjects),
  deleting("lines of chats", transcript.at, {
    // While an effect is open, the existence of its line shows whether the answer was written.
    keeps: sql`exists (select 1 from effect e where e.key = ${transcript.key} and e.state in ('intended', 'executing'))`,
  }),
  deleting("dead letters", deadLetter.at),
  deleting("answers to clicks", deskDecision.at),
  deleting("answers to programs", apiAnswer.at, { by: "day" }),
  ...OF_ONE_CONVERSATION.map(([name, , at]) => deleting(name, at)),
  deleting("rehearsed tickets", rehearsedTicket.playedAt),
  deleting("figures of rehearsals", rehearsal.startedAt, { by: "records" }),
  deleting("members of cases", caseMember.writtenAt),
  deleting("customers with cases", caseCustomer.updatedAt),
  deleting("tries of codes", challengeTry.at, { by: "day" }),
  deleting("codes", challenge.createdAt, { by: "day" }),
  deleting("bookings of limits", reservation.at, { by: "records" }),
  ended("sign-ins to the console", consolePass.expiresAt),
  ended("pages beside a ticket", ticketSession.expiresAt),
  PROOFS,
];

async function clearSubjects(
  transaction: Transaction,
  which: SQL | undefined,
): Promise<ClearedBatch> {
  const { id } = conversation;
  const old = transaction.select({ id }).from(conversation).where(which).limit(ROWS);
  const cleared = await transaction
    .update(conversation)
    .set({
      subject: "",
      ownerReason: "",
      ownerHolder: null,
      ownerVoter: null,
      ownerDelicate: null,
    })
    .where(inArray(id, old.for("update", SKIP_LOCKED)))
    .returning({ id });
  return withoutFiles(cleared.length);
}

// When retention ran last and when it runs next.

/** When retention ran last, what that run has removed so far, and when it is due again. */
const RetentionRun = z.object({
  nextAt: z.iso.datetime(),
  /** Null before the first run. */
  ranAt: z.iso.datetime().nullable(),
  removed: z.record(z.string(), z.int()),
  /** When the files were last compared with the rows. */
  filesAt: z.iso.datetime().nullable(),
  /** What could not be removed at the last run, by the names of the rules: since when, and why. */
  failed: z
    .record(z.string(), z.object({ since: z.iso.datetime(), reason: z.string() }))
    .default({}),
  /** When the team was told of it last. */
  toldAt: z.iso.datetime().nullable().default(null),
});
export type RetentionRun = z.infer<typeof RetentionRun>;

/** Not there before retention was first due. */
export const RETENTION_RUN = storedSetting("retention", RetentionRun);

const FRESH: RetentionRun = {
  nextAt: new Date(0).toISOString(),
  ranAt: null,
  removed: {},
  filesAt: null,
  failed: {},
  toldAt: null,
};

export async function lastRetentionRun(transaction: Transaction): Promise<RetentionRun> {
  return (await RETENTION_RUN.read(transaction)) ?? FRESH;
}

/** Claims the next run when it is due, until `until`: only one process does it. Null for all others. */
export function claimRetention(
  reader: Reader,
  now: Date,
  until: Date,
): Promise<RetentionRun | null> {
  const nextAt = until.toISOString();
  const claimed = sql`insert into setting (name, value)
    values (${RETENTION_RUN.name}, ${JSON.stringify({ ...FRESH, nextAt })}::jsonb)
    on conflict (name) do update set value = jsonb_set(setting.value, '{nextAt}', to_jsonb(${nextAt}::text))
      where setting.value ->> 'nextAt' <= ${now.toISOString()}
    returning value`;
  return firstRow(valuesOf(reader, RetentionRun, claimed));
}
