/** The card that an assistant's proposal waits on: a new one, or the next version of the one that waits. */
import { type Card, type DeskTeammate, plainFlag } from "#core/contracts/approval-desk.ts";
import type { Decision } from "#core/contracts/policy.ts";
import { excerpt } from "#core/values/words.ts";
import { type Proposal, isByHand } from "#core/values/action.ts";
import { type Approval, insertApproval, pendingApproval } from "#store/approvals/approvals.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { lockConversation, refreshRevision } from "#store/conversations/conversations.ts";
import { recordAuthor } from "#jobs/approval/ballot.ts";
import { actionOnCard, approvalProgress, confirmActions } from "#jobs/approval/card-content.ts";
import { assistantMark } from "#jobs/approval/card-lines.ts";
import { RACED } from "#jobs/approval/refusals.ts";
import { bundleApprovers, rulesIn, rulesOfActions, sealFor } from "#jobs/approval/seal.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { UNFITTING } from "#jobs/effects/give-up.ts";
import { askedOf, type Standing, type Wish, withOthers } from "./assistant-wishes.ts";
import { type EditedProposal, proposedReply, storeEdit, withText } from "./edited-version.ts";
import { findingsIn, plannedReply, replyCard, signedText } from "./reply.ts";
import type { Thread } from "./reply-basis.ts";

/** What became of a proposal: why nothing did, or the card that waits with it. */
export type ProposalAnswer =
  | { readonly refused: string }
  | { readonly card: string; readonly version: number };

/** Saves it; `raced` where a person was faster. */
export async function saveWish(
  context: JobContext,
  teammate: DeskTeammate,
  { thread, pending }: Standing,
  wish: Wish,
): Promise<ProposalAnswer | typeof RACED> {
  if (pending === null) return saveNew(context, teammate, thread, wish);
  const edited = changedProposal(thread, pending, wish, context.ids.next("reply"));
  if (typeof edited === "string") return { refused: edited };
  const barrier = whyNotRun(thread, edited.proposal);
  if (barrier !== null) return { refused: barrier };
  const by = { teammate, at: context.clock.now(), mark: assistantMark(teammate.name) };
  const { conversation } = thread.state;
  const saved = await storeEdit(context, pending, conversation, edited, by);
  if (saved === RACED) return RACED;
  return saved.accepted
    ? { card: pending.id, version: pending.version + 1 }
    : { refused: saved.message };
}

/** Actions come before the reply that tells of them; what stands on the card stays. */
function changedProposal(
  thread: Thread,
  { proposal, rules }: Approval,
  { text, added }: Wish,
  place: string,
): EditedProposal | string {
  const bound = proposal === null ? null : rulesOfActions(proposal, rules);
  if (proposal === null || bound === null) return `This card cannot be changed: ${UNFITTING}.`;
  const keys = new Set(proposal.actions.map(({ key }) => key));
  if (added.some(({ planned }) => keys.has(planned.key))) return "This card proposes that already.";
  // Each action rests on its order as it is now, so one of them would stop the other.
  const orders = new Set(proposal.actions.flatMap(({ facts }) => facts.map((one) => one.orderId)));
  const both = added.flatMap(({ planned }) => planned.facts).find((one) => orders.has(one.orderId));
  if (both !== undefined)
    return `This card changes order ${both.orderId} already. Decide on that first.`;
  const reply = proposedReply(proposal);
  const replies = proposal.actions
    .filter(({ action }) => action.operation === "reply")
    .map((one) => (one === reply && text !== null ? withText(one, text) : one));
  const first = reply === null && text !== null ? [plannedReply(thread, text, place)] : [];
  const decided = [...bound.actions, ...added];
  const actions = [...decided.map(({ planned }) => planned), ...first, ...replies];
  if (actions.length > ACTIONS_MAX) return "That is too much for one card.";
  return {
    proposal: { actions },
    rules: rulesIn({ actions: decided, reply: bound.reply }).map(withOthers),
    decided: decided.map(({ planned, rule }) => ({ planned, rule: withOthers(rule) })),
  };
}

const ACTIONS_MAX = 10;

// A card that no turn has made. It answers no open message: the bot's own work goes on beside it.

/** What a new card proposes, with the decisions on it; null for the text of a card without a reply. */
interface NewProposal {
  readonly id: string;
  readonly text: string | null;
  readonly actions: EditedProposal["decided"];
  readonly proposal: Proposal;
  readonly rules: readonly Decision[];
}

async function saveNew(
  context: JobContext,
  teammate: DeskTeammate,
  thread: Thread,
  wish: Wish,
): Promise<ProposalAnswer | typeof RACED> {
  const made = await newProposal(context, thread, wish);
  if (typeof made === "string") return { refused: made };
  const { id, proposal, rules } = made;
  const at = context.clock.now();
  const expiresAt = context.policy.expiresAt(at);
  const card = newCard(context, thread, made, { mark: assistantMark(teammate.name), expiresAt });
  const { id: conversationId } = thread.state.conversation;
  const isNew = await context.store.run(async (transaction) => {
    await lockConversation(transaction, conversationId);
    if ((await pendingApproval(transaction, conversationId)) !== null) return false;
    const revision = await refreshRevision(transaction, conversationId);
    // More was said since the case was read.
    if (revision !== thread.state.revision) return false;
    const seal = sealFor(proposal, revision, rules);
    const row = {
      id,
      conversationId,
      turnId: id,
      kind: "proposal",
      version: 1,
      state: "pending",
      proposal,
      revision,
      rules: [...rules],
      needs: bundleApprovers(rules, 1),
      seal,
      card,
      votes: [],
      expiresAt,
      answers: [],
    } satisfies Parameters<typeof insertApproval>[1];
    await insertApproval(transaction, row, at);
    const data = { approval: id, version: 1, seal, kind: "proposal", by: "assistant" };
    await appendAudit(transaction, { kind: "asked", data }, at);
    const author = { part: "edited", approval: id, version: 1, teammate, at } as const;
    await recordAuthor(context, transaction, author);
    return true;
  });
  return isNew ? { card: id, version: 1 } : RACED;
}

async function newProposal(
  context: JobContext,
  thread: Thread,
  { text: written, added: actions }: Wish,
): Promise<NewProposal | string> {
  const id = context.ids.next("a");
  const text = written === null ? null : signedText(context, thread, written);
  const reply = plannedReply(thread, text ?? "", id);
  const sends = await askedOf(context, reply, thread);
  if (typeof sends === "string") return sends;
  const planned = [...actions.map((one) => one.planned), ...(text === null ? [] : [reply])];
  const proposal = { actions: planned };
  const rules = rulesIn({ actions, reply: sends });
  return whyNotRun(thread, proposal) ?? { id, text, actions, proposal, rules };
}

function newCard(
  context: JobContext,
  thread: Thread,
  { id, text, actions, rules }: NewProposal,
  { mark, expiresAt }: { readonly mark: string; readonly expiresAt: Date },
): Card {
  const findings = text === null ? [] : findingsIn(context, thread, text);
  const shown = replyCard(context, thread, text ?? "", findings);
  const labels = actions.map(({ planned }) => planned.label).join(" · ");
  const isReply = text !== null;
  return {
    ...shown,
    approvalId: id,
    kind: "proposal",
    state: "pending",
    headline: isReply ? shown.headline : excerpt(labels, HEADLINE_MAX),
    draft: isReply ? shown.draft : null,
    actions: actions.map(({ planned, rule }) => actionOnCard(planned, rule)),
    flags: [plainFlag(mark), ...shown.flags],
    progress: approvalProgress(bundleApprovers(rules, 1), 0, 0),
    expiresAt: expiresAt.toISOString(),
    buttons: isReply ? ["approve", "edit", "reject"] : ["approve", "reject"],
    confirm: confirmActions(
      actions.map(({ planned }) => planned.label),
      shown.requester.name,
    ),
    approveLabel: actions.length === 0 ? "Send" : "Approve",
    traceId: id,
  };
}

const HEADLINE_MAX = 200;

/** Actions of a card are carried out while the bot has the conversation; a text goes out in any case. */
function whyNotRun({ state: { owner } }: Thread, proposal: Proposal): string | null {
  return owner === "bot" || isByHand(proposal)
    ? null
    : "People have this case, and what a card proposes is carried out only while Deskhand has it. They do it themselves, or give the case back first.";
}
