/** Cards of the same customer elsewhere that would change something of theirs, once they have written again. */

import { delicateText, OPEN_SHOWN_MAX, quotedExcerpt } from "#core/values/card-text.ts";
import { StaleTurnError } from "#jobs/context/job-context.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import type { Plan } from "#jobs/plan/plan.ts";
import type { CaseFacts } from "#core/cases/same-case.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import { calledBy } from "#core/values/message.ts";
import { clockText } from "#core/values/moment.ts";
import type { OtherMember } from "#store/cases/members.ts";
import type { Transaction } from "#store/db/database.ts";
import { markChanged } from "./mark-changed.ts";

/**
 * Whatever the customer writes may correct what they wrote before. A card elsewhere that would change something of theirs
 * says that they wrote since, as a new version without votes: who has not seen that cannot approve it. What is delicate,
 * such as a chargeback, stands among its warnings too, since money may go back twice.
 */
export async function markMoneyCards(
  transaction: Transaction,
  turn: {
    readonly snapshot: ConversationSnapshot;
    readonly plan: Plan;
    readonly words: () => string;
    readonly now: Date;
  },
  others: readonly OtherMember[],
): Promise<void> {
  const { entry, covers } = turn.plan.case;
  for (const { member, pending } of others) {
    if (entry === null || pending === null || entry.writtenAt <= member.writtenAt) continue;
    if (covers.some(({ conversation: { id } }) => id === member.conversationId)) continue;
    const { actions } = pending.proposal ?? { actions: [] };
    if (actions.every(({ action }) => action.operation === "reply")) continue;
    const line = wroteAgain(turn, entry.writtenAt, pending.card.zone);
    if (pending.card.changes.includes(line)) continue;
    const context = withDelicate(pending.card.context, turn, member.orders);
    if (!(await markChanged(transaction, pending, { line, context }, turn.now)))
      throw new StaleTurnError("a card of the same customer was decided meanwhile");
  }
}

type Written = Parameters<typeof markMoneyCards>[1];

const WORDS_MAX = 120;

/** With their words. What the guard stops has no place in a case, and marks nothing. */
function wroteAgain({ snapshot, plan, words }: Written, at: Date, zone: string): string {
  const { conversation } = snapshot.state;
  const topic = plan.owner?.reason.delicate ?? null;
  const about = topic === null ? "" : delicateText(topic);
  const wrote = [about, quotedExcerpt(words(), WORDS_MAX)]
    .map((part) => (part === "" ? "" : `: ${part}`))
    .join("");
  return `The customer wrote again at ${clockText(at, zone)}, in ${conversation.channel} ${calledBy(conversation)}${wrote}${wrote.endsWith("”") ? "" : "."} Read it before you decide.`;
}

/** The card's context with what is delicate there, which counts for the same order where it names none or this one. */
function withDelicate(
  context: Card["context"],
  { snapshot, plan }: Written,
  orders: readonly string[],
): Card["context"] {
  const { records } = context;
  const topic = plan.owner?.reason.delicate ?? null;
  if (topic === null || records?.kind !== "known") return context;
  const { conversation } = snapshot.state;
  const line = {
    channel: conversation.channel,
    called: calledBy(conversation),
    subject: conversation.subject.slice(0, 200).toWellFormed(),
    isWithPeople: true,
    isSameOrder: isAbout(plan.case.facts, orders),
    delicate: delicateText(topic),
  };
  const open = [line, ...records.open].slice(0, OPEN_SHOWN_MAX);
  return { ...context, records: { ...records, openCount: records.openCount + 1, open } };
}

function isAbout(facts: CaseFacts | null, orders: readonly string[]): boolean {
  const named = [...(facts?.orders ?? []), ...(facts?.calledOrders ?? [])];
  return named.length === 0 || named.some((order) => orders.includes(order));
}
