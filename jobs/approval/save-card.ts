/**
 * Room: approval cards: their content, seal, votes, status and display on the desk.
 * In: a planned card of a turn, and clicks by way of the decisions room.
 * Out: rows in the approvals table with their seal and audit entries; cards posted and updated on the desk.
 * May touch: the database and the desk; for the four-eyes rule also the shop's customer lookup.
 * This file: saves a card, and reminds of and ends cards and hand-overs that no teammate sees to.
 */

import { knownTeam } from "#core/contracts/policy.ts";
import { canonical } from "#core/values/canonical-json.ts";
import type { Proposal } from "#core/values/action.ts";
import {
  type Approval,
  changeApproval,
  expiredApprovals,
  insertApproval,
  planReminders,
  takeDueReminders,
} from "#store/approvals/approvals.ts";
import type { Transaction } from "#store/db/database.ts";
import { amendTurn } from "#store/conversations/traces.ts";
import {
  type JobContext,
  notifyWorker,
  StaleTurnError,
  teamMoment,
  unreadableIn,
} from "#jobs/context/job-context.ts";
import type { AuditEntry } from "#store/audit/pending-entries.ts";
import type { Plan, PlannedCard, SentByHand } from "#jobs/plan/plan.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import { noteShownDraft } from "#jobs/notes/differences.ts";
import { takeDueHandovers } from "#store/conversations/due-work.ts";
import { alertTeam } from "#jobs/plan/own-actions.ts";
import { appendAudit, nextAuthors } from "#store/audit/audit-log.ts";
import { escalate } from "#jobs/handoff/escalate.ts";
import { changesWith, renewCard } from "#jobs/webhooks/renew-card.ts";
import { sealFor } from "./seal.ts";
import { tellCardEnded, tellCardMade, type Telling } from "#jobs/webhooks/events.ts";
import { composeCard, loadCardRecords } from "./card-content.ts";
import { notRedraftedLines, redraftedLines } from "./card-lines.ts";
import { endAsVoid, endCard, endUnreadable, noteDraft, sentLine } from "./end-card.ts";

/** What the second commit of a turn knows when it saves the card. */
interface SaveCardInput {
  readonly snapshot: ConversationSnapshot;
  readonly plan: Plan;
  readonly revision: string;
  readonly now: Date;
  readonly overtaken: boolean;
  /** True when people have the conversation now. */
  readonly toPeople: boolean;
}

/**
 * Posts a new card, or updates the pending one in place; an outdated card without a successor becomes void. Returns the
 * audit entries.
 */
export async function saveCard(
  context: JobContext,
  transaction: Transaction,
  written: SaveCardInput,
): Promise<readonly AuditEntry[]> {
  const { snapshot, plan, overtaken, toPeople, now } = written;
  const standing = currentCard(snapshot, overtaken);
  if (plan.card === null) {
    if (plan.notRedone !== null) return keepDraft(transaction, snapshot, plan.notRedone, now);
    if (standing === null || plan.voids === null) return [];
    if (plan.sentByHand !== null)
      return endAsSent(context, transaction, standing, plan.sentByHand, now);
    const outcome = toPeople ? "escalated" : "ignored";
    const { voids: reason } = plan;
    const how = { reason, outcome, withdrawn: reason } as const;
    return endAsVoid(context, transaction, standing, how, now);
  }
  const planned = plan.card;
  if (standing === null || standing.card.deskChannel === planned.content.deskChannel)
    return [await post(context, transaction, written, { planned, pending: standing, moved: null })];
  const ended = await endAsVoid(context, transaction, standing, MOVED, now);
  if (ended.length === 0) throw decidedMeanwhile();
  const authors = await nextAuthors(transaction, standing.id);
  const asked = await post(context, transaction, written, {
    planned,
    pending: null,
    moved: standing,
  });
  // Whose instruction the draft follows is its author, in whichever place it stands.
  const hinted = authors.map((author) => ({ kind: "hinted", data: { ...author, ...asked.data } }));
  return [...ended, asked, ...hinted];
}

/** A redraft that led to no new draft: the card says so and can be decided as before. */
async function keepDraft(
  transaction: Transaction,
  { pending }: ConversationSnapshot,
  why: string,
  now: Date,
): Promise<readonly AuditEntry[]> {
  const redo = pending?.redraft.request ?? null;
  if (pending === null || redo === null) return [];
  const changes = changesWith(pending, notRedraftedLines(redo, why), { isRedone: true });
  const card = { ...pending.card, changes };
  if (!(await changeApproval(transaction, pending, { redraft: null, card }, now)))
    throw decidedMeanwhile();
  return [{ kind: "not_redone", data: { approval: pending.id, version: pending.version } }];
}

/** A desk message stays where it was posted, so a card that now belongs in another channel is posted there again. */
const MOVED = {
  reason: "Out of date: a newer card is in another place.",
  outcome: "ignored",
} as const;

/** Writes the card, with its note in the customer's channel and its alert to the fallback lead. */
async function post(
  context: JobContext,
  transaction: Transaction,
  written: SaveCardInput,
  given: {
    readonly planned: PlannedCard;
    readonly pending: Approval | null;
    /** The card in another place whose successor this is. */
    readonly moved: Approval | null;
  },
): Promise<AuditEntry> {
  const { planned, pending, moved } = given;
  const { snapshot, revision, now } = written;
  const { conversation, turnId, kind } = planned.content;
  const id = pending?.id ?? context.ids.next("a");
  const version = (pending?.version ?? 0) + 1;
  const since = changesSince(written, context.agent);
  const changes = moved === null ? since : changesWith(moved, since, { isRedone: true });
  const around = await loadCardRecords(transaction, planned.content, now);
  const card = composeCard({ ...planned.content, ...around, approvalId: id, version, changes });
  const seal = sealFor(planned.proposal, revision, planned.rules);
  const row = {
    turnId,
    kind,
    version,
    state: kind === "notice" ? ("void" as const) : ("pending" as const),
    proposal: planned.proposal,
    seal,
    revision,
    rules: [...planned.rules],
    needs: planned.needs,
    votes: [],
    expiresAt: planned.expiresAt,
    card,
    answers: [...planned.answers],
    redraft: null,
  };
  const conversationId = snapshot.state.conversation.id;
  if (pending === null) {
    const redraftCount = moved?.redraft.count ?? 0;
    await insertApproval(transaction, { id, conversationId, ...row, redraftCount }, now);
    await tellCardMade(context, transaction, { id, conversationId, ...row }, now);
  } else await replace(context, transaction, pending, row, now);
  await noteShownDraft(transaction, id, planned, now);
  await noteDraft(context, transaction, conversation, { id, version, card, now });
  const told = { id, conversationId, turnId, headline: card.headline, short: planned.short };
  await alertWhenShortOfApprovers(context, transaction, told, now);
  return { kind: "asked", data: { approval: id, version, seal, kind } };
}

function decidedMeanwhile(): StaleTurnError {
  return new StaleTurnError("the card was decided meanwhile");
}

/** The pending card becomes this one. Its turn is over: another turn considered the same messages. */
async function replace(
  telling: Telling,
  transaction: Transaction,
  pending: Approval,
  row: Omit<Parameters<typeof renewCard>[3], "lines"> &
    Pick<Approval, "card"> & { readonly turnId: string },
  now: Date,
): Promise<void> {
  const renewal = { ...row, lines: row.card.changes };
  if (!(await renewCard(telling, transaction, pending, renewal, now))) throw decidedMeanwhile();
  if (pending.turnId === row.turnId) return;
  await amendTurn(transaction, pending.turnId, {
    outcome: "ignored",
    outcome_reason: `overtaken by ${row.turnId}`,
    approval_granted: false,
  });
}

/** The pending card, or the one whose approval just lapsed: either is updated in place. */
function currentCard(snapshot: ConversationSnapshot, overtaken: boolean): Approval | null {
  return snapshot.pending ?? (overtaken ? snapshot.approved : null);
}

function changesSince(
  written: Pick<SaveCardInput, "snapshot" | "plan" | "overtaken">,
  agent: JobContext["agent"],
): readonly string[] {
  const pending = currentCard(written.snapshot, written.overtaken);
  if (pending === null) return [];
  const lapsed = pending.votes.map((vote) => `${vote.name}'s approval lapsed.`);
  const proposal = written.plan.card?.proposal ?? null;
  const same =
    canonical(actionsApartFromReply(pending.proposal)) ===
    canonical(actionsApartFromReply(proposal));
  const asked = written.plan.card?.answers.length === pending.answers.length;
  const why = asked ? "What this card relies on changed." : "The customer wrote again.";
  const redo = pending.redraft.request;
  const redone = redo === null ? [] : redraftedLines(redo, agent);
  return [
    ...(redo !== null && asked ? [] : [why]),
    ...redone,
    ...(same ? [] : ["The proposed action changed."]),
    ...lapsed,
  ];
}

function actionsApartFromReply(proposal: Proposal | null): unknown {
  return (proposal?.actions ?? [])
    .filter(({ action }) => action.operation !== "reply")
    .map(({ action }) => action);
}

/** A teammate published the draft, which approves its text like a click, but no other action on the card. */
async function endAsSent(
  context: JobContext,
  transaction: Transaction,
  approval: Approval,
  sent: SentByHand,
  now: Date,
): Promise<readonly AuditEntry[]> {
  const closing = sentLine(sent);
  const edits = [...approval.card.edits, { by: sent.by, lines: [...sent.lines] }];
  const card = { ...approval.card, edits };
  const change = { state: "approved" as const, closing, card, undoUntil: null };
  if (!(await changeApproval(transaction, approval, change, now))) throw decidedMeanwhile();
  await tellCardEnded(context, transaction, approval, { state: change.state, now });
  await amendTurn(transaction, approval.turnId, {
    approval_granted: sent.undone.length === 0,
    outcome: "answered",
    outcome_reason: closing,
  });
  const { id, version } = approval;
  const changed = sent.lines.length > 0;
  return [{ kind: "sent_by_hand", data: { approval: id, version, changed } }];
}

// Cards and hand-overs that no teammate sees to.

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
      text: `Still waiting for a decision: ${card.headline}. It expires at ${teamMoment(context, expiresAt)}. ${context.cardLink(id)}`,
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
  const due = await takeDueHandovers(transaction, now, context.policy.handoverRemindAt(now));
  for (const { id, channel, ownerReason, since, wokenFor } of due)
    await alertTeam(context, transaction, {
      conversationId: id,
      text:
        wokenFor === undefined
          ? `No teammate has answered or taken this yet (${channel}, since ${teamMoment(context, since)}): ${reasonShown(context, ownerReason)}. ${context.cardLink(id)}`
          : `Snoozed until now (${channel}): ${reasonShown(context, ownerReason)}. ${context.cardLink(id)}`,
      people: backWith(context, wokenFor ?? null, now),
      about: `remind:${id}:${since.toISOString()}`,
      kind: "nobody-took",
      now,
    });
  return due.map(({ id }) => id);
}

/** Its holder, and the people on duty where the policy gives the holder no role any more. */
export function backWith(
  context: Pick<JobContext, "policy">,
  holder: string | null,
  at: Date,
): readonly string[] {
  if (holder === null) return peopleThere(context, at);
  const isGone = knownTeam(context.policy)?.includes(holder) === false;
  return isGone ? [holder, ...peopleThere(context, at)] : [holder];
}

/** A reason may quote the customer; that text is only for teammates who open the conversation. */
function reasonShown({ guard }: Pick<JobContext, "guard">, reason: string): string {
  return guard
    .mask(reason)
    .replaceAll(/(?:(?<!\s)\s+)?\(“[^“”]*”\)/g, "")
    .slice(0, REASON_MAX);
}

/** The people on duty; the fallback lead when there are none. */
function peopleThere({ policy }: Pick<JobContext, "policy">, at: Date): readonly string[] {
  const there = policy.onDuty(at);
  return there.length === 0 ? [policy.fallbackLead] : there;
}

/** Alerts the fallback lead at once, and once per card, when the people on duty cannot decide it between them. */
async function alertWhenShortOfApprovers(
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
  const unreadable: string[] = [];
  const expired = await context.store.run(expiredApprovals, now, (...given) => {
    unreadableIn(context)(...given);
    unreadable.push(given[2]);
  });
  for (const conversationId of unreadable)
    if (await endUnreadable(context, conversationId)) await notifyWorker(context, conversationId);
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
  if (!(await endCard(context, transaction, approval, end, now))) return;
  await escalate(context, transaction, approval, {
    line: reason,
    tell: "when-closed",
    at: now,
    isTold: true,
  });
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
