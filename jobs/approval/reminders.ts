import { planReminders, takeDueReminders } from "#store/approvals/approvals.ts";
import type { Transaction } from "#store/db/database.ts";
import { takeDueHandovers } from "#store/conversations/due-work.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { alertTeam } from "#jobs/plan/alert-team.ts";

const REASON_MAX = 200;

/**
 * Reminds those on duty, once each, of cards nobody has decided and of hand-overs nobody has answered or taken. When
 * that is due stands in the rows; taking a row and telling about it are one transaction, so neither a crash nor a second
 * process makes it none or two.
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
  for (const conversationId of told) await context.wake(conversationId).catch(() => undefined);
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
      text: `Still waiting for a decision: ${card.headline}. It expires at ${dayAndTime(expiresAt)}. ${context.cardLink(id)}`,
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
      turnId: null,
      text: `Nobody has answered or taken this yet (${channel}, since ${dayAndTime(handedOverAt)}): ${reasonShown(context, ownerReason)}. ${context.cardLink(id)}`,
      people: peopleThere(context, now),
      about: `remind:${id}:${handedOverAt.toISOString()}`,
      kind: "nobody-took",
      now,
    });
  return due.map(({ id }) => id);
}

/** A reason may quote the customer, whose words are for whoever opens the conversation. */
function reasonShown({ guard }: Pick<JobContext, "guard">, reason: string): string {
  return guard
    .mask(reason)
    .replaceAll(/\s*\(“[^”]*”\)/g, "")
    .slice(0, REASON_MAX);
}

/** An expiry may be on another day, unlike what a card says about its own. */
function dayAndTime(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** Those on duty; when nobody is, whoever stands in for them. */
function peopleThere({ policy }: Pick<JobContext, "policy">, at: Date): readonly string[] {
  const there = policy.onDuty(at);
  return there.length === 0 ? [policy.fallbackLead] : there;
}

/** A card that those on duty cannot decide between them is told to the fallback lead at once, once for each card. */
export async function alertWhenShortOfApprovers(
  context: Pick<JobContext, "ids" | "policy" | "cardLink">,
  transaction: Transaction,
  card: {
    readonly id: string;
    readonly conversationId: string;
    readonly turnId: string;
    readonly headline: string;
    /** What is missing, as the policy puts it; null when those on duty can decide it. */
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
