/** Cards and hand-overs that no teammate sees to: the team is reminded once, and cards end when their time is over. */

import { momentText } from "#core/values/moment.ts";
import {
  planReminders,
  takeDueReminders,
  expiredApprovals,
  type Approval,
} from "#store/approvals/approvals.ts";
import type { Transaction } from "#store/db/database.ts";
import { takeDueHandovers } from "#store/conversations/due-work.ts";
import { type JobContext, notifyWorker } from "#jobs/context/job-context.ts";
import { alertTeam } from "#jobs/plan/alert-team.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { escalate } from "#jobs/handoff/escalate.ts";
import { endCard } from "./end-card.ts";

const REASON_MAX = 200;

/**
 * Reminds the people on duty once of each undecided card, and of each hand-over that is not answered or taken. The due
 * times are in the rows. Taking a row and intending its alert are one transaction, so neither a crash nor a second
 * process loses or doubles a reminder.
 */
export async function sendReminders(context: JobContext): Promise<void> {
  const now = context.clock.now();
  const told = await context.store.run(async (transaction) => {
    await planReminders(transaction, (askedAt) => context.policy.remindAt(askedAt));
    return [
      ...(await remindOfCards(context, transaction, now)),
      ...(await remindOfHandovers(context, transaction, now)),
    ];
  });
  for (const conversationId of told) await notifyWorker(context, conversationId);
}

async function remindOfCards(
  context: JobContext,
  transaction: Transaction,
  now: Date,
): Promise<readonly string[]> {
  const due = await takeDueReminders(transaction, now);
  for (const { id, conversationId, turnId, card, askedAt, expiresAt } of due)
    await alertTeam(context, transaction, {
      conversationId,
      turnId,
      text: `Still waiting for a decision: ${card.headline}. It expires at ${dayAndTime(context, expiresAt)}. ${context.cardLink(id)}`,
      people: peopleThere(context, now),
      about: `remind:${id}:${askedAt.toISOString()}`,
      kind: "card-waits",
      now,
    });
  return due.map(({ conversationId }) => conversationId);
}

async function remindOfHandovers(
  context: JobContext,
  transaction: Transaction,
  now: Date,
): Promise<readonly string[]> {
  const due = await takeDueHandovers(transaction, now);
  for (const { id, channel, ownerReason, handedOverAt } of due)
    await alertTeam(context, transaction, {
      conversationId: id,
      text: `No teammate has answered or taken this yet (${channel}, since ${dayAndTime(context, handedOverAt)}): ${reasonShown(context, ownerReason)}. ${context.cardLink(id)}`,
      people: peopleThere(context, now),
      about: `remind:${id}:${handedOverAt.toISOString()}`,
      kind: "nobody-took",
      now,
    });
  return due.map(({ id }) => id);
}

/** A reason may quote the customer; that text is only for teammates who open the conversation. */
function reasonShown({ guard }: Pick<JobContext, "guard">, reason: string): string {
  return guard
    .mask(reason)
    .replaceAll(/(?:(?<!\s)\s+)?\(“[^“”]*”\)/g, "")
    .slice(0, REASON_MAX);
}

/** With the date, because an expiry may be on another day; in the team's zone, as on the card. */
function dayAndTime({ policy, clock }: Pick<JobContext, "policy" | "clock">, at: Date): string {
  return momentText(at, policy.digest.zone, clock.now());
}

/** The people on duty; the fallback lead when there are none. */
function peopleThere({ policy }: Pick<JobContext, "policy">, at: Date): readonly string[] {
  const there = policy.onDuty(at);
  return there.length === 0 ? [policy.fallbackLead] : there;
}

/** Alerts the fallback lead at once, and once per card, when the people on duty cannot decide it between them. */
export async function alertWhenShortOfApprovers(
  context: Pick<JobContext, "ids" | "policy" | "cardLink">,
  transaction: Transaction,
  card: {
    readonly id: string;
    readonly conversationId: string;
    readonly turnId: string;
    readonly headline: string;
    /** What is missing, in the policy's words; null when the people on duty can decide it. */
    readonly short: string | null;
  },
  now: Date,
): Promise<void> {
  if (card.short === null) return;
  await alertTeam(context, transaction, {
    conversationId: card.conversationId,
    turnId: card.turnId,
    text: `${card.short} ${card.headline}. ${context.cardLink(card.id)}`,
    people: [context.policy.fallbackLead],
    about: `short:${card.id}`,
    now,
  });
}

// Ends the cards that no teammate decided in time.

/** An expired approval never approves: its conversation goes to people, and the fallback lead is told. */
export async function expireCards(context: JobContext): Promise<void> {
  const now = context.clock.now();
  const expired = await context.store.run((transaction) => expiredApprovals(transaction, now));
  for (const approval of expired) {
    await context.store.run((transaction) => expireCard(context, transaction, approval, now));
    await notifyWorker(context, approval.conversationId);
  }
}

async function expireCard(
  context: JobContext,
  transaction: Transaction,
  approval: Approval,
  now: Date,
): Promise<void> {
  const reason = "no teammate decided in time";
  const closing = `Expired: ${reason}. People answer this conversation now.`;
  const end = {
    change: { state: "expired", closing },
    outcome: "expired",
    reason,
    withdrawn: closing,
    endsMessages: true,
  } as const;
  if (!(await endCard(transaction, approval, end, now))) return;
  await escalate(context, transaction, approval, { line: reason, tell: "when-closed", at: now });
  await alertTeam(context, transaction, {
    conversationId: approval.conversationId,
    turnId: approval.turnId,
    text: `Expired, no teammate decided in time: ${approval.card.headline}. Nothing was done; people have the conversation now. ${context.cardLink(approval.id)}`,
    people: [context.policy.fallbackLead],
    about: `expired:${approval.id}:${approval.version}`,
    kind: "expired",
    now,
  });
  await appendAudit(transaction, { kind: "expired", data: { approval: approval.id } }, now);
}
