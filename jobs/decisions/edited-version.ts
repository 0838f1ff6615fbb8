/** Stores a changed proposal as the next version of its card, and composes what that shows. */
import {
  type PlannedAction,
  type Proposal,
  ReplyArguments,
  RefundArguments,
} from "#core/values/action.ts";
import {
  type Card,
  type DeskTeammate,
  type Flag,
  plainFlag,
} from "#core/contracts/approval-desk.ts";
import { textDifference } from "#text/diff.ts";
import type { Finding } from "#core/contracts/guard.ts";
import { IdentityLevel } from "#core/values/identity.ts";
import type { Conversation } from "#core/values/message.ts";
import { formatMoney } from "#core/values/money.ts";
import { type Approval, changeApproval } from "#store/approvals/approvals.ts";
import { acceptedAnswer, RACED, type RacedAnswer } from "#jobs/approval/refusals.ts";
import { flagsAfterEdit, isByAssistant, markedPassages } from "#jobs/approval/card-lines.ts";
import { noteEdit } from "#jobs/notes/differences.ts";
import {
  actionOnCard,
  approvalProgress,
  confirmActions,
  largestAmount,
  unusualFlag,
} from "#jobs/approval/card-content.ts";
import { recordAuthor } from "#jobs/approval/ballot.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { teammatesReceipts, toldToWriter } from "./reply-basis.ts";
import { bundleApprovers, sealFor, type DecidedPlan } from "#jobs/approval/seal.ts";
import { tellCardMade } from "#jobs/webhooks/events.ts";
import type { Decision } from "#core/contracts/policy.ts";

/** Who changes a card, and when; `mark` where a program of theirs does it, which every later version then says. */
interface Editor {
  readonly teammate: DeskTeammate;
  readonly at: Date;
  readonly mark?: string;
}

/** Stores the changed proposal as the next version, without votes. Nothing is learnt from what a program writes. */
export async function storeEdit(
  context: JobContext,
  approval: Approval,
  conversation: Conversation,
  edited: EditedProposal,
  by: Editor,
): Promise<RacedAnswer> {
  const version = approval.version + 1;
  const { teammate, at, mark } = by;
  const unusual = await context.store.run((transaction) =>
    unusualFlag(transaction, largestAmount(edited.proposal.actions), at),
  );
  const name = mark === undefined ? teammate.name : `an assistant for ${teammate.name}`;
  const shown = { name, at, version, unusual, ...(mark !== undefined && { mark }) };
  const card = editedCard(context, approval, conversation, edited, shown);
  const row = {
    version,
    votes: [],
    proposal: edited.proposal,
    rules: [...edited.rules],
    needs: bundleApprovers(edited.rules, 1),
    seal: sealFor(edited.proposal, approval.revision, edited.rules),
    card,
  };
  const saved = await context.store.run(async (transaction) => {
    if (!(await changeApproval(transaction, approval, row, at))) return false;
    await tellCardMade(context, transaction, { ...approval, ...row }, at);
    const made = { part: "edited", approval: approval.id, version, teammate, at } as const;
    await recordAuthor(context, transaction, made);
    if (mark === undefined)
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
    readonly mark?: string;
  },
): Card {
  const reply = proposedReply(proposal);
  const { text, to } =
    reply === null ? { text: "", to: null } : ReplyArguments.parse(reply.action.arguments);
  const edit = { text, proposal, at: by.at, writer: by.mark === undefined ? by.name : null };
  const findings = findingsAfterEdit(context, approval, conversation, edit);
  const amount = amountChange(approval.proposal, proposal);
  return {
    ...approval.card,
    version: by.version,
    headline: withAmount(approval.card.headline, amount),
    notification: withAmount(approval.card.notification, amount),
    changes: [`Edited by ${by.name}. Approvals before the edit do not count.`],
    edits: [
      ...approval.card.edits,
      {
        by: by.name,
        lines: [...textDifference(approval.card.draft?.text ?? "", text).lines],
      },
    ],
    actions: decided.map(({ planned, rule }) => actionOnCard(planned, rule)),
    ...wordsAfterEdit(approval.card, { text, to: to?.label ?? null }, findings),
    flags: flagsAfterEdit(markedFlags(approval.card, by.mark), findings, {
      unusual: by.unusual,
      overruled: overruledBy(approval.proposal, proposal),
    }),
    approveLabel: decided.length === 0 ? approval.card.approveLabel : "Approve",
    progress: approvalProgress(bundleApprovers(rules, 1), 0, 0),
    confirm:
      decided.length === 0 ? confirmReply(findings) : confirmEdited(approval.card, decided, amount),
  };
}

/** What the checks find in the text as it is now; a person or a program wrote it, so they are warnings. */
function findingsAfterEdit(
  context: JobContext,
  approval: Approval,
  conversation: Conversation,
  edit: {
    readonly text: string;
    readonly proposal: Proposal;
    readonly at: Date;
    /** The teammate who wrote it; null where a program did. */
    readonly writer: string | null;
  },
): readonly Finding[] {
  const { text, proposal, at, writer } = edit;
  const { findings } = context.output.check(text, {
    // The draft was already checked against its evidence; only what the edit adds needs checking.
    toolResults: [
      { tool: "order", result: proposal.actions.flatMap((planned) => planned.facts) },
      // What an assistant wrote was checked against nothing, and is no evidence for what stays of it.
      {
        tool: "draft",
        result: isByAssistant(approval.card) ? "" : (approval.card.draft?.text ?? ""),
      },
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
    ...teammatesReceipts(context.policy, conversation, writer ?? ""),
    today: at,
  });
  return writer === null ? findings : toldToWriter(findings);
}

/** The mark stays on every later version, also on one that a person edits. */
function markedFlags(card: Card, mark: string | undefined): Card {
  if (mark === undefined || card.flags.some(({ text }) => text === mark)) return card;
  return { ...card, flags: [plainFlag(mark), ...card.flags] };
}

/** An action that was added is asked about as well. */
function confirmEdited(
  { actions, confirm, requester }: Card,
  decided: EditedProposal["decided"],
  amount: ReturnType<typeof amountChange>,
): string {
  if (decided.length === actions.length) return withAmount(confirm, amount);
  const labels = decided.map(({ planned }) => planned.label);
  return confirmActions(labels, requester.name);
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
  { text, to }: { readonly text: string; readonly to: string | null },
  findings: readonly Finding[],
): Pick<Card, "draft" | "translation"> {
  const isSame = translation === null || draft?.text === text;
  const marks = markedPassages(text, findings);
  return {
    // A card that only changed something may be given its first reply.
    draft: to === null ? null : { to, sources: [], ...draft, text, marks },
    translation: isSame ? translation : { ...translation, draft: "" },
  };
}

/** What a card proposes after an edit, with the decisions on it. */
export interface EditedProposal {
  readonly proposal: Proposal;
  readonly rules: readonly Decision[];
  /** The actions besides the reply, each with its decision. */
  readonly decided: readonly DecidedPlan[];
}

/** The reply that goes out, or the first of two; the second only says where the first is. */
export function proposedReply(proposal: Proposal | null): PlannedAction | null {
  return proposal?.actions.find(({ action }) => action.operation === "reply") ?? null;
}

/** The refund whose amount the form offers: the first on the card. */
export function proposedRefund(proposal: Proposal | null): PlannedAction | null {
  return refundsIn(proposal)[0] ?? null;
}

/** All refunds of a card, in their order. */
export function refundsIn(proposal: Proposal | null): readonly PlannedAction[] {
  return proposal?.actions.filter(({ action }) => action.operation === "refund") ?? [];
}

/** What a refund is to be: of which order, how much, and why. */
export function refundArguments(refund: PlannedAction): RefundArguments {
  return RefundArguments.parse(refund.action.arguments);
}

/** The same reply with another text. */
export function withText(planned: PlannedAction, text: string): PlannedAction {
  const before = ReplyArguments.parse(planned.action.arguments);
  return { ...planned, action: { ...planned.action, arguments: { ...before, text } } };
}
