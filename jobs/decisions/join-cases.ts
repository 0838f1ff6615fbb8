/** Presses that join the conversations of a card to one case, or separate them. */
import { appendAudit } from "#store/audit/audit-log.ts";
import { markStale } from "#store/approvals/card-posting.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import { joinConversations, keepApart, lockCustomer, membersAmong } from "#store/cases/changes.ts";
import { type CaseMember, readShownCases } from "#store/cases/members.ts";
import { wakeSoon } from "#store/conversations/conversations.ts";
import type { Transaction } from "#store/db/database.ts";
import { voidApproval } from "#jobs/approval/end-card.ts";
import { acceptedAnswer, RACED, type RacedAnswer, refusedAnswer } from "#jobs/approval/refusals.ts";
import { type JobContext, notifyWorker } from "#jobs/context/job-context.ts";
import { type CardPress, orTakenBack } from "./card-press.ts";

const CASE_BUTTONS = ["join", "keep_apart", "separate"] as const;

type CaseButton = (typeof CASE_BUTTONS)[number];

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
  const asked = { approval, button, name: voter.name, now };
  const woken = await orTakenBack<CaseChange>(context.store, async (transaction, takeBack) => {
    const changed = await change(context, transaction, asked);
    if (changed === RACED) return takeBack(RACED);
    if (changed.length === 0) return changed;
    const user = await context.pseudonym(transaction, voter.voter);
    const data = { approval: approval.id, version: approval.version, button, user };
    await appendAudit(transaction, { kind: "case_changed", data }, now);
    return changed;
  });
  if (woken === RACED) return RACED;
  if (woken.length === 0) return refusedAnswer(NOTHING_TO_DO);
  for (const id of woken) await notifyWorker(context, id);
  return acceptedAnswer("");
}

/** The conversations that have something to do now; `RACED` where the card was changed between look and change. */
type CaseChange = readonly string[] | typeof RACED;

/** Returns the conversations that have something to do now; none when nothing was changed. */
async function change(
  context: JobContext,
  transaction: Transaction,
  asked: {
    readonly approval: Approval;
    readonly button: CaseButton;
    readonly name: string;
    readonly now: Date;
  },
): Promise<CaseChange> {
  const { approval, button, name, now } = asked;
  const own = approval.conversationId;
  const [member] = await membersAmong(transaction, [own]);
  if (member === undefined) return [];
  const others = await othersFor(transaction, member, button);
  if (others.length === 0) return [];
  const all = [own, ...others];
  await wakeSoon(transaction, all, now);
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
      return (await voidApproval(context, transaction, approval, reason, now)) ? all : RACED;
    }
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
