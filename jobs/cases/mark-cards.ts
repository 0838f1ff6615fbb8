/** Cards of the same customer elsewhere that would change something of theirs, once they have written again. */

import { delicateText, OPEN_SHOWN_MAX, quotedExcerpt } from "#core/values/card-text.ts";
import { StaleTurnError } from "#jobs/context/job-context.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import type { DelicateTopic } from "#core/contracts/guard.ts";
import { calledBy, type Conversation } from "#core/values/message.ts";
import { clockText } from "#core/values/moment.ts";
import type { OtherMember } from "#store/cases/members.ts";
import type { Transaction } from "#store/db/database.ts";
import { storable } from "#gate/kernel/storable-text.ts";
import type { Telling } from "#jobs/webhooks/events.ts";
import { markChanged } from "./mark-changed.ts";

/** What a customer wrote in one conversation, as the cards that wait for them elsewhere are told of it. */
interface Written {
  readonly conversation: Conversation;
  readonly writtenAt: Date;
  /** The newest message, masked. */
  readonly words: () => string;
  readonly topic: DelicateTopic | null;
  /** The orders it is about; none named may be any. */
  readonly orders: readonly string[];
  readonly now: Date;
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
  for (const { member, pending } of others) {
    if (pending === null || written.writtenAt <= member.writtenAt) continue;
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
function wroteAgain({ conversation, writtenAt, topic, words }: Written, zone: string): string {
  const about = topic === null ? "" : delicateText(topic);
  const wrote = [about, quotedExcerpt(words(), WORDS_MAX)]
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
