/** Joins a card's conversation with another one, keeps it apart, or separates what one card decided together. */
import { wakeSoon } from "#store/conversations/conversations.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { markStale } from "#store/approvals/approval-cards.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import { joinConversations, keepApart, lockCustomer, membersAmong } from "#store/cases/changes.ts";
import { type CaseMember, readShownCases } from "#store/cases/members.ts";
import type { Transaction } from "#store/db/database.ts";
import { acceptedAnswer, RACED, refusedAnswer, type RacedAnswer } from "#jobs/approval/refusals.ts";
import type { CardPress } from "./card-press.ts";
import { type JobContext, notifyWorker } from "#jobs/context/job-context.ts";
import { voidApproval } from "#jobs/approval/end-card.ts";

const CASE_BUTTONS = ["join", "keep_apart", "separate"] as const;

type CaseButton = (typeof CASE_BUTTONS)[number];

/** The card was changed by another teammate or process between look and change. */
class ChangedMeanwhile extends Error {}

const NOTHING_TO_DO =
  "This card has no other conversation any more, or the case is full. Nothing was changed.";

/**
 * Changes which conversations are decided together. `separate` ends the card, and every conversation is planned by
 * itself again; `join` has this conversation planned again with the other one; `keep_apart` only takes the question
 * away.
 */
export async function changeCase(
  context: JobContext,
  { decision, approval, at: now, voter }: CardPress,
): Promise<RacedAnswer> {
  const button = CASE_BUTTONS.find((each) => each === decision.button);
  if (button === undefined) throw new Error(`${decision.button} is not about a case`);
  const woken = await unlessChanged(() =>
    context.store.run(async (transaction) => {
      const changed = await change(transaction, { approval, button, name: voter.name, now });
      if (changed.length === 0) return changed;
      const user = await context.pseudonym(transaction, voter.voter);
      const data = { approval: approval.id, version: approval.version, button, user };
      await appendAudit(transaction, { kind: "case_changed", data }, now);
      return changed;
    }),
  );
  if (woken === null) return RACED;
  if (woken.length === 0) return refusedAnswer(NOTHING_TO_DO);
  for (const id of woken) await notifyWorker(context, id);
  return acceptedAnswer("");
}

async function unlessChanged<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ChangedMeanwhile) return null;
    throw error;
  }
}

/** Returns the conversations that have something to do now; none when nothing was changed. */
async function change(
  transaction: Transaction,
  asked: {
    readonly approval: Approval;
    readonly button: CaseButton;
    readonly name: string;
    readonly now: Date;
  },
): Promise<readonly string[]> {
  const { approval, button, name, now } = asked;
  const own = approval.conversationId;
  const [member] = await membersAmong(transaction, [own]);
  if (member === undefined) return [];
  const others = await othersFor(transaction, member, button);
  if (others.length === 0) return [];
  const all = [own, ...others];
  await wakeSoon(transaction, [], all, now);
  await lockCustomer(transaction, member.customerId);
  switch (button) {
    case "join": {
      const reasons = [`joined by ${name}`];
      for (const other of others)
        if ((await joinConversations(transaction, [own, other], reasons)) === null) return [];
      break;
    }
    case "keep_apart":
      await keepApart(transaction, [own]);
      break;
    case "separate": {
      await keepApart(transaction, all);
      const reason = `Separated by ${name}: each conversation is decided by itself now.`;
      if (!(await voidApproval(transaction, approval, reason, now))) throw new ChangedMeanwhile();
      return all;
    }
    default:
      throw new Error(`unknown button ${String(button satisfies never)}`);
  }
  await markStale(transaction, [approval.id]);
  return all;
}

/** The conversations a button is about. */
async function othersFor(
  transaction: Transaction,
  member: CaseMember,
  button: CaseButton,
): Promise<readonly string[]> {
  if (button !== "separate") return member.askedAbout === null ? [] : [member.askedAbout];
  const shown = await readShownCases(transaction, [member.conversationId]);
  return shown.filter(({ isMember }) => isMember).map(({ id }) => id);
}
