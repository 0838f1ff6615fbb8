/** Conversations and single turns that can become eval cases, and whose text answered one. */
import { z } from "zod";
import { and, asc, desc, eq, inArray, isNull, sql } from "#store/db/drizzle.ts";
import { invalidInput } from "#core/values/errors.ts";
import { isErased, RatingSource, type Message } from "#core/values/message.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { type Approval, approvalsWhere, readableApprovals } from "#store/approvals/approvals.ts";
import { conversationMessages, type StoredMessage } from "#store/conversations/messages.ts";
import { type Transaction, valuesOf } from "#store/db/database.ts";
import { type Effect, effectsWhere } from "#store/effects/ledger.ts";
import {
  approval,
  candidateCase,
  caseMember,
  conversation,
  effect,
  signal,
} from "#store/db/schema.ts";
import { having } from "#store/db/statement.ts";
import { findTurns, storedRecording } from "#store/conversations/traces.ts";
import { ReplyArguments } from "#core/values/action.ts";

/** A customer's rating of the answer, however they were asked. */
export type CandidateRating = Readonly<NonNullable<ReturnType<typeof candidateRating>>>;

/** An ended conversation with all that an eval case can be made of. It holds personal text, unlike the case. */
export type Candidate = Awaited<ReturnType<typeof recordCandidate>>;

/** A conversation that may be a candidate, as far as that has to be known to tell. */
type FoundCandidate = Exclude<Assessed, { readonly refusal: string }>;

/** One line of the list of candidates, without any of the conversation's text. */
export type CandidateLine = Readonly<Awaited<ReturnType<typeof listCandidates>>[number]>;

/** What a person decides about a candidate. */
export const CandidateDecision = z.enum(["accepted", "declined"]);
export type CandidateDecision = z.infer<typeof CandidateDecision>;

/** Candidates, newest first, at most `limit`. */
export async function listCandidates(transaction: Transaction, limit: number) {
  const rows = await transaction
    .select({ candidate: candidateCase, conversation, caseId: caseMember.caseId })
    .from(candidateCase)
    .innerJoin(conversation, eq(conversation.id, candidateCase.conversationId))
    .leftJoin(caseMember, eq(caseMember.conversationId, conversation.id))
    .orderBy(desc(candidateCase.at), asc(candidateCase.conversationId))
    .limit(limit);
  return rows.map(({ candidate, conversation: row, caseId }) => ({
    conversationId: candidate.conversationId,
    channel: ChannelName.parse(row.channel),
    reason: candidate.reason,
    rating: candidateRating(row),
    /** Null for one recorded before this was stored. */
    answeredBy: AnsweredBy.nullable().parse(candidate.answeredBy),
    at: candidate.at,
    /** The same for conversations of one case, and for the two sides of a hand-over. */
    family: caseId ?? [row.id, row.linkedId ?? row.id].toSorted().join(" "),
    /** What a person decided about it; null while no one has. */
    decision: CandidateDecision.nullable().parse(candidate.decision),
    decidedAt: candidate.decidedAt,
  }));
}

/**
 * Updates the list of candidates for these conversations: one is listed while a person has solved it and its final
 * public answer is known, and removed when it is reopened or excluded.
 */
export async function refreshCandidates(
  transaction: Transaction,
  conversationIds: readonly string[],
  now: Date,
): Promise<void> {
  if (conversationIds.length === 0) return;
  const assessed = await assessCandidates(transaction, conversationIds);
  const found = [...assessed.values()].flatMap((one) => ("refusal" in one ? [] : [one]));
  await withdraw(
    transaction,
    conversationIds.filter((id) => !found.some((one) => one.conversationId === id)),
  );
  await record(transaction, found, now);
}

/**
 * Records the conversation as a candidate and reads it. Throws `input.invalid`, with the reason, if it cannot be one.
 */
export async function recordCandidate(transaction: Transaction, conversationId: string, now: Date) {
  const found = (await assessCandidates(transaction, [conversationId])).get(conversationId) ?? {
    refusal: `no conversation is known under ${conversationId}`,
  };
  if ("refusal" in found) throw invalidInput(found.refusal);
  await record(transaction, [found], now);
  const [lastTurn = null] = await findTurns(transaction, conversationId);
  return {
    ...found,
    lastTurn,
    /** The shop effects of the last turn, in order. */
    effects: await effectsWhere(
      transaction,
      having(effect, { turnId: lastTurn?.request_id ?? "", target: "shop", state: "done" }),
      effect.position,
    ),
    /** The customer's comment on the rating; empty when there is none, or it was erased. */
    comment: await ratingComment(transaction, conversationId),
  };
}

type Row = typeof conversation.$inferSelect;

/** A candidate, or why it is none. */
type Assessed = ReturnType<typeof foundIn> | { readonly refusal: string };

/** What is known of each conversation that is stored. */
async function assessCandidates(
  transaction: Transaction,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Assessed>> {
  const rows = await transaction
    .select()
    .from(conversation)
    .where(inArray(conversation.id, [...ids]));
  const solved = await solvedByLedger(transaction, ids);
  const assessed = new Map<string, Assessed>();
  const open: Row[] = [];
  for (const row of rows) {
    const refusal = caseRefusal(row, solved.has(row.id));
    if (refusal === null) open.push(row);
    else assessed.set(row.id, { refusal });
  }
  if (open.length === 0) return assessed;
  const openIds = open.map(({ id }) => id);
  const cards = await readableApprovals(transaction, inArray(approval.conversationId, openIds));
  const areReplies = having(effect, { operation: "reply", state: "done" });
  const areTheirs = and(inArray(effect.conversationId, openIds), areReplies);
  const replies = await effectsWhere(transaction, areTheirs, effect.position);
  for (const row of open) {
    const isOfRow = (one: Approval | Effect): boolean => one.conversationId === row.id;
    const messages = await conversationMessages(transaction, row.id);
    const read = { messages, replies: replies.filter(isOfRow), cards: cards.filter(isOfRow) };
    assessed.set(row.id, foundIn(row, read));
  }
  return assessed;
}

function foundIn(row: Row, read: AnswerRows) {
  const messages = read.messages.map(({ message }) => message);
  if (messages.some(isErased)) return { refusal: "words of it were removed" };
  const by = answeredBy(read);
  if (by === null) return { refusal: "the customer's last words were not answered" };
  const rating = candidateRating(row);
  return {
    conversationId: row.id,
    channel: ChannelName.parse(row.channel),
    /** `solved`, or how the customer rated it. */
    reason: rating?.score ?? "solved",
    rating,
    answeredBy: by,
    /** Oldest first. */
    messages,
    /** Cards of the conversation, for the names and addresses they hold. */
    cards: read.cards,
  };
}

/**
 * Solved means: its source says so, or the ledger does, since the customer said so or rated it, or it was answered and
 * quiet for the policy's days.
 */
function caseRefusal(
  { barred, keptOut, solvedAt, solvedByRule }: Row,
  solved: boolean,
): string | null {
  if (barred !== null) return `it becomes no case: ${barred}`;
  if (keptOut !== null) return `it was taken out: ${keptOut}`;
  if (solved) return null;
  if (solvedAt === null) return "only a solved conversation becomes a case";
  return solvedByRule ? "a rule solved it, so no teammate said that it was answered" : null;
}

/** Those whose newest matter counts as solved. */
async function solvedByLedger(
  transaction: Transaction,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const solved = await valuesOf(
    transaction,
    z.string(),
    sql`select conversation_id from (
          select distinct on (conversation_id) conversation_id, solved_at from resolution
          where conversation_id in ${ids} order by conversation_id, place desc) newest
        where solved_at is not null`,
  );
  return new Set(solved);
}

function candidateRating({ rating, ratingSource, ratingStars: stars }: Row) {
  if (rating !== "good" && rating !== "bad") return null;
  const source = RatingSource.nullable().parse(ratingSource) ?? "rating";
  /** Stars are on a scale of five; null when there was no scale. */
  return { score: rating, source, stars } as const;
}

async function ratingComment(transaction: Transaction, conversationId: string): Promise<string> {
  const [row] = await transaction
    .select({ payload: signal.payload })
    .from(signal)
    .where(
      and(eq(signal.conversationId, conversationId), sql`${signal.payload} ->> 'kind' = 'rated'`),
    )
    .orderBy(desc(signal.at))
    .limit(1);
  return row?.payload.kind === "rated" ? row.payload.comment : "";
}

/** One that is listed already keeps its date, so that it expires by its age, whatever happens later. */
async function record(
  transaction: Transaction,
  found: readonly FoundCandidate[],
  now: Date,
): Promise<void> {
  if (found.length === 0) return;
  await transaction
    .insert(candidateCase)
    .values(found.map((one) => ({ ...one, at: now })))
    .onConflictDoUpdate({
      target: candidateCase.conversationId,
      set: { reason: sql`excluded.reason`, answeredBy: sql`excluded.answered_by` },
    });
}

/** One that a person has decided about stays, with who and when. */
async function withdraw(transaction: Transaction, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await transaction
    .delete(candidateCase)
    .where(and(inArray(candidateCase.conversationId, [...ids]), isNull(candidateCase.decision)));
}

/** Records what a person decided about a listed candidate. */
export async function decideCandidate(
  transaction: Transaction,
  conversationId: string,
  decided: {
    readonly decision: CandidateDecision;
    /** The person's pseudonym, as in the audit. */
    readonly by: string;
    readonly at: Date;
  },
): Promise<boolean> {
  const rows = await transaction
    .update(candidateCase)
    .set({ decision: decided.decision, decidedBy: decided.by, decidedAt: decided.at })
    .where(eq(candidateCase.conversationId, conversationId))
    .returning({ id: candidateCase.conversationId });
  return rows.length === 1;
}

/** What a single turn was given, whatever became of its conversation. It holds personal text, unlike the case. */
export type TurnCandidate = NonNullable<Awaited<ReturnType<typeof turnCandidate>>>;

/**
 * The turn of this id; null where there is none. Throws `input.invalid` where its recording is gone or was never kept, or
 * where its conversation may become no case.
 */
export async function turnCandidate(transaction: Transaction, id: string) {
  const trace = (await findTurns(transaction, id)).find(({ request_id }) => request_id === id);
  if (trace === undefined) return null;
  const [row] = await transaction
    .select({ barred: conversation.barred })
    .from(conversation)
    .where(eq(conversation.id, trace.conversation_id));
  const barred = row?.barred ?? null;
  if (barred !== null) throw invalidInput(`it becomes no case: ${barred}`);
  const recording = await storedRecording(transaction, id);
  if (recording === null)
    throw invalidInput("what this turn read is not kept, so it becomes no case");
  const { input } = recording;
  return {
    channel: input.conversation.channel,
    trace,
    /** What it read, oldest first: from its recording, since the conversation has gone on. */
    messages: [...input.history, ...input.unread],
    /** Cards of its conversation, for the names and addresses they hold. */
    cards: await approvalsWhere(transaction, eq(approval.conversationId, trace.conversation_id)),
  };
}

/**
 * Whose text the customer read last: the bot's draft unchanged, the bot's draft edited on the card, the bot's draft
 * sent by hand by a teammate, or a person's own.
 */
const AnsweredBy = z.enum(["bot", "bot_edited", "by_hand", "person"]);
export type AnsweredBy = z.infer<typeof AnsweredBy>;

/** Labels for people. */
export const ANSWERED_BY: Readonly<Record<AnsweredBy, string>> = {
  bot: "bot, as drafted",
  bot_edited: "bot, edited",
  by_hand: "bot's draft, sent by hand",
  person: "person",
};

/** A conversation's rows that concern its answers. */
interface AnswerRows {
  /** Oldest first. */
  readonly messages: readonly StoredMessage[];
  readonly replies: readonly Effect[];
  readonly cards: readonly Approval[];
}

/**
 * Who wrote the final public answer; null while the customer's last message has none. A notice that answers nothing,
 * such as that the team is away until tomorrow, is no answer.
 */
function answeredBy({ messages, replies, cards }: AnswerRows): AnsweredBy | null {
  const last = messages.findLast(
    ({ message, outcome }) =>
      message.visibility === "public" &&
      message.author.kind !== "system" &&
      !(message.author.kind === "requester" && outcome === "ignored") &&
      !(message.author.kind === "bot" && answersNothing(matchingReply(message, replies))),
  )?.message;
  if (last === undefined || last.author.kind === "requester" || isErased(last)) return null;
  if (last.author.kind === "teammate")
    return isSentByHand({ replies, cards }) ? "by_hand" : "person";
  const reply = matchingReply(last, replies);
  if (reply?.approvedBy === "teammate") return "person";
  const approval = cards.find(({ id }) => id === reply?.approvalId);
  const isEdited = approval?.card.edits.some(({ lines }) => lines.length > 0) === true;
  return isEdited ? "bot_edited" : "bot";
}

/** Our own message is recognised by the reference its commit returned, at the source or here. */
function matchingReply({ key }: Message, replies: readonly Effect[]): Effect | undefined {
  return replies.find(({ ref, target }) => ref === key || `own:${target}:${ref}` === key);
}

function answersNothing(reply: Effect | undefined): boolean {
  const parsed = ReplyArguments.safeParse(reply?.action.arguments);
  return parsed.success && parsed.data.answers.length === 0;
}

/** True where a draft counts as approved although none of our replies carries it: the team sent it from where it works. */
function isSentByHand({ replies, cards }: Omit<AnswerRows, "messages">): boolean {
  return cards.some(
    ({ id, state, card }) =>
      state === "approved" &&
      card.draft !== null &&
      !replies.some(({ approvalId }) => approvalId === id),
  );
}
