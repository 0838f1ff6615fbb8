/**
 * Room: notes, in the transaction of a turn or a decision, what later shows where drafts and help pages fell short.
 * In: turns, edits, rejections, instructions, ratings and teammates' own answers.
 * Out: masked rows, which gaps, lessons and the scorecard read.
 * May touch: the database; no vendor, no model.
 * This file: what a teammate did otherwise than a draft, also than one that was only shown.
 */

import { amountMoved } from "#core/values/action.ts";
import {
  DIFFERENCE_TEXT_MAX,
  type DifferenceKind,
  type DraftDifference,
} from "#core/lessons/draft-difference.ts";
import {
  bySentAt,
  type Conversation,
  isFromRequester,
  isTeamAnswer,
  type Message,
} from "#core/values/message.ts";
import type { Money } from "#core/values/money.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { rulesOfActions } from "#jobs/approval/seal.ts";
import { pressingVoter } from "#jobs/approval/ballot.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { masker } from "#jobs/masks/anonymize.ts";
import { type Approval, approvalsWhere, loadApproval } from "#store/approvals/approvals.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import type { Transaction } from "#store/db/database.ts";
import { and, eq } from "#store/db/drizzle.ts";
import { approval as approvalTable } from "#store/db/schema.ts";
import { having } from "#store/db/statement.ts";
import {
  differenceOfEvent,
  forgetDifference,
  newestRejection,
  placeOfTurn,
  recordDifference,
} from "#store/reports/draft-differences.ts";
import type { DeskTeammate } from "#core/contracts/approval-desk.ts";
import { answerSeen, awaitAnswer } from "#store/reports/draft-scores.ts";
import type { PlannedCard } from "#jobs/plan/plan.ts";
import { type DecidedTurn, maskedQuestion, noteCorrection, replacedPages } from "./gaps.ts";
import { compareTexts, readSaying, withoutFrame } from "./compare-texts.ts";

type Parts = Pick<JobContext, "policy" | "pseudonym">;

/** What a card showed and what a teammate did instead. */
interface Shown {
  readonly approval: Approval;
  /** A person: a teammate of the desk, or the id of an author where the team works. */
  readonly who: DeskTeammate | string;
  readonly at: Date;
}

/** What the teammate's words come to; the draft is the one on the card unless it was another before. */
interface Noted {
  readonly kind: DifferenceKind;
  readonly event: string;
  readonly teammate: string;
  /** Whether the words stand in the draft's place, or say something about it. */
  readonly isText: boolean;
  readonly draft?: string;
  readonly action?: DraftDifference["action"];
}

/**
 * Notes an edit, as the difference between the draft and the text as it is now: a second edit replaces the first, and one
 * that brings the draft back leaves nothing. Also notes the question as one that the help pages do not answer, where the
 * edit removed what a page had said.
 */
export async function noteEdit(
  context: Parts,
  transaction: Transaction,
  edit: Shown & {
    readonly conversation: Conversation;
    readonly text: string;
    readonly amount: { readonly from: Money; readonly to: Money } | null;
  },
): Promise<void> {
  const { approval, conversation, text, at, amount } = edit;
  await noteCorrection(transaction, { approval, conversation, text, at });
  const event = `edit:${approval.id}:${approval.turnId}`;
  const before = await differenceOfEvent(transaction, event);
  const earlier = before?.content.action ?? { from: null, to: null };
  const from = earlier.from ?? amount?.from ?? null;
  const to = amount?.to ?? earlier.to;
  await note(context, transaction, edit, {
    kind: "edit",
    event,
    teammate: text,
    isText: true,
    ...(before === null ? {} : { draft: before.content.draft }),
    action: from === null || to === null ? null : changedAmount(approval, from, to),
  });
}

/** Notes a rejection with its reason. A refusal of a card with an action refuses the action. */
export async function noteRejection(
  context: Parts,
  transaction: Transaction,
  shown: Shown & { readonly reason: string; readonly isRefusal: boolean },
): Promise<void> {
  const { approval, reason, isRefusal } = shown;
  await note(context, transaction, shown, {
    kind: "rejection",
    event: rejectionEvent(approval.id),
    teammate: reason,
    isText: false,
    action: isRefusal ? refusedAction(approval) : null,
  });
}

/** Notes what a teammate wants done differently in another draft. */
export async function noteInstruction(
  context: Parts,
  transaction: Transaction,
  shown: Shown & { readonly hint: string },
): Promise<void> {
  const { approval, hint } = shown;
  const event = `instruction:${approval.id}:${approval.version}`;
  await note(context, transaction, shown, {
    kind: "instruction",
    event,
    teammate: hint,
    isText: false,
  });
}

/** Notes a teammate's rating of a draft; the latest of a person counts. A yes differs in nothing. */
export async function noteRating(
  context: Parts,
  transaction: Transaction,
  shown: Shown & { readonly pseudonym: string; readonly wouldSend: boolean; readonly own: string },
): Promise<void> {
  const { approval, pseudonym, wouldSend, own } = shown;
  await note(context, transaction, shown, {
    kind: "rating",
    event: `rating:${approval.id}:${pseudonym}`,
    teammate: wouldSend ? (approval.card.draft?.text ?? "") : own,
    isText: wouldSend || own !== "",
  });
}

/**
 * Notes the first public answer of a teammate that is new with this turn, where a draft waited for a decision or was
 * rejected before. Most turns have none and cost nothing.
 */
export async function noteAnswersOfTurn(
  context: Parts,
  transaction: Transaction,
  { snapshot, changes, plan, now }: Omit<DecidedTurn, "signals">,
): Promise<void> {
  const written = changes.newMessages.filter(isTeamAnswer);
  const { sentByHand } = plan;
  const message = written.find(({ key }) => key === sentByHand?.about) ?? written[0];
  if (message === undefined) return;
  const waited = snapshot.pending ?? (changes.overtaken.length > 0 ? snapshot.approved : null);
  const said = [...snapshot.stored.map((one) => one.message), ...changes.newMessages];
  const before = said.filter((one) => isFromRequester(one) && one.sentAt <= message.sentAt);
  const asked = before.toSorted(bySentAt).at(-1)?.key ?? "";
  const approval =
    waited ?? (await rejectedBefore(transaction, snapshot.state.conversation.id, [asked]));
  if (approval === null || approval.card.draft === null) return;
  const isDraft = message.key === sentByHand?.about;
  const shown = { approval, who: message.author.id, message, isDraft, at: now };
  await noteAnswer(context, transaction, shown);
}

/** Notes what a teammate wrote in the console, once it went out: it is stored with its effect, and no turn reads it. */
export async function noteReplyByHand(
  context: Parts,
  transaction: Transaction,
  { conversationId, message, isStored, answers, pressedAt }: ReplyByHand,
  now: Date,
): Promise<void> {
  if (!isTeamAnswer(message)) return;
  if (isStored)
    await noteTeammatesAnswer(transaction, { conversationId, linkedId: null }, [message], now);
  const isEndedByIt = having(approvalTable, { conversationId, state: "rejected" });
  const [ended] = await approvalsWhere(
    transaction,
    and(isEndedByIt, eq(approvalTable.decidedAt, new Date(pressedAt))),
  );
  const approval = ended ?? (await rejectedBefore(transaction, conversationId, answers));
  if (approval === null || approval.card.draft === null) return;
  const shown = { approval, who: message.author.id, message, isDraft: false, at: now };
  await noteAnswer(context, transaction, shown);
}

interface ReplyByHand {
  readonly conversationId: string;
  readonly message: Message;
  /** False where its channel stores it as ours: a draft that was only shown waits on for an answer in a teammate's name. */
  readonly isStored: boolean;
  /** Keys of the messages it answers. */
  readonly answers: readonly string[];
  /** When it was pressed, which ended the card that waited in the same commit. */
  readonly pressedAt: string;
}

/** The card that was rejected last, while it answers what is asked and no answer of a teammate came after it. */
async function rejectedBefore(
  transaction: Transaction,
  conversationId: string,
  asked: readonly string[],
): Promise<Approval | null> {
  const rejection = await newestRejection(transaction, conversationId);
  if (rejection === null) return null;
  const id = rejection.event.slice(rejectionEvent("").length);
  const answered = await differenceOfEvent(transaction, answerEvent(id));
  const approval = answered === null ? await loadApproval(transaction, id) : null;
  return approval?.answers.some((key) => asked.includes(key)) === true ? approval : null;
}

/** Notes the public answer of a teammate in place of the draft, or the draft as they sent it by hand. */
async function noteAnswer(
  context: Parts,
  transaction: Transaction,
  shown: Shown & { readonly message: Message; readonly isDraft: boolean },
): Promise<void> {
  const { approval, message, isDraft } = shown;
  await note(context, transaction, shown, {
    kind: isDraft ? "sent_by_hand" : "own_answer",
    event: answerEvent(approval.id),
    // Greeting and signature are the teammate's own and say nothing of the draft.
    teammate: withoutFrame(message.text),
    isText: true,
    draft: withoutFrame(approval.card.draft?.text ?? ""),
  });
}

/** The name under which the rejection of a card is kept. */
function rejectionEvent(approvalId: string): string {
  return `rejection:${approvalId}`;
}

/** The name under which a teammate's answer in place of a card's draft is kept. */
function answerEvent(approvalId: string): string {
  return `answer:${approvalId}`;
}

async function note(
  context: Parts,
  transaction: Transaction,
  { approval, who, at }: Shown,
  noted: Noted,
): Promise<void> {
  const place = await placeOfTurn(transaction, approval);
  if (place === null) return;
  const stored = await conversationMessages(transaction, approval.conversationId);
  const messages = stored.map(({ message }) => message);
  const mask = masker({ messages, cards: [approval] });
  const content = differenceContent(approval, noted, { place, messages, mask, at });
  // A yes is kept: it says that nothing was to be changed. An edit without a change says nothing.
  if (content.differs === "nothing" && noted.kind !== "rating") {
    await forgetDifference(transaction, noted.event);
    return;
  }
  const person = typeof who === "string" ? who : pressingVoter(context, who).voter;
  await recordDifference(transaction, {
    conversationId: approval.conversationId,
    event: noted.event,
    kind: noted.kind,
    turnId: approval.turnId,
    topic: place.topic,
    content,
    who: await context.pseudonym(transaction, person),
    at,
  });
}

function differenceContent(
  approval: Approval,
  { isText, ...noted }: Noted,
  known: {
    readonly place: { readonly channel: ChannelName };
    readonly messages: readonly Message[];
    readonly mask: (text: string) => string;
    readonly at: Date;
  },
): DraftDifference {
  const { place, messages, mask, at } = known;
  const kept = (text: string): string => mask(text).trim().slice(0, DIFFERENCE_TEXT_MAX);
  const draft = kept(noted.draft ?? approval.card.draft?.text ?? "");
  const teammate = kept(noted.teammate);
  const action = noted.action ?? null;
  const said = isText ? compareTexts(draft, teammate, at) : readSaying(teammate, at);
  const { citations, procedures } = approval.card.context;
  return {
    channel: place.channel,
    differs: action === null ? said.differs : DIFFERS_BY_ACTION[action.change],
    question: maskedQuestion(
      messages.filter(({ key }) => approval.answers.includes(key)),
      mask,
    ),
    draft,
    teammate,
    facts: said.facts,
    sentences: said.sentences,
    action,
    pages: isText ? [...replacedPages(citations, noted.teammate)] : [],
    procedures: procedures.map(({ name }) => name.slice(0, PROCEDURE_MAX)),
  };
}

const DIFFERS_BY_ACTION = { refused: "refused", lower: "amount", higher: "amount" } as const;

const PROCEDURE_MAX = 100;

function refusedAction(approval: Approval): DraftDifference["action"] {
  const first = firstAction(approval);
  if (first === null) return null;
  return { ...first, change: "refused", to: null };
}

function changedAmount(approval: Approval, from: Money, to: Money): DraftDifference["action"] {
  const refund = firstAction(approval, "refund");
  if (refund === null || from.minor === to.minor) return null;
  return { ...refund, change: to.minor < from.minor ? "lower" : "higher", from, to };
}

/** The first action of a card that is no reply, with its rule and its amount. */
function firstAction({ proposal, rules }: Approval, operation?: string) {
  if (proposal === null) return null;
  const found = rulesOfActions(proposal, rules)?.actions.find(
    ({ planned }) => operation === undefined || planned.action.operation === operation,
  );
  if (found === undefined) return null;
  const { action } = found.planned;
  return {
    operation: action.operation,
    from: amountMoved(action),
    rule: found.rule.rule.slice(0, 200),
  };
}

// Drafts that were only shown.

/** People often book the refund after they have written the answer: so long is waited for it. */
const JUDGED_AFTER_MS = 30 * 60_000;

/** A card that shows a draft and asks nothing is judged once a teammate has answered. Others cost nothing here. */
export async function noteShownDraft(
  transaction: Transaction,
  approvalId: string,
  { content, proposal }: PlannedCard,
  now: Date,
): Promise<void> {
  if (content.kind !== "notice" || proposal === null) return;
  const { conversation, topic } = content;
  await awaitAnswer(transaction, {
    approvalId,
    conversationId: conversation.id,
    channel: conversation.channel,
    topic: topic === "" ? "other" : topic,
    draftedAt: now,
  });
}

/**
 * A teammate's public message that is new sets the time at which the shown draft is judged, here and on the other side of
 * a hand-over, to which it is relayed.
 */
export async function noteTeammatesAnswer(
  transaction: Transaction,
  {
    conversationId,
    linkedId,
  }: { readonly conversationId: string; readonly linkedId: string | null },
  newMessages: readonly Message[],
  now: Date,
): Promise<void> {
  if (!newMessages.some(isTeamAnswer)) return;
  const judgeAt = new Date(now.getTime() + JUDGED_AFTER_MS);
  const sides = [conversationId, linkedId].filter((id) => id !== null);
  await answerSeen(transaction, sides, { answeredAt: now, judgeAt });
}
