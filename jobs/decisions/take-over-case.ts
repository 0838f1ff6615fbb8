/**
 * Presses about who has a case: takes one over where there is no card, takes that back within the undo time, gives it to
 * a colleague, and puts what was set aside as junk back to work.
 */

import { effectsUnderPrefix, withdraw } from "#store/effects/ledger.ts";
import { intend } from "#store/effects/intend.ts";
import type { DeskAnswer, DeskDecision } from "#core/contracts/approval-desk.ts";
import type { Assignee } from "#core/values/action.ts";
import { type Holder, takenOverBy } from "#core/cases/ownership.ts";
import { digest, type JsonObject } from "#core/values/canonical-json.ts";
import { HELPDESK, isHelpdesk } from "#core/values/vocabulary.ts";
import { nameFromAddress } from "#core/values/words.ts";
import type { Conversation } from "#core/values/message.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { pendingApproval } from "#store/approvals/approvals.ts";
import {
  caseHeads,
  type CaseHead,
  loadConversation,
  lockConversation,
  updateConversation,
} from "#store/conversations/conversations.ts";
import { restoreJunk } from "#store/conversations/junk.ts";
import { addSignals, conversationMessages, setOutcome } from "#store/conversations/messages.ts";
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
import { escalate } from "#jobs/handoff/escalate.ts";
import { alertTeam, assignAction } from "#jobs/plan/own-actions.ts";
import { pressOn } from "./card-press.ts";
import { rejectOrTakeOver } from "./approve.ts";

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
  const { name, voter } = pressingVoter(context, decision.teammate);
  const { approvalId: id } = decision;
  const card = await context.store.run(pendingApproval, id);
  if (card !== null) {
    const onCard = { ...decision, approvalId: card.id, version: card.version };
    const press = await pressOn(context, onCard, card, { meaning: "rejected" });
    if ("answer" in press) return press.answer;
    const answer = await rejectOrTakeOver(context, press);
    return answer === RACED || !answer.accepted ? answer : acceptedAnswer(takenOverBy(name));
  }
  const { email } = decision.teammate;
  return takeFor(context, decision, { name, voter, email, line: takenOverBy(name) });
}

async function takeFor(
  context: JobContext,
  decision: DeskDecision,
  to: Parameters<typeof take>[3],
): Promise<RacedAnswer> {
  const taken = await context.store.run((transaction) => take(context, transaction, decision, to));
  if ("refused" in taken) return refuse(context, decision, taken.refused);
  for (const conversationId of taken.wake) await notifyWorker(context, conversationId);
  const answer = acceptedAnswer(taken.message);
  return taken.undoable ? { ...answer, undoMs: context.policy.undoMs } : answer;
}

/**
 * Gives the case to a colleague with a role, and tells them. A card that waits stays, and is theirs to decide; a ticket is
 * assigned as by a take-over, and only while no teammate has it: after that the helpdesk says who has it.
 */
export async function assignCase(
  context: JobContext,
  decision: DeskDecision,
): Promise<RacedAnswer> {
  const voter = decision.to?.trim().toLowerCase() ?? "";
  if (context.policy.teammates.every(({ address }) => address !== voter))
    return refusedAnswer("The policy gives this address no role. Nothing was changed.");
  const to = { name: nameFromAddress(voter), voter };
  const line = `Assigned to ${to.name} by ${pressingVoter(context, decision.teammate).name}`;
  return takeFor(context, decision, { ...to, email: voter, line });
}

/** What is told to the colleague who is given a case, and kept for them where its card waits; null where none does. */
async function give(
  context: JobContext,
  transaction: Transaction,
  { approvalId: id, decisionId, teammate }: DeskDecision,
  { name, voter, line }: Holder & { readonly line: string },
): Promise<Taken | null> {
  const at = context.clock.now();
  const presser = pressingVoter(context, teammate).voter;
  const card = await pendingApproval(transaction, id);
  const what = card === null ? "" : `; its card waits for a decision: ${card.card.headline}`;
  if (voter !== null && voter !== presser)
    await alertTeam(context, transaction, {
      conversationId: id,
      text: `${line}${what}. ${context.cardLink(id)}`,
      people: [voter],
      about: `assigned:${id}:${decisionId}`,
      now: at,
    });
  const state = card === null ? null : await loadConversation(transaction, id);
  if (state === null) return null;
  const ownerReason = { ...state.reason, holder: { name, voter } };
  await updateConversation(transaction, id, { ownerReason }, at);
  const data = { conversation: id, to: await context.pseudonym(transaction, voter ?? "") };
  await recordPress(context, transaction, "assigned", { data, voter: presser, at });
  return { message: `${name} has it now.`, wake: [id], undoable: false };
}

type Taken =
  | { readonly refused: Refusal }
  | { readonly message: string; readonly wake: readonly string[]; readonly undoable: boolean };

/** Gives the case to this teammate; `line` says in which words. */
async function take(
  context: JobContext,
  transaction: Transaction,
  decision: DeskDecision,
  to: Holder & { readonly email: string | null; readonly line: string },
): Promise<Taken> {
  const { approvalId: id, decisionId, teammate, button } = decision;
  const { name, voter, email, line } = to;
  const at = context.clock.now();
  const presser = pressingVoter(context, teammate);
  await lockConversation(transaction, id);
  const head = (await caseHeads(transaction, [id])).get(id);
  if (head === undefined) return { refused: { why: "taken", by: "erased" } };
  const isGiven = button === "assign" && (await ticketConversation(transaction, id)) === null;
  const refused = whyNotFree(head, { name, isGiven });
  if (refused !== null) return { refused };
  const given = button === "assign" ? await give(context, transaction, decision, to) : null;
  if (given !== null) return given;
  const taker = { name, email };
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
  const event = { key: `desk:${decisionId}`, at: at.toISOString(), actor: presser.name } as const;
  const assigned = { to: "human", assignee: name, automatic: false } as const;
  await addSignals(transaction, id, [{ kind: "assigned", ...event, ...assigned }]);
  const data = { conversation: id, button };
  await recordPress(context, transaction, "taken over", { data, voter: presser.voter, at });
  if (wake !== null) return { message: line, wake, undoable: head.isWithPeople };
  const hint = context.targets.has(HELPDESK)
    ? ". Its ticket is not open yet, so assign it to yourself there."
    : "";
  return { message: `${line}${hint}`, wake: [id], undoable: false };
}

/** Why the case is not free to be taken; null when it is. What is given may be given on, unless a helpdesk leads. */
function whyNotFree(
  { isSolved, holder }: CaseHead,
  { name, isGiven }: { readonly name: string; readonly isGiven: boolean },
): Refusal | null {
  if (isSolved) return { why: "taken", by: "solved" };
  if (holder === null || (isGiven && holder !== name)) return null;
  return holder === name
    ? { why: "taken", by: "you" }
    : { why: "taken", by: "teammate", name: holder };
}

interface Taking {
  readonly id: string;
  readonly taker: Assignee;
  readonly line: string;
  readonly at: Date;
}

/** The ticket that people have already gets a name, once the undo time is over; null when there is none yet. */
export async function assignTicket(
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
        // From after the take-over, which no longer shows that a teammate has it.
        handedOverAt: new Date(now.getTime() + 1),
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
export async function recordPress(
  { pseudonym }: JobContext,
  transaction: Transaction,
  kind: string,
  { data, voter, at }: { readonly data: JsonObject; readonly voter: string; readonly at: Date },
): Promise<void> {
  const person = await pseudonym(transaction, voter);
  await appendAudit(transaction, { kind, data: { ...data, voter: person } }, at);
}
