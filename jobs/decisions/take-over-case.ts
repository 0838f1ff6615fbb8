/**
 * Presses about a case: takes one over from an alert or a list, where there is no card, takes that back within the undo
 * time, puts what was set aside as junk back to work, and joins or separates the conversations of a card.
 */

import { effectsUnderPrefix, withdraw } from "#store/effects/ledger.ts";
import { intend } from "#store/effects/intend.ts";
import type { DeskAnswer, DeskDecision } from "#core/contracts/approval-desk.ts";
import type { Assignee } from "#core/values/action.ts";
import { takenOverBy } from "#core/cases/ownership.ts";
import { digest, type JsonObject } from "#core/values/canonical-json.ts";
import { isHelpdesk } from "#core/values/channel-traits.ts";
import type { Conversation } from "#core/values/message.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { pendingApproval, type Approval } from "#store/approvals/approvals.ts";
import {
  caseHeads,
  type CaseHead,
  loadConversation,
  lockConversation,
  updateConversation,
  wakeSoon,
} from "#store/conversations/conversations.ts";
import { restoreJunk } from "#store/conversations/junk.ts";
import { conversationMessages, setOutcome } from "#store/conversations/messages.ts";
import { findTurns } from "#store/conversations/traces.ts";
import type { Transaction } from "#store/db/database.ts";
import { pressingVoter, type Refusal } from "#jobs/approval/ballot.ts";
import {
  acceptedAnswer,
  RACED,
  refuse,
  type RacedAnswer,
  refusedAnswer,
} from "#jobs/approval/refusals.ts";
import { type JobContext, notifyWorker } from "#jobs/context/job-context.ts";
import { caseHolder, type CaseHolder } from "#jobs/handoff/alerted-case.ts";
import { escalate } from "#jobs/handoff/escalate.ts";
import { assignAction } from "#jobs/plan/own-actions.ts";
import { type CardPress, orTakenBack, pressOn } from "./card-press.ts";
import { rejectOrTakeOver } from "./approve.ts";
import { markStale } from "#store/approvals/approval-cards.ts";
import { joinConversations, keepApart, lockCustomer, membersAmong } from "#store/cases/changes.ts";
import { type CaseMember, readShownCases } from "#store/cases/members.ts";
import { voidApproval } from "#jobs/approval/end-card.ts";

const KEY_PREFIX = "takeover:";

/**
 * Gives the case to the teammate who clicked, as the button on a card does: a card that waits ends with it, a ticket is
 * assigned to them by name after the undo time, and a conversation without a ticket gets one. Of two teammates the
 * first has it. Nothing is told to the customer.
 */
export async function takeOverCase(
  context: JobContext,
  decision: DeskDecision,
): Promise<RacedAnswer> {
  const { name } = pressingVoter(context, decision.teammate);
  const { approvalId: id } = decision;
  const card = await context.store.run((transaction) => pendingApproval(transaction, id));
  if (card !== null) {
    const onCard = { ...decision, approvalId: card.id, version: card.version };
    const press = await pressOn(context, onCard, card, { meaning: "rejected" });
    if ("answer" in press) return press.answer;
    const answer = await rejectOrTakeOver(context, press);
    return answer === RACED || !answer.accepted ? answer : acceptedAnswer(takenOverBy(name));
  }
  const taken = await context.store.run((transaction) => take(context, transaction, decision));
  if ("refused" in taken) return refuse(context, decision, taken.refused);
  for (const conversationId of taken.wake) await notifyWorker(context, conversationId);
  const answer = acceptedAnswer(taken.message);
  return taken.undoable ? { ...answer, undoMs: context.policy.undoMs } : answer;
}

type Taken =
  | { readonly refused: Refusal }
  | { readonly message: string; readonly wake: readonly string[]; readonly undoable: boolean };

async function take(
  context: JobContext,
  transaction: Transaction,
  { approvalId: id, decisionId, teammate }: DeskDecision,
): Promise<Taken> {
  const at = context.clock.now();
  const { voter, name } = pressingVoter(context, teammate);
  await lockConversation(transaction, id);
  const head = (await caseHeads(transaction, [id])).get(id);
  if (head === undefined) return { refused: { why: "taken", by: "erased" } };
  const refused = whyNotFree(head, await caseHolder(transaction, head), name);
  if (refused !== null) return { refused };
  const taker = { name, email: teammate.email };
  const line = takenOverBy(name);
  const notBefore = new Date(at.getTime() + context.policy.undoMs);
  const wake = head.isWithPeople
    ? await assignTicket(context, transaction, { id, taker, line, decisionId, notBefore, at })
    : await openForTaker(context, transaction, { id, taker, line, at });
  await updateConversation(
    transaction,
    id,
    {
      owner: "human",
      ownerReason: { words: line, holder: { name, voter }, delicate: head.delicate },
      handedOverAt: head.handedOverAt ?? at,
      handoverRemindAt: null,
    },
    at,
  );
  const data = { conversation: id, button: "take_over" };
  await recordPress(context, transaction, "taken over", { data, voter, at });
  if (wake === null)
    return {
      message: `${line}. Its ticket is not open yet, so assign it to yourself there.`,
      wake: [id],
      undoable: false,
    };
  return { message: line, wake, undoable: head.isWithPeople };
}

/** Why the case is not free to be taken; null when it is. */
function whyNotFree(head: CaseHead, holder: CaseHolder, name: string): Refusal | null {
  if (head.isSolved) return { why: "taken", by: "solved" };
  switch (holder.kind) {
    case "nobody":
      return null;
    case "named":
      return holder.name === name
        ? { why: "taken", by: "you" }
        : { why: "taken", by: "teammate", name: holder.name };
    case "helpdesk":
      return { why: "taken", by: "helpdesk" };
  }
}

interface Taking {
  readonly id: string;
  readonly taker: Assignee;
  readonly line: string;
  readonly at: Date;
}

/** The ticket that people have already gets a name, once the undo time is over; null when there is none yet. */
async function assignTicket(
  context: JobContext,
  transaction: Transaction,
  taking: Taking & { readonly decisionId: string; readonly notBefore: Date },
): Promise<readonly string[] | null> {
  const { id, taker, line, decisionId, notBefore, at } = taking;
  const ticket = await ticketConversation(transaction, id);
  if (ticket === null) return null;
  const action = assignAction(ticket, taker, {
    key: `${KEY_PREFIX}${ticket.id}:${digest(decisionId).slice(0, 32)}`,
    label: `Assign to ${taker.name}`,
    group: context.policy.delicate.group,
    note: `${line}, from an alert.`,
  });
  await intend(transaction, [action], {
    conversationId: ticket.id,
    bundle: context.ids.next("b"),
    approvedBy: "person",
    notBefore,
    now: at,
  });
  return [ticket.id];
}

/** What the bot still has is handed over as by any click, with the teammate's name on it. */
async function openForTaker(
  context: JobContext,
  transaction: Transaction,
  { id, taker, line, at }: Taking,
): Promise<readonly string[]> {
  const stored = await conversationMessages(transaction, id);
  const open = stored.filter(
    ({ outcome, message }) => outcome === null && message.author.kind === "requester",
  );
  const answers = open.map(({ message }) => message.key);
  const [turn] = await findTurns(transaction, id);
  const turnId = turn?.request_id ?? id;
  if (answers.length > 0)
    await setOutcome(
      transaction,
      answers,
      { outcome: "escalated", reason: line, turnId, decidedIn: id },
      at,
    );
  await escalate(
    context,
    transaction,
    { conversationId: id, answers, turnId, card: null },
    { line, tell: "nothing", at, taker },
  );
  return [id];
}

/** The case's conversation in the helpdesk: itself, or the one it was handed over to. */
async function ticketConversation(
  transaction: Transaction,
  id: string,
): Promise<Conversation | null> {
  const state = await loadConversation(transaction, id);
  if (state === null) return null;
  if (isHelpdesk(state.conversation.channel)) return state.conversation;
  if (state.linkedId === null) return null;
  return (await loadConversation(transaction, state.linkedId))?.conversation ?? null;
}

/** Gives the case back to the team while the ticket was not assigned yet. */
export async function undoTakeOver(
  context: JobContext,
  decision: DeskDecision,
): Promise<DeskAnswer> {
  const { voter } = pressingVoter(context, decision.teammate);
  const { approvalId: id } = decision;
  const now = context.clock.now();
  const isBack = await context.store.run(async (transaction) => {
    const ticket = await ticketConversation(transaction, id);
    if (ticket === null) return false;
    await lockConversation(transaction, id);
    const [newest] = await effectsUnderPrefix(transaction, ticket.id, KEY_PREFIX);
    if (newest === undefined) return false;
    const withdrawn = await withdraw(transaction, { key: newest.key }, "taken back", now);
    if (withdrawn.length === 0) return false;
    const [turn] = await findTurns(transaction, id);
    const state = await loadConversation(transaction, id);
    await updateConversation(
      transaction,
      id,
      {
        ownerReason: {
          words: `handed to people: ${turn?.outcome_reason ?? "given back to the team"}`,
          holder: null,
          delicate: state?.reason.delicate ?? null,
        },
        handedOverAt: now,
        handoverRemindAt: context.policy.handoverRemindAt(now),
      },
      now,
    );
    const data = { conversation: id, button: "undo" };
    await recordPress(context, transaction, "given back", { data, voter, at: now });
    return true;
  });
  return isBack
    ? acceptedAnswer("Given back to the team.")
    : refuse(context, decision, { why: "begun" });
}

/**
 * Puts a conversation that was set aside as junk back to work. Any teammate with a role may do it; from then on this writer's mail is never set aside
 * again.
 */
export async function putBackToWork(
  context: JobContext,
  decision: DeskDecision,
): Promise<DeskAnswer> {
  const { voter, name } = pressingVoter(context, decision.teammate);
  const { approvalId: id } = decision;
  const now = context.clock.now();
  const isBack = await context.store.run(async (transaction) => {
    if (!(await restoreJunk(transaction, id, now))) return false;
    await recordPress(context, transaction, "no junk", {
      data: { conversation: id },
      voter,
      at: now,
    });
    return true;
  });
  if (!isBack) return refuse(context, decision, { why: "stale", what: "junk" });
  await notifyWorker(context, id);
  return acceptedAnswer(`Back to work, by ${name}`);
}

/** Keeps in the audit who pressed, as a pseudonym. */
async function recordPress(
  { pseudonym }: JobContext,
  transaction: Transaction,
  kind: string,
  { data, voter, at }: { readonly data: JsonObject; readonly voter: string; readonly at: Date },
): Promise<void> {
  const person = await pseudonym(transaction, voter);
  await appendAudit(transaction, { kind, data: { ...data, voter: person } }, at);
}

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
    const changed = await change(transaction, asked);
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
      return (await voidApproval(transaction, approval, reason, now)) ? all : RACED;
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
