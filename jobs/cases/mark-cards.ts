/** Cards of the same customer elsewhere that would change something of theirs, once they have written again. */

import { delicateText, OPEN_SHOWN_MAX, quotedExcerpt } from "#core/values/card-text.ts";
import { type JobContext, StaleTurnError } from "#jobs/context/job-context.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import type { DelicateTopic } from "#core/contracts/guard.ts";
import {
  calledBy,
  type Conversation,
  isFromRequester,
  type Message,
} from "#core/values/message.ts";
import { clockText } from "#core/values/moment.ts";
import type { OtherMember } from "#store/cases/members.ts";
import type { Transaction } from "#store/db/database.ts";
import { storable } from "#gate/kernel/storable-text.ts";
import type { Telling } from "#jobs/webhooks/events.ts";
import { markChanged } from "./mark-changed.ts";

/** What a customer wrote in one conversation, as the cards that wait for them elsewhere are told of it. */
interface Written {
  readonly conversation: Conversation;
  /** By the sender's clock. */
  readonly writtenAt: Date;
  readonly news: News;
  readonly topic: DelicateTopic | null;
  /** The orders it is about; none named may be any. */
  readonly orders: readonly string[];
  readonly now: Date;
}

/** What the customer wrote last, by when it arrived: a sender's clock may be hours fast. */
export type News = ReturnType<typeof newsOf>;

/** The one of these messages that arrived last, its words masked; one that is not stored yet arrives now. */
export function newsOf(
  { guard, clock }: Pick<JobContext, "guard" | "clock">,
  { stored }: Pick<ConversationSnapshot, "stored">,
  open: readonly Message[],
) {
  const now = clock.now();
  const arrivals = new Map(stored.map(({ message, receivedAt }) => [message.key, receivedAt]));
  const all = open.map(({ key, text }) => ({ text, arrivedAt: arrivals.get(key) ?? now }));
  const last = all.reduce((one, other) => (other.arrivedAt < one.arrivedAt ? one : other), {
    text: "",
    arrivedAt: new Date(0),
  });
  return { arrivedAt: last.arrivedAt, words: () => guard.mask(last.text) };
}

/** True where this arrived after all that they wrote there. */
function isNewsFor({ arrivedAt }: News, { stored }: OtherMember): boolean {
  return stored.every(
    ({ message, receivedAt }) => !isFromRequester(message) || receivedAt < arrivedAt,
  );
}

/**
 * Whatever the customer writes may correct what they wrote before. A card elsewhere that would change something of theirs
 * says that they wrote since, as a new version without votes: who has not seen that cannot approve it. What is delicate,
 * such as a chargeback, stands among its warnings too, since money may go back twice. Returns how many cards say so only
 * now; throws `StaleTurnError` where one was decided meanwhile.
 */
export async function markMoneyCards(
  telling: Telling,
  transaction: Transaction,
  written: Written,
  others: readonly OtherMember[],
): Promise<number> {
  let marked = 0;
  for (const other of others) {
    const { member, pending } = other;
    if (pending === null || !isNewsFor(written.news, other)) continue;
    const { actions } = pending.proposal ?? { actions: [] };
    if (actions.every(({ action }) => action.operation === "reply")) continue;
    // As it is stored, so that it is found again.
    const line = storable(wroteAgain(written, pending.card.zone));
    if (pending.card.changes.includes(line)) continue;
    const context = withDelicate(pending.card.context, written, member.orders);
    if (!(await markChanged(telling, transaction, pending, { line, context }, written.now)))
      throw new StaleTurnError("a card of the same customer was decided meanwhile");
    marked += 1;
  }
  return marked;
}

const WORDS_MAX = 120;

/** With their words. What the guard stops has no place in a case, and marks nothing. */
function wroteAgain({ conversation, writtenAt, topic, news }: Written, zone: string): string {
  const about = topic === null ? "" : delicateText(topic);
  const wrote = [about, quotedExcerpt(news.words(), WORDS_MAX)]
    .map((part) => (part === "" ? "" : `: ${part}`))
    .join("");
  return `The customer wrote again at ${clockText(writtenAt, zone)}, in ${conversation.channel} ${calledBy(conversation)}${wrote}${wrote.endsWith("”") ? "" : "."} Read it before you decide.`;
}

/** The card's context with what is delicate there, which counts for the same order where it names none or this one. */
function withDelicate(
  context: Card["context"],
  { conversation, topic, orders: named }: Written,
  orders: readonly string[],
): Card["context"] {
  const { records } = context;
  if (topic === null || records?.kind !== "known") return context;
  const line = {
    channel: conversation.channel,
    called: calledBy(conversation),
    subject: conversation.subject.slice(0, 200).toWellFormed(),
    isWithPeople: true,
    isSameOrder: named.length === 0 || named.some((order) => orders.includes(order)),
    delicate: delicateText(topic),
  };
  const open = [line, ...records.open].slice(0, OPEN_SHOWN_MAX);
  return { ...context, records: { ...records, openCount: records.openCount + 1, open } };
}
