/** Determines whose text answered a conversation. */
import { ReplyArguments } from "#core/values/action.ts";
import { isErased, type Message } from "#core/values/message.ts";
import { z } from "zod";
import type { Approval } from "#store/approvals/approvals.ts";
import type { StoredMessage } from "#store/conversations/messages.ts";
import type { Effect } from "#store/effects/ledger.ts";

/**
 * Whose text the customer read last: the bot's draft unchanged, the bot's draft edited on the card, the bot's draft
 * sent by hand by a teammate, or a person's own.
 */
export const AnsweredBy = z.enum(["bot", "bot_edited", "by_hand", "person"]);
export type AnsweredBy = z.infer<typeof AnsweredBy>;

/** Labels for people. */
export const ANSWERED_BY: Readonly<Record<AnsweredBy, string>> = {
  bot: "bot, as drafted",
  bot_edited: "bot, edited",
  by_hand: "bot's draft, sent by hand",
  person: "person",
};

/** A conversation's rows that concern its answers. */
export interface AnswerRows {
  /** Oldest first. */
  readonly messages: readonly StoredMessage[];
  readonly replies: readonly Effect[];
  readonly cards: readonly Approval[];
}

/**
 * Who wrote the final public answer; null while the customer's last message has none. A notice that answers nothing,
 * such as that the team is away until tomorrow, is no answer.
 */
export function answeredBy({ messages, replies, cards }: AnswerRows): AnsweredBy | null {
  const last = messages.findLast(
    ({ message, outcome }) =>
      message.visibility === "public" &&
      message.author.kind !== "system" &&
      !(message.author.kind === "requester" && outcome === "ignored") &&
      !(message.author.kind === "bot" && answersNothing(matchingReply(message, replies))),
  )?.message;
  if (last === undefined || last.author.kind === "requester" || isErased(last)) return null;
  if (last.author.kind === "teammate") return isDraft(last.text, cards) ? "by_hand" : "person";
  const reply = matchingReply(last, replies);
  if (reply?.approvedBy === "teammate") return "person";
  const card = cards.find(({ id }) => id === reply?.approvalId);
  return card !== undefined && card.version > 1 ? "bot_edited" : "bot";
}

/** Our own message is recognised by the reference its commit returned, at the source or here. */
function matchingReply({ key }: Message, replies: readonly Effect[]): Effect | undefined {
  return replies.find(({ ref, target }) => ref === key || `own:${target}:${ref}` === key);
}

function answersNothing(reply: Effect | undefined): boolean {
  const parsed = ReplyArguments.safeParse(reply?.action.arguments);
  return parsed.success && parsed.data.answers.length === 0;
}

/** The share of common words from which one text counts as made from the other. */
const LIKENESS_MIN = 0.6;

/** True for the text of one of our drafts, also with small changes. */
function isDraft(text: string, cards: readonly Approval[]): boolean {
  return cards.some(({ card, proposal }) => {
    const drafts = [
      card.draft?.text ?? "",
      ...(proposal?.actions ?? []).flatMap(({ action }) => {
        const reply = ReplyArguments.safeParse(action.arguments);
        return reply.success ? [reply.data.text] : [];
      }),
    ];
    return drafts.some((draft) => likeness(text, draft) >= LIKENESS_MIN);
  });
}

/** From 0 to 1: twice the number of common words, divided by all words of both (Dice). */
function likeness(one: string, other: string): number {
  const [words, others] = [wordsInAnswer(one), wordsInAnswer(other)];
  const left = new Map<string, number>();
  for (const word of others) left.set(word, (left.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of words) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    left.set(word, count - 1);
    common += 1;
  }
  const all = words.length + others.length;
  return all === 0 ? 0 : (2 * common) / all;
}

function wordsInAnswer(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
