/** Opens the edit form of a card and stores the edit as a new version. */

import { type PlannedAction, type Proposal, ReplyArguments } from "#core/values/action.ts";
import type {
  Card,
  DeskAnswer,
  DeskTeammate,
  EditForm,
  Flag,
} from "#core/contracts/approval-desk.ts";
import { textDifference } from "#text/diff.ts";
import type { Finding } from "#core/contracts/guard.ts";
import { IdentityLevel } from "#core/values/identity.ts";
import type { Conversation } from "#core/values/message.ts";
import { formatAmount, formatMoney } from "#core/values/money.ts";
import { type Approval, changeApproval, loadApproval } from "#store/approvals/approvals.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import {
  acceptedAnswer,
  OUT_OF_DATE,
  RACED,
  type RacedAnswer,
  refusedAnswer,
} from "#jobs/approval/refusals.ts";
import { flagsAfterEdit, markedPassages } from "#jobs/approval/card-lines.ts";
import { noteEdit } from "#jobs/notes/differences.ts";
import {
  actionOnCard,
  approvalProgress,
  largestAmount,
  unusualFlag,
} from "#jobs/approval/card-content.ts";
import { recordAuthor } from "#jobs/approval/ballot.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { bundleApprovers, sealFor } from "#jobs/approval/seal.ts";
import { type CardPress, pressOn } from "./card-press.ts";
import {
  type EditedProposal,
  applyEdit,
  proposedReply,
  proposedRefund,
  refundsIn,
  refundArguments,
} from "./apply-edit.ts";

/** The form's initial values come from the row, never from what a card showed. */
export async function filledEditForm(
  context: JobContext,
  approvalId: string,
  version: number,
  teammate: DeskTeammate,
): Promise<EditForm | DeskAnswer> {
  const approval = await context.store.run((transaction) => loadApproval(transaction, approvalId));
  if (approval === null) return OUT_OF_DATE;
  const asked = { approvalId, version, teammate };
  const press = await pressOn(context, asked, approval, { meaning: "none" });
  if ("answer" in press) return press.answer;
  const reply = proposedReply(approval.proposal);
  if (reply === null) return refusedAnswer("There is no draft to edit on this card.");
  const [refund = null, ...others] = refundsIn(approval.proposal);
  return {
    approvalId,
    version,
    text: ReplyArguments.parse(reply.action.arguments).text,
    amount: refund === null ? null : formatAmount(refundArguments(refund).amount),
    currency: refund === null ? null : refundArguments(refund).amount.currency,
    order: refund === null || others.length === 0 ? null : refundArguments(refund).orderId,
  };
}

/**
 * Stores an edit as a new version: earlier approvals lapse, the policy decides again, and the text becomes what is
 * sent, byte for byte. Findings of the output check are shown as warnings, since a person wrote the text.
 */
export async function editApproval(
  context: JobContext,
  { decision, approval, at, voter }: CardPress,
): Promise<RacedAnswer> {
  if (decision.edit === null) return refusedAnswer("The edit was empty. Nothing was changed.");
  if (proposedReply(approval.proposal) === null)
    return refusedAnswer("There is no draft to edit on this card.");
  const edited = await applyEdit(context, approval, { ...decision.edit, role: voter.role });
  if ("answer" in edited) return edited.answer;
  const state = await context.store.run((transaction) =>
    loadConversation(transaction, approval.conversationId),
  );
  if (state === null) return refusedAnswer("The conversation is gone.");
  return store(context, approval, state.conversation, edited, { teammate: decision.teammate, at });
}

async function store(
  context: JobContext,
  approval: Approval,
  conversation: Conversation,
  edited: EditedProposal,
  by: { readonly teammate: DeskTeammate; readonly at: Date },
): Promise<RacedAnswer> {
  const version = approval.version + 1;
  const { teammate, at } = by;
  const unusual = await context.store.run((transaction) =>
    unusualFlag(transaction, largestAmount(edited.proposal.actions), at),
  );
  const shown = { name: teammate.name, at, version, unusual };
  const card = editedCard(context, approval, conversation, edited, shown);
  const saved = await context.store.run(async (transaction) => {
    const changed = await changeApproval(
      transaction,
      approval,
      {
        version,
        votes: [],
        proposal: edited.proposal,
        rules: [...edited.rules],
        needs: bundleApprovers(edited.rules, 1),
        seal: sealFor(edited.proposal, approval.revision, edited.rules),
        card,
      },
      at,
    );
    if (!changed) return false;
    const made = { part: "edited", approval: approval.id, version, teammate, at } as const;
    await recordAuthor(context, transaction, made);
    await noteEdit(context, transaction, {
      approval,
      conversation,
      who: teammate,
      text: card.draft?.text ?? "",
      amount: amountChange(approval.proposal, edited.proposal),
      at,
    });
    return true;
  });
  return saved ? acceptedAnswer("Saved as a new version. It still needs its approval.") : RACED;
}

function editedCard(
  context: JobContext,
  approval: Approval,
  conversation: Conversation,
  { proposal, rules, decided }: EditedProposal,
  by: {
    readonly name: string;
    readonly at: Date;
    readonly version: number;
    readonly unusual: Flag | null;
  },
): Card {
  const reply = proposedReply(proposal);
  const text = reply === null ? "" : ReplyArguments.parse(reply.action.arguments).text;
  const { findings } = context.output.check(text, {
    // The draft was already checked against its evidence; only what the edit adds needs checking.
    toolResults: [
      { tool: "order", result: proposal.actions.flatMap((planned) => planned.facts) },
      { tool: "draft", result: approval.card.draft?.text ?? "" },
    ],
    passages: [],
    proposal,
    asked: approval.card.asked,
    requester: {
      level: IdentityLevel.parse(approval.card.requester.level),
      customerId: null,
      emailOnFile: null,
      name: approval.card.requester.name,
      reason: approval.card.requester.verification,
    },
    escalates: approval.card.passesOn !== undefined,
    // The teammate chooses the language of the answer.
    language: null,
    forbidden: context.policy.voiceOf(conversation.channel, conversation.brand).forbidden,
    today: by.at,
  });
  const amount = amountChange(approval.proposal, proposal);
  return {
    ...approval.card,
    version: by.version,
    headline: withAmount(approval.card.headline, amount),
    notification: withAmount(approval.card.notification, amount),
    changes: [`Edited by ${by.name}. Approvals before the edit do not count.`],
    edits: [
      ...approval.card.edits,
      { by: by.name, lines: [...textDifference(approval.card.draft?.text ?? "", text).lines] },
    ],
    actions: decided.map(({ planned, rule }) => actionOnCard(planned, rule)),
    ...wordsAfterEdit(approval.card, text, findings),
    flags: flagsAfterEdit(approval.card, findings, {
      unusual: by.unusual,
      overruled: overruledBy(approval.proposal, proposal),
    }),
    progress: approvalProgress(bundleApprovers(rules, 1), 0, 0),
    confirm:
      decided.length === 0 ? confirmReply(findings) : withAmount(approval.card.confirm, amount),
  };
}

/** A text that says what no record does is not sent by a press of habit. */
function confirmReply(findings: readonly Finding[]): string {
  return findings.length === 0
    ? ""
    : "The edited text has warnings, which stand on the card. Send it all the same?";
}

/** The amount of the refund before and after the edit; null where there is none, or it stayed. */
function amountChange(before: Proposal | null, after: Proposal) {
  const old = overruledBy(before, after);
  const now = proposedRefund(after);
  return old === null || now === null
    ? null
    : { from: refundArguments(old).amount, to: refundArguments(now).amount };
}

/** The refund before the edit, if its amount changed. */
function overruledBy(before: Proposal | null, after: Proposal): PlannedAction | null {
  const [old, now] = [proposedRefund(before), proposedRefund(after)];
  if (old === null || now === null) return null;
  return refundArguments(old).amount.minor === refundArguments(now).amount.minor ? null : old;
}

/** The line of the card with the refund's new amount in place of the one before. */
function withAmount(line: string, amount: ReturnType<typeof amountChange>): string {
  if (amount === null) return line;
  return line.replace(formatMoney(amount.from), formatMoney(amount.to));
}

/** The translation of an edited draft is dropped: it no longer says what is sent. */
function wordsAfterEdit(
  { translation, draft }: Card,
  text: string,
  findings: readonly Finding[],
): Pick<Card, "draft" | "translation"> {
  const isSame = translation === null || draft?.text === text;
  return {
    draft: draft === null ? null : { ...draft, text, marks: markedPassages(text, findings) },
    translation: isSame ? translation : { ...translation, draft: "" },
  };
}
