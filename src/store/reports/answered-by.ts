import { ReplyArguments } from "#core/values/action.ts";
import { isErased, type Message } from "#core/values/message.ts";
import { z } from "zod";
import type { Approval } from "#store/approvals/approvals.ts";
import type { StoredMessage } from "#store/conversations/conversations.ts";
import type { Effect } from "#store/effects/ledger.ts";

/**
 * Whose words the customer read last: the bot's draft as it was, the bot's draft after somebody edited it on the card,
 * the bot's draft as a teammate sent it by hand, or a person's own.
 */
export const AnsweredBy = z.enum(["bot", "bot_edited", "by_hand", "person"]);
export type AnsweredBy = z.infer<typeof AnsweredBy>;

/** How it is called where people read it. */
export const ANSWERED_BY: Readonly<Record<AnsweredBy, string>> = {
  bot: "bot, as drafted",
  bot_edited: "bot, edited",
  by_hand: "bot's draft, sent by hand",
  person: "person",
};

/** What a conversation's own rows say about its answers. */
interface Rows {
  /** Oldest first. */
  readonly messages: readonly StoredMessage[];
  readonly replies: readonly Effect[];
  readonly cards: readonly Approval[];
}

/**
 * Whose the final public answer is; null while the customer's last words have none. A word that answers nothing, such as
 * that nobody is there before tomorrow, is no answer.
 */
export function answeredBy({ messages, replies, cards }: Rows): AnsweredBy | null {
  const last = messages.findLast(
    ({ message, outcome }) =>
      message.visibility === "public" &&
      message.author.kind !== "system" &&
      !(message.author.kind === "requester" && outcome === "ignored") &&
      !(message.author.kind === "bot" && answersNothing(replyOf(message, replies))),
  )?.message;
  if (last === undefined || last.author.kind === "requester" || isErased(last)) return null;
  if (last.author.kind === "teammate") return isDraft(last.text, cards) ? "by_hand" : "person";
  const reply = replyOf(last, replies);
  if (reply?.approvedBy === "teammate") return "person";
  const card = cards.find(({ id }) => id === reply?.approvalId);
  return card !== undefined && card.version > 1 ? "bot_edited" : "bot";
}

/** Our own message is known by what its commit returned, at the source or here. */
function replyOf({ key }: Message, replies: readonly Effect[]): Effect | undefined {
  return replies.find(({ ref, target }) => ref === key || `own:${target}:${ref}` === key);
}

function answersNothing(reply: Effect | undefined): boolean {
  const parsed = ReplyArguments.safeParse(reply?.action.arguments);
  return parsed.success && parsed.data.answers.length === 0;
}

/** Words two texts have in common, of all they have, from which on one counts as made from the other. */
const LIKENESS_MIN = 0.6;

/** True for the words of one of our drafts, and for those that somebody changed a little. */
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

/** From 0 to 1: twice the words both have, by all words of the two (Dice). */
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
