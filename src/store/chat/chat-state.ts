/**
 * Room: What a chat visitor sees: the lines, the state, and markers of change.
 * In: chat keys from the widget's routes, answers from the chat channel.
 * Out: the lines and the state of a chat, and marks that change with it.
 * May touch: the database only, inside the caller's transaction.
 * This file: computes what a visitor sees about their message.
 */
import { and, arrayContains, asc, desc, eq, gte, or, sql } from "#store/db/drizzle.ts";
import { ReplyArguments } from "#core/values/action.ts";
import { Action } from "#core/values/action.ts";
import type { Transaction } from "#store/db/database.ts";
import {
  approval,
  conversation,
  conversationKey,
  effect,
  hint,
  message,
  transcript,
} from "#store/db/schema.ts";
import { isChatOf } from "#store/people/chat-key-owner.ts";
import { holdOnEffect } from "#store/effects/pause.ts";
import type { PlacedLine } from "./transcript.ts";

/** The state of a visitor's message, and the lines written to them. */
export interface ChatState {
  /** `working` until there is something to tell. */
  readonly status: "working" | "answered" | "pending" | "escalated" | "failed";
  readonly lines: readonly PlacedLine[];
  /** The text that answers the message in question; null when there is none yet. */
  readonly answer: string | null;
  /** True while a pause holds back an answer that is ready. */
  readonly paused: boolean;
}

/** The state of a chat by its key, for one message or (with null) for its newest; null for an unknown chat. */
export async function chatStateOf(
  transaction: Transaction,
  key: string,
  messageKey: string | null,
): Promise<ChatState | null> {
  // Outcome and replies are read one after the other and must be of one moment.
  await transaction.execute(sql`set transaction isolation level repeatable read`);
  const [row] = await transaction
    .select({ id: conversationKey.conversationId })
    .from(conversationKey)
    .where(eq(conversationKey.key, key));
  if (row === undefined) return null;
  const lines = await transaction
    .select({
      key: transcript.key,
      text: transcript.text,
      at: transcript.at,
      position: transcript.position,
    })
    .from(transcript)
    .where(eq(transcript.conversationId, key))
    .orderBy(asc(transcript.position), asc(transcript.at), asc(transcript.key));
  // Unread hints are newer than every stored message.
  if (messageKey === null && (await hasUnread(transaction, row.id)))
    return { status: "working", lines, answer: null, paused: false };
  const [asked] = await transaction
    .select({ key: message.key, outcome: message.outcome })
    .from(message)
    .where(
      and(
        eq(message.conversationId, row.id),
        eq(message.authorKind, "requester"),
        ...(messageKey === null ? [] : [eq(message.key, messageKey)]),
      ),
    )
    .orderBy(desc(message.id))
    .limit(1);
  if (asked === undefined) {
    const isGivenUp = await neverRead(transaction, row.id, messageKey);
    return { status: isGivenUp ? "failed" : "working", lines, answer: null, paused: false };
  }
  const replies = await repliesTo(transaction, row.id, asked.key);
  const answer = lines.findLast((line) => replies.done.has(line.key))?.text ?? null;
  const waits = await isWaiting(transaction, row.id, asked.key);
  return {
    status: replies.held
      ? "pending"
      : statusOf(asked.outcome, { answer, waits, underWay: replies.underWay }),
    lines,
    answer,
    paused: replies.held,
  };
}

function statusOf(
  outcome: string | null,
  seen: { readonly answer: string | null; readonly waits: boolean; readonly underWay: boolean },
): ChatState["status"] {
  // A reply about to be written is worth the short wait.
  if (seen.underWay) return "working";
  switch (outcome) {
    case null:
      return seen.waits || seen.answer !== null ? "pending" : "working";
    case "answered":
      return "answered";
    case "ignored":
    case "rejected":
      return "answered";
    case "failed":
      return "failed";
    default:
      return "escalated";
  }
}

async function repliesTo(
  transaction: Transaction,
  conversationId: string,
  messageKey: string,
): Promise<{
  readonly done: ReadonlySet<string>;
  readonly underWay: boolean;
  /** None of those under way has begun, and none may. */
  readonly held: boolean;
}> {
  const rows = await transaction
    .select({
      key: effect.key,
      state: effect.state,
      action: effect.action,
      turnId: effect.turnId,
      bundle: effect.bundle,
    })
    .from(effect)
    .where(and(eq(effect.conversationId, conversationId), eq(effect.operation, "reply")));
  const mine = rows.filter((row) =>
    ReplyArguments.parse(Action.parse(row.action).arguments).answers.includes(messageKey),
  );
  const underWay = mine.filter(({ state }) => state === "intended" || state === "executing");
  return {
    done: new Set(mine.filter(({ state }) => state === "done").map(({ key }) => key)),
    underWay: underWay.length > 0,
    held: await allHeld(transaction, conversationId, underWay),
  };
}

async function allHeld(
  transaction: Transaction,
  conversationId: string,
  effects: readonly {
    readonly state: string;
    readonly turnId: string | null;
    readonly bundle: string;
  }[],
): Promise<boolean> {
  if (effects.length === 0) return false;
  for (const { state, turnId, bundle } of effects) {
    if (state !== "intended") return false;
    const held = { conversationId, turnId, bundle };
    if ((await holdOnEffect(transaction, "chat", held)) === null) return false;
  }
  return true;
}

/** True while a person has to decide about this message; cards of earlier messages do not count. */
async function isWaiting(
  transaction: Transaction,
  conversationId: string,
  messageKey: string,
): Promise<boolean> {
  const rows = await transaction
    .select({ id: approval.id })
    .from(approval)
    .where(
      and(
        eq(approval.conversationId, conversationId),
        or(eq(approval.state, "pending"), eq(approval.state, "approved")),
        arrayContains(approval.answers, [messageKey]),
      ),
    )
    .limit(1);
  return rows.length > 0;
}

/** True when this message, or with null the newest, was given up before it could be read. */
async function neverRead(
  transaction: Transaction,
  conversationId: string,
  messageKey: string | null,
): Promise<boolean> {
  const [newest] = await transaction
    .select({ state: hint.state })
    .from(hint)
    .where(
      and(
        eq(hint.conversationId, conversationId),
        ...(messageKey === null ? [] : [eq(hint.eventId, messageKey)]),
      ),
    )
    .orderBy(desc(hint.id))
    .limit(1);
  return newest?.state === "failed";
}

/** An unread rating needs no answer. */
async function hasUnread(transaction: Transaction, conversationId: string): Promise<boolean> {
  const unread = await transaction
    .select({ id: hint.id })
    .from(hint)
    .where(
      and(
        eq(hint.conversationId, conversationId),
        eq(hint.state, "unread"),
        eq(hint.kind, "message"),
      ),
    )
    .limit(1);
  return unread.length > 0;
}

/** True for the key of a chat that was opened here. */
export async function isChat(transaction: Transaction, key: string): Promise<boolean> {
  const rows = await transaction
    .select({ key: conversationKey.key })
    .from(conversationKey)
    .where(eq(conversationKey.key, key));
  return rows.length > 0;
}

/** The key of this proven user's newest chat that the bot still answers; null when there is none since then. */
export async function latestChat(
  transaction: Transaction,
  subject: string,
  since: Date,
): Promise<string | null> {
  const [row] = await transaction
    .select({ key: conversationKey.key })
    .from(conversationKey)
    .innerJoin(conversation, eq(conversation.id, conversationKey.conversationId))
    .where(
      and(
        isChatOf(sql`${conversationKey.key}`, subject),
        eq(conversation.owner, "bot"),
        gte(conversation.updatedAt, since),
      ),
    )
    .orderBy(desc(conversation.updatedAt))
    .limit(1);
  return row?.key ?? null;
}
