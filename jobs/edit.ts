import {
  type PlannedAction,
  type Proposal,
  RefundArguments,
  ReplyArguments,
} from "#core/action.ts";
import { applyClick } from "#core/approval.ts";
import type { Card, DeskAnswer, DeskDecision, DeskTeammate, EditForm } from "#core/desk.ts";
import { differenceOf } from "#core/difference.ts";
import { DeskhandError, reasonOf } from "#core/errors.ts";
import { IdentityLevel } from "#core/identity.ts";
import type { Conversation } from "#core/message.ts";
import { formatAmount, formatMoney, parseAmount, type Money } from "#core/money.ts";
import type { Approvers, Decision } from "#core/policy.ts";
import { factsOf } from "#core/shop.ts";
import { appendAudit } from "#store/audit.ts";
import { changeApproval, loadApproval, type Approval } from "#store/approvals.ts";
import { loadConversation } from "#store/conversations.ts";
import { accepted, refuseClick, refused, standingOf, voterOf } from "./clicks.ts";
import { flagsAfterEdit, marksOf } from "./card-lines.ts";
import { largestAmount, progressOf } from "./card.ts";
import { unusualFlag } from "./card-surroundings.ts";
import { decideAction } from "./decide.ts";
import { LIMITS, type Parts } from "./parts.ts";
import { RACED, type RacedAnswer } from "./race.ts";
import { needsOf } from "./sealed.ts";
import { sealFor } from "./write-card.ts";

/** What the form starts from: the row as it is, never what a card showed. */
export async function editFormOf(
  parts: Parts,
  approvalId: string,
  version: number,
  teammate: DeskTeammate,
): Promise<EditForm | DeskAnswer> {
  const approval = await parts.store.run((transaction) => loadApproval(transaction, approvalId));
  if (approval === null) return refused("This card is out of date. Nothing was changed.");
  const click = {
    button: "edit",
    version,
    at: parts.clock.now(),
    ...voterOf(parts, teammate),
  } as const;
  const result = applyClick(standingOf(parts, approval), click);
  if (result.kind === "refused")
    return refuseClick(parts, { approvalId, version, teammate }, result);
  const reply = replyOf(approval.proposal);
  if (reply === null) return refused("There is no draft to edit on this card.");
  const refund = refundOf(approval.proposal);
  return {
    approvalId,
    version,
    text: ReplyArguments.parse(reply.action.arguments).text,
    amount: refund === null ? null : formatAmount(amountOf(refund)),
    currency: refund === null ? null : amountOf(refund).currency,
  };
}

/**
 * Stores an edit as a new version: every approval so far lapses, the policy decides again, and the text becomes what is
 * sent, byte for byte. What the output check objects to is shown as a warning, since a person wrote it.
 */
export async function editApproval(
  parts: Parts,
  decision: DeskDecision,
  approval: Approval,
): Promise<RacedAnswer> {
  const at = parts.clock.now();
  const voter = voterOf(parts, decision.teammate);
  const result = applyClick(standingOf(parts, approval), {
    button: "edit",
    version: decision.version,
    at,
    ...voter,
  });
  if (result.kind === "refused") return refuseClick(parts, decision, result);
  if (decision.edit === null) return refused("The edit was empty. Nothing was changed.");
  if (replyOf(approval.proposal) === null)
    return refused("There is no draft to edit on this card.");
  const edited = await editedProposal(parts, approval, decision.edit);
  if ("answer" in edited) return edited.answer;
  const state = await parts.store.run((transaction) =>
    loadConversation(transaction, approval.conversationId),
  );
  if (state === null) return refused("The conversation is gone.");
  return store(parts, approval, state.conversation, edited, { name: voter.name, at });
}

interface Edited {
  readonly proposal: Proposal;
  readonly rules: readonly Decision[];
  readonly needs: Approvers;
}

async function editedProposal(
  parts: Parts,
  approval: Approval,
  edit: { readonly text: string; readonly amount: string | null },
): Promise<Edited | { readonly answer: DeskAnswer }> {
  if (edit.text.trim() === "") return wrong({ text: "The reply must not be empty." });
  const refund = refundOf(approval.proposal);
  const amended =
    refund === null || edit.amount === null
      ? { refund, decision: null }
      : await amendRefund(parts, approval, refund, edit.amount);
  if ("answer" in amended) return amended;
  const actions = (approval.proposal?.actions ?? []).map((planned, index, all) =>
    planned.action.operation === "refund" && amended.refund !== null
      ? amended.refund
      : index === all.findIndex(({ action }) => action.operation === "reply")
        ? withText(planned, edit.text)
        : planned,
  );
  const rules =
    amended.decision === null
      ? approval.rules
      : approval.rules.map((rule, index) =>
          index === 0 && amended.decision !== null ? amended.decision : rule,
        );
  return {
    proposal: { actions },
    rules,
    needs: needsOf(rules, 1),
  };
}

/** The new amount against the order as it is now and the policy as it is now; each mistake is named at its field. */
async function amendRefund(
  parts: Parts,
  approval: Approval,
  refund: PlannedAction,
  typed: string,
): Promise<
  | { readonly refund: PlannedAction; readonly decision: Decision | null }
  | { readonly answer: DeskAnswer }
> {
  const before = RefundArguments.parse(refund.action.arguments);
  const amount = parseAmount(typed, before.amount.currency);
  if ("reason" in amount) return wrong({ amount: amount.reason });
  if (amount.minor === before.amount.minor) return { refund, decision: null };
  const facts = await freshFacts(parts, before.orderId);
  if ("answer" in facts) return facts;
  const left = facts.paid.minor - facts.refunded.minor;
  if (amount.minor > left)
    return wrong({
      amount: `At most ${formatMoney({ minor: left, currency: amount.currency })} of order ${before.orderId} can be refunded.`,
    });
  const planned: PlannedAction = {
    ...refund,
    action: { ...refund.action, arguments: { ...before, amount } },
    label: refund.label.replace(formatMoney(before.amount), formatMoney(amount)),
    facts: [facts],
  };
  const state = await parts.store.run((transaction) =>
    loadConversation(transaction, approval.conversationId),
  );
  if (state === null) return { answer: refused("The conversation is gone.") };
  const decision = await decideAction(parts, planned, {
    conversation: state.conversation,
    level: IdentityLevel.parse(approval.card.requester.level),
    customerId: facts.customerId,
    topic: "refund",
    earlier: [],
    // The amount is the word of the teammate who edits, not the customer's.
    origin: null,
  });
  if (decision.verdict === "deny") return wrong({ amount: decision.reason });
  // A person is deciding already, so what policy alone would allow still needs this one click.
  return { refund: planned, decision: { ...decision, verdict: "ask", reservations: [] } };
}

async function freshFacts(parts: Parts, orderId: string) {
  try {
    const order = await parts.shop.order(orderId, AbortSignal.timeout(LIMITS.lookupMs));
    return order === null ? wrong({ amount: `Order ${orderId} is gone.` }) : factsOf(order);
  } catch (error) {
    if (!(error instanceof DeskhandError)) throw error;
    return { answer: refused(`The order could not be checked (${reasonOf(error)}). Try again.`) };
  }
}

async function store(
  parts: Parts,
  approval: Approval,
  conversation: Conversation,
  edited: Edited,
  by: { readonly name: string; readonly at: Date },
): Promise<RacedAnswer> {
  const version = approval.version + 1;
  const unusual = await parts.store.run((transaction) =>
    unusualFlag(transaction, largestAmount(edited.proposal.actions), by.at),
  );
  const card = editedCard(parts, approval, conversation, edited, { ...by, version, unusual });
  const saved = await parts.store.run(async (transaction) => {
    const changed = await changeApproval(
      transaction,
      approval,
      {
        version,
        votes: [],
        proposal: edited.proposal,
        rules: [...edited.rules],
        needs: edited.needs,
        seal: sealFor(edited.proposal, approval.revision, edited.rules),
        card,
      },
      by.at,
    );
    if (!changed) return false;
    await appendAudit(
      transaction,
      { kind: "edited", data: { approval: approval.id, version } },
      by.at,
    );
    return true;
  });
  return saved ? accepted("Saved as a new version. It still needs its approval.") : RACED;
}

function editedCard(
  parts: Parts,
  approval: Approval,
  conversation: Conversation,
  { proposal, needs, rules }: Edited,
  by: {
    readonly name: string;
    readonly at: Date;
    readonly version: number;
    readonly unusual: string;
  },
): Card {
  const reply = replyOf(proposal);
  const text = reply === null ? "" : ReplyArguments.parse(reply.action.arguments).text;
  const actions = proposal.actions.filter(({ action }) => action.operation !== "reply");
  const { findings } = parts.output.check(text, {
    // What the draft said was checked against its receipts already; only what the edit adds has to be new to nobody.
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
    escalates: false,
    // Which language to answer in is the teammate's to say.
    language: null,
    forbidden: parts.policy.voiceOf(conversation.channel, conversation.brand).forbidden,
    today: by.at,
  });
  const refund = refundOf(proposal);
  return {
    ...approval.card,
    version: by.version,
    headline:
      refund === null
        ? approval.card.headline
        : approval.card.headline.replace(
            /Refund [\d.]+ [A-Z]{3}/,
            `Refund ${formatMoney(amountOf(refund))}`,
          ),
    changes: [`Edited by ${by.name}. Approvals before the edit do not count.`],
    edits: [
      ...approval.card.edits,
      { by: by.name, lines: [...differenceOf(approval.card.draft?.text ?? "", text).lines] },
    ],
    actions: actions.map(({ label }, index) => ({
      label,
      rule: `${rules[index]?.rule ?? ""}: ${rules[index]?.reason ?? ""}`,
    })),
    draft:
      approval.card.draft === null
        ? null
        : { ...approval.card.draft, text, marks: marksOf(text, findings) },
    flags: flagsAfterEdit(approval.card.flags, findings, by.unusual),
    progress: progressOf(needs, 0, 0),
    confirm:
      refund === null
        ? ""
        : approval.card.confirm.replace(
            /Refund [\d.]+ [A-Z]{3}/,
            `Refund ${formatMoney(amountOf(refund))}`,
          ),
  };
}

function wrong(fieldErrors: DeskAnswer["fieldErrors"]): { readonly answer: DeskAnswer } {
  const [first] = Object.values(fieldErrors);
  return { answer: { accepted: false, message: first ?? "", fieldErrors } };
}

function withText(planned: PlannedAction, text: string): PlannedAction {
  const before = ReplyArguments.parse(planned.action.arguments);
  return { ...planned, action: { ...planned.action, arguments: { ...before, text } } };
}

function replyOf(proposal: Proposal | null): PlannedAction | null {
  return proposal?.actions.find(({ action }) => action.operation === "reply") ?? null;
}

function refundOf(proposal: Proposal | null): PlannedAction | null {
  return proposal?.actions.find(({ action }) => action.operation === "refund") ?? null;
}

function amountOf(refund: PlannedAction): Money {
  return RefundArguments.parse(refund.action.arguments).amount;
}
