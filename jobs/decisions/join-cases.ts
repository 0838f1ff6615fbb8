/** Presses that join the conversations of a card to one case, or separate them. */
import { appendAudit } from "#store/audit/audit-log.ts";
import { markStale } from "#store/approvals/card-posting.ts";
import { joinConversations, keepApart, lockCustomer, memberOf } from "#store/cases/changes.ts";
import { type CaseMember, readOthers, readShownCases } from "#store/cases/members.ts";
import { refreshRevision, wakeSoon } from "#store/conversations/conversations.ts";
import { messagesUnder, setOutcome } from "#store/conversations/messages.ts";
import type { Transaction } from "#store/db/database.ts";
import { voidApproval } from "#jobs/approval/end-card.ts";
import { acceptedAnswer, RACED, type RacedAnswer, refusedAnswer } from "#jobs/approval/refusals.ts";
import { withPeopleThere } from "#jobs/cases/whole-case.ts";
import { type JobContext, notifyWorker } from "#jobs/context/job-context.ts";
import { escalate } from "#jobs/handoff/escalate.ts";
import { type CardPress, orTakenBack } from "./card-press.ts";

const CASE_BUTTONS = ["join", "keep_apart", "separate"] as const;

type CaseButton = (typeof CASE_BUTTONS)[number];

const NOTHING_TO_DO =
  "This card has no other conversation any more, or the case is full. Nothing was changed.";

/**
 * Changes which conversations are decided together. `separate` ends the card, and every conversation is planned by
 * itself again; `join` has this conversation planned again with the other one, or gives it to the people who have that;
 * `keep_apart` only takes the question away.
 */
export async function changeCase(context: JobContext, press: CardPress): Promise<RacedAnswer> {
  const { decision, approval, at: now, voter } = press;
  const button = CASE_BUTTONS.find((each) => each === decision.button);
  if (button === undefined) throw new Error(`${decision.button} is not about a case`);
  const result = await orTakenBack<CaseChange>(context.store, async (transaction, takeBack) => {
    const changed = await change(context, transaction, press, button);
    if (changed === RACED) return takeBack(RACED);
    if (changed === null) return changed;
    const user = await context.pseudonym(transaction, voter.voter);
    const data = { approval: approval.id, version: approval.version, button, user };
    await appendAudit(transaction, { kind: "case_changed", data }, now);
    return changed;
  });
  if (result === RACED) return RACED;
  if (result === null) return refusedAnswer(NOTHING_TO_DO);
  for (const id of result.woken) await notifyWorker(context, id);
  return acceptedAnswer(result.told);
}

/**
 * The conversations that have something to do now, and what the presser is told; null when nothing was changed, `RACED`
 * where the card was changed between look and change.
 */
type CaseChange =
  | { readonly woken: readonly string[]; readonly told: string }
  | typeof RACED
  | null;

async function change(
  context: JobContext,
  transaction: Transaction,
  { approval, voter: { name }, at: now }: CardPress,
  button: CaseButton,
): Promise<CaseChange> {
  const own = approval.conversationId;
  const member = await memberOf(transaction, own);
  if (member === null) return null;
  const others = await othersFor(transaction, member, button);
  if (others.length === 0) return null;
  const all = [own, ...others];
  await wakeSoon(transaction, all, now);
  await lockCustomer(transaction, member.customerId);
  switch (button) {
    case "join": {
      const reasons = [`joined by ${name}`];
      for (const other of others)
        if ((await joinConversations(transaction, [own, other], reasons)) === null) return null;
      const joined = await readOthers(transaction, others, member.customerId, now);
      const theirs = joined.find(({ isWithPeople }) => isWithPeople);
      if (theirs === undefined) break;
      const line = withPeopleThere(theirs);
      const reason = `Handed to people: ${line}`;
      if (!(await voidApproval(context, transaction, approval, reason, now))) return RACED;
      // They go to people with it; those of others that the card covered are planned again, and go there by the case.
      const answers = (await messagesUnder(transaction, approval.answers)).flatMap(
        ({ conversationId, message }) => (conversationId === own ? [message.key] : []),
      );
      const ended = { outcome: "escalated", reason, turnId: approval.turnId } as const;
      await setOutcome(transaction, answers, { ...ended, decidedIn: own }, now);
      await escalate(context, transaction, approval, { line, tell: "handover", at: now });
      await refreshRevision(transaction, own);
      return { woken: all, told: `Same case: ${line}, so this is theirs too.` };
    }
    case "keep_apart":
      await keepApart(transaction, [own]);
      break;
    case "separate": {
      await keepApart(transaction, all);
      const reason = `Separated by ${name}: each conversation is decided by itself now.`;
      const isVoid = await voidApproval(context, transaction, approval, reason, now);
      return isVoid ? { woken: all, told: "" } : RACED;
    }
  }
  await markStale(transaction, [approval.id]);
  return { woken: all, told: "" };
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
