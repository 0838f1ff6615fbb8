/**
 * Opens the edit form of a card, applies a teammate's edit to the proposal, asks the policy again, and stores it as a
 * new version.
 */
import {
  type PlannedAction,
  type Proposal,
  ReplyArguments,
  RefundArguments,
  refundKey,
  toldAction,
} from "#core/values/action.ts";
import type {
  Card,
  DeskAnswer,
  DeskTeammate,
  EditForm,
  Flag,
} from "#core/contracts/approval-desk.ts";
import { DO_IT } from "#core/contracts/card-sections.ts";
import { textDifference } from "#text/diff.ts";
import type { Finding } from "#core/contracts/guard.ts";
import { IdentityLevel } from "#core/values/identity.ts";
import type { Conversation } from "#core/values/message.ts";
import { formatAmount, formatMoney, parseAmount } from "#core/values/money.ts";
import { type Approval, loadApproval } from "#store/approvals/approvals.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import {
  acceptedAnswer,
  OUT_OF_DATE,
  RACED,
  type RacedAnswer,
  refusedAnswer,
  overLimitText,
  wrongInput,
} from "#jobs/approval/refusals.ts";
import { cardHeadline, flagsAfterEdit, markedPassages } from "#jobs/approval/card-lines.ts";
import { noteEdit } from "#jobs/notes/differences.ts";
import {
  actionOnCard,
  approvalProgress,
  largestAmount,
  unusualFlag,
} from "#jobs/approval/card-content.ts";
import { recordAuthor, overLimit } from "#jobs/approval/ballot.ts";
import { type JobContext, LIMITS } from "#jobs/context/job-context.ts";
import { bundleApprovers, sealFor, type DecidedPlan, rulesOfActions } from "#jobs/approval/seal.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Role } from "#core/values/vocabulary.ts";
import { calendarDay, type Decision } from "#core/contracts/policy.ts";
import { sealedOrderFacts } from "#core/contracts/shop.ts";
import { isBlank } from "#text/normalize.ts";
import { UNFITTING } from "#jobs/effects/give-up.ts";
import { proposalCircumstances, recheckAction } from "#jobs/policy/recheck.ts";
import { renewCard } from "#jobs/webhooks/renew-card.ts";
import { rewordedReply } from "#jobs/plan/own-actions.ts";
import { type CardPress, pressOn } from "./card-press.ts";
import { teammatesReceipts } from "./reply-basis.ts";

/** The form's initial values come from the row, never from what a card showed. */
export async function filledEditForm(
  context: JobContext,
  approvalId: string,
  version: number,
  teammate: DeskTeammate,
): Promise<EditForm | DeskAnswer> {
  const approval = await context.store.run(loadApproval, approvalId);
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
  const state = await context.store.run(loadConversation, approval.conversationId);
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
  const { teammate, at } = by;
  const unusual = await context.store.run(unusualFlag, largestAmount(edited.proposal.actions), at);
  const shown = { name: teammate.name, at, unusual };
  const card = editedCard(context, approval, conversation, edited, shown);
  const row = {
    lines: [
      `Edited by ${teammate.name}. Approvals before the edit do not count.`,
      ...(approval.redraft.request === null
        ? []
        : ["Another draft that was asked for is not made."]),
    ],
    proposal: edited.proposal,
    rules: [...edited.rules],
    needs: bundleApprovers(edited.rules, 1),
    seal: sealFor(edited.proposal, approval.revision, edited.rules),
    card,
    // Another draft that was asked for before would take the place of this one.
    redraft: null,
  };
  const saved = await context.store.run(async (transaction) => {
    if (!(await renewCard(context, transaction, approval, row, at))) return false;
    const { id, version } = approval;
    const made = { part: "edited", approval: id, version: version + 1, teammate, at } as const;
    await recordAuthor(context, transaction, made);
    // Lessons are learnt from people.
    if (teammate.assistant !== true)
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
    readonly unusual: Flag | null;
  },
): Card {
  const reply = proposedReply(proposal);
  const text = reply === null ? "" : ReplyArguments.parse(reply.action.arguments).text;
  const { findings } = context.output.check(text, {
    // The draft was already checked against its evidence; only what the edit adds needs checking.
    toolResults: [
      { tool: "order", result: proposal.actions.flatMap((planned) => toldAction(planned).facts) },
      { tool: "draft", result: unmarkedText(approval.card.draft) },
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
    ...teammatesReceipts(context.policy, conversation, by.name),
    today: calendarDay(context.policy, by.at),
  });
  return {
    ...approval.card,
    ...headlineOf(
      approval.card,
      decided.map(({ planned }) => planned),
    ),
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
    confirm: decided.length === 0 ? confirmReply(findings) : DO_IT,
  };
}

/** The draft without what the checks objected to, which is no evidence for saying it again. */
function unmarkedText(draft: Card["draft"]): string {
  return (draft?.marks ?? []).reduce((text, mark) => text.replaceAll(mark, " "), draft?.text ?? "");
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

/** What the card's first line says of these actions; that of a reply alone stays. */
function headlineOf(
  { kind, headline: before, notification, context }: Card,
  actions: readonly PlannedAction[],
): Partial<Pick<Card, "headline" | "notification">> {
  if (actions.length === 0) return {};
  // It ends with the person, as they were named when it was made.
  const who = before.split(" · ").at(-1) ?? null;
  const known = { kind, actions, who, orders: context.orders, topic: "", page: "" };
  const { headline, withoutName } = cardHeadline(known);
  return { headline, notification: notification === "" ? "" : withoutName };
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

/** What a card proposes after an edit, with the decisions on it. */
interface EditedProposal {
  readonly proposal: Proposal;
  readonly rules: readonly Decision[];
  /** The actions besides the reply, each with its decision. */
  readonly decided: readonly DecidedPlan[];
}

/** The typed text and amount, and the editor's role. */
type EditInput = NonNullable<CardPress["decision"]["edit"]> & { readonly role: Role };

/** An input error, or why nothing can be edited right now. */
interface Mistake {
  readonly answer: DeskAnswer;
}

/**
 * The proposal with the new text in its reply and the new amount in its refund (`proposedRefund`). Every other action and its
 * decision stay unchanged, and input equal to the current value changes nothing. So a card never needs fewer approvers
 * than its strictest decision.
 */
async function applyEdit(
  context: JobContext,
  { id, proposal, rules, ...approval }: Approval,
  typed: EditInput,
): Promise<EditedProposal | Mistake> {
  if (isBlank(typed.text)) return wrong({ text: "The reply must not be empty." });
  const bound = proposal === null ? null : rulesOfActions(proposal, rules);
  if (proposal === null || bound === null)
    return { answer: refusedAnswer(`This card cannot be edited: ${UNFITTING}.`) };
  const refund = proposedRefund(proposal);
  const amended =
    refund === null || typed.amount === null
      ? null
      : await amendRefund(context, { ...approval, id, proposal, rules }, bound.actions, {
          refund,
          amount: typed.amount,
          role: typed.role,
        });
  if (amended !== null && "answer" in amended) return amended;
  const reply = proposedReply(proposal);
  const changed = (planned: PlannedAction): PlannedAction => {
    if (planned === reply) return rewordedReply(planned, typed.text);
    return amended !== null && planned === refund ? amended.planned : planned;
  };
  const decided = bound.actions.map((one) =>
    amended !== null && one.planned === refund ? amended : one,
  );
  return {
    proposal: { actions: proposal.actions.map(changed) },
    rules: [...decided.map(({ rule }) => rule), bound.reply],
    decided,
  };
}

/** The reply that goes out, or the first of two; the second only says where the first is. */
function proposedReply(proposal: Proposal | null): PlannedAction | null {
  return proposal?.actions.find(({ action }) => action.operation === "reply") ?? null;
}

/** The refund whose amount the form offers: the first on the card. */
function proposedRefund(proposal: Proposal | null): PlannedAction | null {
  return refundsIn(proposal)[0] ?? null;
}

/** All refunds of a card, in their order. */
function refundsIn(proposal: Proposal | null): readonly PlannedAction[] {
  return proposal?.actions.filter(({ action }) => action.operation === "refund") ?? [];
}

/** What a refund is to be: of which order, how much, and why. */
function refundArguments(refund: PlannedAction): RefundArguments {
  return RefundArguments.parse(refund.action.arguments);
}

/**
 * Checks the new amount against the current order and policy; each error is reported at its field. Null where the
 * amount is unchanged.
 */
async function amendRefund(
  context: JobContext,
  approval: Approval,
  decided: readonly DecidedPlan[],
  typed: { readonly refund: PlannedAction; readonly amount: string; readonly role: Role },
): Promise<DecidedPlan | Mistake | null> {
  const { refund, role } = typed;
  const before = refundArguments(refund);
  const amount = parseAmount(typed.amount, before.amount.currency);
  if ("reason" in amount) return wrong({ amount: amount.reason });
  if (amount.minor === before.amount.minor) return null;
  const facts = await freshFacts(context, before.orderId);
  if ("answer" in facts) return facts;
  const planned: PlannedAction = {
    ...refund,
    key: refundKey(before.orderId, facts.refundCount),
    action: { ...refund.action, arguments: { ...before, amount } },
    label: refund.label.replace(formatMoney(before.amount), formatMoney(amount)),
    facts: [facts],
  };
  const rule = await decideAmended(context, approval, decided, { refund, planned });
  if ("answer" in rule) return rule;
  if (rule.verdict === "deny") return wrong({ amount: rule.reason });
  const beyond = overLimit(context.policy, role, { actions: [planned] });
  if (beyond !== null) return wrong({ amount: overLimitText(beyond, role) });
  return { planned, rule };
}

async function decideAmended(
  context: JobContext,
  approval: Approval,
  decided: readonly DecidedPlan[],
  { refund, planned }: { readonly refund: PlannedAction; readonly planned: PlannedAction },
): Promise<Decision | Mistake> {
  const asked = await proposalCircumstances(context, approval);
  const sealed = decided.find((one) => one.planned === refund)?.rule;
  if (asked === null || sealed === undefined)
    return { answer: refusedAnswer("The conversation is gone.") };
  const others = decided.filter((one) => one.planned !== refund);
  // Approval books all of them, so the ones after it count as well.
  const earlier = others.flatMap(({ rule }) => rule.reservations);
  const decision = await recheckAction(context, planned, sealed, asked, earlier);
  // A person is deciding already, so what policy alone would allow still needs this one click.
  return decision.verdict === "allow" ? { ...decision, verdict: "ask" } : decision;
}

async function freshFacts(context: JobContext, orderId: string) {
  try {
    const order = await context.shop.order(orderId, AbortSignal.timeout(LIMITS.lookupMs));
    return order === null
      ? wrong({ amount: `Order ${orderId} is gone.` })
      : sealedOrderFacts(order);
  } catch (error) {
    if (!(error instanceof DeskhandError)) throw error;
    return {
      answer: refusedAnswer(`The order could not be checked (${reasonOf(error)}). Try again.`),
    };
  }
}

function wrong(fieldErrors: DeskAnswer["fieldErrors"]): Mistake {
  return { answer: wrongInput(fieldErrors) };
}
