/**
 * What an assistant proposes in a teammate's name: a reply, an action or a note. It becomes a card, or the next version of
 * the one that waits, without a vote, and the teammate counts as its author. Nothing here decides, and nothing is sent.
 */
import { type DeskTeammate, type Card, plainFlag } from "#core/contracts/approval-desk.ts";
import type { WriteTool } from "#core/contracts/tool.ts";
import { reasonOf } from "#core/values/errors.ts";
import { isFromRequester } from "#core/values/message.ts";
import { inWords, excerpt } from "#core/values/words.ts";
import { pendingApproval, type Approval, insertApproval } from "#store/approvals/approvals.ts";
import { hasUnreadMessage } from "#store/conversations/read-snapshot.ts";
import { messagesOfCase } from "#store/console/case.ts";
import type { Transaction } from "#store/db/database.ts";
import { effectsUnderWay } from "#store/effects/ledger.ts";
import { isBlank } from "#text/normalize.ts";
import { pressingVoter, recordAuthor } from "#jobs/approval/ballot.ts";
import { NO_ROLE, RACED } from "#jobs/approval/refusals.ts";
import { showCardsSoon } from "#jobs/approval/sync-cards.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { Decision } from "#core/contracts/policy.ts";
import { type Proposal, isByHand } from "#core/values/action.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { lockConversation, refreshRevision } from "#store/conversations/conversations.ts";
import { actionOnCard, approvalProgress, confirmActions } from "#jobs/approval/card-content.ts";
import { assistantMark } from "#jobs/approval/card-lines.ts";
import { bundleApprovers, rulesIn, rulesOfActions, sealFor } from "#jobs/approval/seal.ts";
import { tellCardMade } from "#jobs/webhooks/events.ts";
import { UNFITTING } from "#jobs/effects/give-up.ts";
import {
  type Standing,
  type Wish,
  wishedAction,
  wishedNote,
  askedOf,
  withOthers,
} from "./assistant-wishes.ts";
import { pressOn } from "./card-press.ts";
import { readThread, type Thread } from "./reply-basis.ts";
import { type EditedProposal, proposedReply, storeEdit, withText } from "./edited-version.ts";
import { findingsIn, plannedReply, replyCard, signedText } from "./reply.ts";

/** About which case it proposes something, and which version of its waiting card it has read; null where it saw none. */
export interface ProposedFor {
  readonly caseId: string;
  readonly version: number | null;
}

/** The three things an assistant may propose. None of them throws for what a person has to be told. */
export interface AssistantDesk {
  draftReply(who: DeskTeammate, about: ProposedFor, text: string): Promise<ProposalAnswer>;
  addNote(who: DeskTeammate, about: ProposedFor, text: string): Promise<ProposalAnswer>;
  proposeAction(
    who: DeskTeammate,
    about: ProposedFor,
    wished: { readonly operation: string; readonly input: unknown },
  ): Promise<ProposalAnswer>;
  /** What may be proposed, for people to choose from. */
  readonly operations: readonly WriteTool[];
}

/** `tools` are those of the bot; of them an assistant may propose what rests on the account of a proven customer. */
export function assistantDesk(context: JobContext, tools: readonly WriteTool[]): AssistantDesk {
  const operations = tools.filter(({ accountData }) => accountData);
  return {
    operations,
    draftReply: (who, about, text) =>
      propose(context, who, about, async () =>
        isBlank(text) ? "The reply must not be empty." : { text, added: [] },
      ),
    addNote: (who, about, text) =>
      propose(context, who, about, (standing) => wishedNote(context, who, standing, text)),
    proposeAction: (who, about, wished) =>
      propose(context, who, about, (standing) =>
        wishedAction(context, operations, standing, wished),
      ),
  };
}

type Make = (standing: Standing) => Promise<Wish | string>;

/** A lost race is one look more: a person's press or edit comes first. */
const LOOKS_MAX = 3;

async function propose(
  context: JobContext,
  who: DeskTeammate,
  about: ProposedFor,
  make: Make,
): Promise<ProposalAnswer> {
  if (pressingVoter(context, who).role === null) return { refused: NO_ROLE };
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    const standing = await readStanding(context, about);
    if (typeof standing === "string") return { refused: standing };
    const barrier = await whyNotThisCard(context, who, standing, about.version);
    if (barrier !== null) return { refused: barrier };
    const wish = await make(standing);
    if (typeof wish === "string") return { refused: wish };
    const saved = await saveWish(context, who, standing, wish);
    if (saved === RACED) continue;
    if ("card" in saved) await showCardsSoon(context).catch(logged(context));
    return saved;
  }
  return { refused: "Others change this card at the same moment. Read it again, then propose." };
}

/** It waits in any case; it shows later. */
function logged({ log }: Pick<JobContext, "log">) {
  return (error: unknown): void => log.warn("a card shows later", { reason: reasonOf(error) });
}

/** What there is, or why nothing can be proposed about this case now. */
async function readStanding(
  context: JobContext,
  { caseId }: ProposedFor,
): Promise<Standing | string> {
  return context.store.run(async (transaction) => {
    const thread = await readThread(context, transaction, caseId);
    if (typeof thread === "string") return thread;
    const running = await effectsUnderWay(transaction, thread.members);
    if (running.length > 0)
      return `Under way in this case: ${running.map(({ operation }) => inWords(operation)).join(", ")}. Wait until it is done, or a person takes it back.`;
    const { id } = thread.state.conversation;
    const pending = await pendingApproval(transaction, id);
    return pending === null && (await isBotAt(transaction, thread))
      ? "Deskhand is drafting an answer to this now. Propose once its card waits."
      : { thread, pending };
  });
}

const NEWEST = 20;

/** True while the bot has something here that it has not read, or not answered: its own card follows. */
async function isBotAt(transaction: Transaction, { state }: Thread): Promise<boolean> {
  const { id } = state.conversation;
  if (state.owner !== "bot") return false;
  if (await hasUnreadMessage(transaction, id)) return true;
  const { messages } = await messagesOfCase(transaction, [id], { before: null, most: NEWEST });
  return messages.some(
    ({ message, outcome }) =>
      isFromRequester(message) && message.ignore === null && outcome === null,
  );
}

/** Why this card is not changed: it was not read as it is, it is over, or a person is at it. */
async function whyNotThisCard(
  context: JobContext,
  who: DeskTeammate,
  { pending }: Standing,
  version: number | null,
): Promise<string | null> {
  if (pending === null)
    return version === null ? null : "No card waits in this case any more. Read it again.";
  if (version !== pending.version)
    return `A card waits in this case, as version ${pending.version}. Read it, then propose with that version.`;
  const asked = { approvalId: pending.id, version, teammate: who };
  const press = await pressOn(context, asked, pending, { meaning: "none" });
  if ("answer" in press) return press.answer.message;
  if (pending.kind !== "proposal" || pending.proposal === null)
    return "The guard holds this message back, so a person looks at it first.";
  const { claim } = pending;
  return claim === null || claim.voter === press.voter.voter
    ? null
    : `${claim.name} is at this card. Ask them first.`;
}

// The card: a new one, or the next version of the one that waits.

/** What became of a proposal: why nothing did, or the card that waits with it. */
export type ProposalAnswer =
  | { readonly refused: string }
  | { readonly card: string; readonly version: number };

/** Saves it; `raced` where a person was faster. */
async function saveWish(
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
    await tellCardMade(context, transaction, row, at);
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
  const findings = text === null ? [] : findingsIn(context, thread, text, null);
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
