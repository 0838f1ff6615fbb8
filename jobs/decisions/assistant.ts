/**
 * What an assistant proposes in a teammate's name: a reply, an action or a note. It becomes a card, or the next version of
 * the one that waits, without a vote, and the teammate counts as its author. Nothing here decides, and nothing is sent.
 */
import { z } from "zod";
import type { DeskTeammate } from "#core/contracts/approval-desk.ts";
import type { Decision } from "#core/contracts/policy.ts";
import type { ToolContext, WriteTool } from "#core/contracts/tool.ts";
import { type PlannedAction, type Proposal, isByHand } from "#core/values/action.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import { isHelpdesk, topicOfOperation } from "#core/values/vocabulary.ts";
import { inWords } from "#core/values/words.ts";
import { type Approval, insertApproval, pendingApproval } from "#store/approvals/approvals.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { lockConversation, refreshRevision } from "#store/conversations/conversations.ts";
import { hasUnreadMessage } from "#store/conversations/read-snapshot.ts";
import type { Transaction } from "#store/db/database.ts";
import { effectsUnderWay } from "#store/effects/ledger.ts";
import { isBlank } from "#text/normalize.ts";
import { pressingVoter, recordAuthor } from "#jobs/approval/ballot.ts";
import { actionOnCard, approvalProgress } from "#jobs/approval/card-content.ts";
import { assistantMark, markedPassages } from "#jobs/approval/card-lines.ts";
import { NO_ROLE, RACED } from "#jobs/approval/refusals.ts";
import { bundleApprovers, rulesIn, rulesOfActions, sealFor } from "#jobs/approval/seal.ts";
import { showCardsSoon } from "#jobs/approval/sync-cards.ts";
import { answerAudience } from "#jobs/cases/whole-case.ts";
import { type JobContext, LIMITS } from "#jobs/context/job-context.ts";
import { UNFITTING } from "#jobs/effects/give-up.ts";
import { noteAction } from "#jobs/plan/own-actions.ts";
import { decideAction } from "#jobs/policy/recheck.ts";
import { pressOn } from "./card-press.ts";
import { type EditedProposal, proposedReply, storeEdit, withText } from "./edit.ts";
import { findingsIn, plannedReply, replyCard, signedText } from "./reply.ts";
import { readThread, type Thread } from "./reply-basis.ts";

/** About which case it proposes something, and which version of its waiting card it has read; null where it saw none. */
export interface ProposedFor {
  readonly caseId: string;
  readonly version: number | null;
}

/** What became of a proposal: why nothing did, or the card that waits with it. */
export type ProposalAnswer =
  | { readonly refused: string }
  | { readonly card: string; readonly version: number };

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

/** What the card is to have besides what it has. */
interface Wish {
  /** The reply in the words to be sent; null leaves it as it is. */
  readonly text: string | null;
  readonly added: EditedProposal["decided"];
}

/** A case at one moment, with the card that waits in it. */
interface Standing {
  readonly thread: Thread;
  readonly pending: Approval | null;
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
    const isWriting = thread.state.owner === "bot" && (await hasUnreadMessage(transaction, id));
    return pending === null && isWriting
      ? "Deskhand is drafting an answer to this now. Propose once its card waits."
      : { thread, pending };
  });
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

// What becomes of a wish.

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

/** Where more than one person decides, the one whose assistant proposed it is none of them. */
function withOthers(rule: Decision): Decision {
  const { approvers } = rule;
  return approvers.count < 2 ? rule : { ...rule, approvers: { ...approvers, fourEyes: true } };
}

/** A card that no turn has made. It answers no open message: the bot's own work goes on beside it. */
async function saveNew(
  context: JobContext,
  teammate: DeskTeammate,
  thread: Thread,
  { text: written, added }: Wish,
): Promise<ProposalAnswer | typeof RACED> {
  const at = context.clock.now();
  const text = written === null ? null : signedText(context, thread, written);
  const id = context.ids.next("a");
  const reply = plannedReply(thread, text ?? "", id);
  const sends = await askedOf(context, reply, thread);
  if (typeof sends === "string") return { refused: sends };
  const actions = added.map(({ planned, rule }) => ({ planned, rule: withOthers(rule) }));
  const proposal: Proposal = {
    actions: [...actions.map(({ planned }) => planned), ...(text === null ? [] : [reply])],
  };
  const barrier = whyNotRun(thread, proposal);
  if (barrier !== null) return { refused: barrier };
  const rules = rulesIn({ actions, reply: sends });
  const needs = bundleApprovers(rules, 1);
  const expiresAt = context.policy.expiresAt(at);
  const findings = text === null ? [] : findingsIn(context, thread, text);
  const shown = replyCard(context, thread, text ?? "", findings);
  const mark = assistantMark(teammate.name);
  const card = {
    ...shown,
    approvalId: id,
    kind: "proposal" as const,
    state: "pending" as const,
    ...(text === null
      ? {
          draft: null,
          headline: actions
            .map(({ planned }) => planned.label)
            .join(" · ")
            .slice(0, 300),
        }
      : {
          draft: { text, to: thread.to.label, sources: [], marks: markedPassages(text, findings) },
        }),
    actions: actions.map(({ planned, rule }) => actionOnCard(planned, rule)),
    flags: [{ text: mark, about: "other" as const }, ...shown.flags],
    progress: approvalProgress(needs, 0, 0),
    expiresAt: expiresAt.toISOString(),
    buttons: ["approve" as const, "edit" as const, "reject" as const],
    approveLabel: actions.length === 0 ? "Send" : "Approve",
    traceId: id,
  };
  const { id: conversationId } = thread.state.conversation;
  const isNew = await context.store.run(async (transaction) => {
    await lockConversation(transaction, conversationId);
    if ((await pendingApproval(transaction, conversationId)) !== null) return false;
    const revision = await refreshRevision(transaction, conversationId);
    // The case was read before: whoever wrote since is answered by what was read of them.
    if (revision !== thread.state.revision) return false;
    const seal = sealFor(proposal, revision, rules);
    const row = {
      id,
      conversationId,
      turnId: id,
      kind: "proposal",
      version: 1,
      state: "pending",
    } as const;
    const decision = { proposal, revision, rules: [...rules], seal, needs, votes: [], answers: [] };
    await insertApproval(transaction, { ...row, ...decision, card, expiresAt }, at);
    await recordProposal(context, transaction, { id, seal, teammate, at });
    return true;
  });
  return isNew ? { card: id, version: 1 } : RACED;
}

async function recordProposal(
  context: JobContext,
  transaction: Transaction,
  {
    id,
    seal,
    teammate,
    at,
  }: {
    readonly id: string;
    readonly seal: string;
    readonly teammate: DeskTeammate;
    readonly at: Date;
  },
): Promise<void> {
  const data = { approval: id, version: 1, seal, kind: "proposal", by: "assistant" };
  await appendAudit(transaction, { kind: "asked", data }, at);
  const made = { part: "edited", approval: id, version: 1, teammate, at } as const;
  await recordAuthor(context, transaction, made);
}

/** Actions of a card are carried out while the bot has the conversation; a text goes out in any case. */
function whyNotRun({ state: { owner } }: Thread, proposal: Proposal): string | null {
  return owner === "bot" || isByHand(proposal)
    ? null
    : "People have this case, and what a card proposes is carried out only while Deskhand has it. They do it themselves, or give the case back first.";
}

// The decision of the policy, and what is added to a card.

/** The policy's decision, by which a person is asked in any case; the reason where it says no. */
async function askedOf(
  context: JobContext,
  planned: PlannedAction,
  { state: { conversation }, asked }: Thread,
  more: {
    readonly requester?: BoundRequester;
    readonly unproven?: NonNullable<Parameters<typeof decideAction>[2]["origin"]>["unproven"];
    readonly earlier?: Parameters<typeof decideAction>[2]["earlier"];
  } = {},
): Promise<Decision | string> {
  const { requester, unproven, earlier = [] } = more;
  const { operation } = planned.action;
  const decision = await decideAction(context, planned, {
    conversation,
    level: requester?.level ?? asked.identity.level,
    actingLevel: requester?.actingLevel,
    customerId: requester?.customerId ?? null,
    topic: topicOfOperation(operation),
    // No sentence of the customer's is looked for: an assistant may have read anything.
    origin: unproven === undefined ? null : { asked: false, unproven },
    earlier,
  });
  if (decision.verdict === "deny") return decision.reason;
  return withOthers(decision.verdict === "allow" ? { ...decision, verdict: "ask" } : decision);
}

/** A note in the ticket where people work; elsewhere there is no place for one that a card could write to. */
async function wishedNote(
  context: JobContext,
  { name }: DeskTeammate,
  { thread }: Standing,
  text: string,
): Promise<Wish | string> {
  const { conversation } = thread.state;
  const ticket = isHelpdesk(conversation.channel) ? conversation : thread.ticket;
  if (isBlank(text)) return "The note must not be empty.";
  if (ticket === null || context.targets.get(ticket.channel)?.supports.includes("note") !== true)
    return "This case has no ticket, so there is no place for a note. A teammate can write one in the console.";
  const words = `${assistantMark(name)}, and approved on its card:\n\n${text}`;
  const planned = {
    ...noteAction(ticket, words, context.ids.next("note")),
    label: noteLabel(text),
  };
  const rule = await askedOf(context, planned, thread);
  return typeof rule === "string" ? rule : { text: null, added: [{ planned, rule }] };
}

/** All of a note is on the card, since it is approved there. */
function noteLabel(text: string): string {
  return `Internal note: “${text}”`;
}

/** Proposes as the bot's tool does: it reads the records, and refuses what is another customer's. */
async function wishedAction(
  context: JobContext,
  tools: AssistantDesk["operations"],
  standing: Standing,
  wished: { readonly operation: string; readonly input: unknown },
): Promise<Wish | string> {
  const tool = tools.find(({ operation }) => operation === wished.operation);
  if (tool === undefined)
    return `There is no such operation. There are: ${tools.map(({ operation }) => operation).join(", ")}.`;
  const input = tool.input.safeParse(wished.input);
  if (!input.success)
    return `The input does not fit: ${z.prettifyError(input.error).slice(0, 600)}`;
  try {
    const { identity } = standing.thread.asked;
    const requester = await context.bind(identity, AbortSignal.timeout(LIMITS.lookupMs));
    return await plannedAction(context, tool, { ...standing, requester, input: input.data });
  } catch (error) {
    if (!(error instanceof DeskhandError)) throw error;
    return `The records cannot be read now (${reasonOf(error)}). Nothing was changed; try again.`;
  }
}

async function plannedAction(
  context: JobContext,
  tool: WriteTool,
  given: Standing & { readonly requester: BoundRequester; readonly input: unknown },
): Promise<Wish | string> {
  const { requester, thread, pending } = given;
  const proven = Math.min(requester.level, pending?.card.requester.level ?? requester.level);
  if (proven < tool.minimumLevel)
    return "The customer has not proven who they are, so nothing of an account can be proposed.";
  const proposed = await tool.propose(given.input, toolContext(thread, requester));
  if (proposed.kind === "impossible") return proposed.reason;
  const { planned, unproven } = proposed;
  const mask = (words: string): string => context.guard.mask(words).slice(0, WORDS_MAX);
  const rule = await askedOf(context, planned, thread, {
    requester,
    unproven: unproven.map((one) => ({ ...one, words: mask(one.words) })),
    earlier: pending?.rules.flatMap(({ reservations }) => reservations) ?? [],
  });
  return typeof rule === "string" ? rule : { text: null, added: [{ planned, rule }] };
}

const WORDS_MAX = 500;

/** What the bot's tool knows of the customer whom the card would answer: their newest message alone. */
function toolContext(
  { state: { conversation }, asked }: Thread,
  requester: BoundRequester,
): ToolContext {
  const { id, brand, subject } = conversation;
  return {
    conversationId: id,
    requester,
    audience: answerAudience([asked], requester),
    answers: [asked.key],
    asked: asked.text,
    ownWords: asked.text,
    claimedAddress: null,
    subject,
    brand,
    openMatters: async () => [],
    signal: AbortSignal.timeout(LIMITS.lookupMs),
  };
}
