/** What an assistant wishes to see on a card, read from the records and decided on by the policy as the bot's own. */
import { z } from "zod";
import type { DeskTeammate } from "#core/contracts/approval-desk.ts";
import type { Decision } from "#core/contracts/policy.ts";
import type { ToolContext, WriteTool } from "#core/contracts/tool.ts";
import type { PlannedAction } from "#core/values/action.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import { isHelpdesk } from "#core/values/vocabulary.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import { isBlank } from "#text/normalize.ts";
import { assistantMark } from "#jobs/approval/card-lines.ts";
import { answerAudience } from "#jobs/cases/whole-case.ts";
import { type JobContext, LIMITS } from "#jobs/context/job-context.ts";
import { noteAction } from "#jobs/plan/own-actions.ts";
import { decideAction } from "#jobs/policy/recheck.ts";
import type { EditedProposal } from "./edited-version.ts";
import type { Thread } from "./reply-basis.ts";

/** What the card is to have besides what it has. */
export interface Wish {
  /** The reply in the words to be sent; null leaves it as it is. */
  readonly text: string | null;
  readonly added: EditedProposal["decided"];
}

/** A case at one moment, with the card that waits in it. */
export interface Standing {
  readonly thread: Thread;
  readonly pending: Approval | null;
}

/** Where more than one person decides, the one whose assistant proposed it is none of them. */
export function withOthers(rule: Decision): Decision {
  const { approvers } = rule;
  return approvers.count < 2 ? rule : { ...rule, approvers: { ...approvers, fourEyes: true } };
}

/** The policy's decision, by which a person is asked in any case; the reason where it says no. */
export async function askedOf(
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
  const decision = await decideAction(context, planned, {
    conversation,
    level: requester?.level ?? asked.identity.level,
    actingLevel: requester?.actingLevel,
    customerId: requester?.customerId ?? null,
    // A topic is what a turn finds, and none has made this.
    topic: "",
    // No sentence of the customer's is looked for: an assistant may have read anything.
    origin: unproven === undefined ? null : { asked: false, unproven },
    earlier,
  });
  if (decision.verdict === "deny") return decision.reason;
  return withOthers(decision.verdict === "allow" ? { ...decision, verdict: "ask" } : decision);
}

/** A note in the ticket where people work; elsewhere there is no place for one that a card could write to. */
export async function wishedNote(
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
    // All of it is on the card, since it is approved there.
    label: `Internal note: “${text}”`,
  };
  const rule = await askedOf(context, planned, thread);
  return typeof rule === "string" ? rule : { text: null, added: [{ planned, rule }] };
}

/** Proposes as the bot's tool does: it reads the records, and refuses what is another customer's. */
export async function wishedAction(
  context: JobContext,
  tools: readonly WriteTool[],
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
