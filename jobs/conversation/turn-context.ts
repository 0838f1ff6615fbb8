/**
 * What a turn knows before a model is asked, what its later steps see of it, whom it answers, and the trace it leaves.
 */

import type { GuardVerdict } from "#core/contracts/guard.ts";
import { nowWorkingOn } from "#core/contracts/ports.ts";
import { type BoundRequester, type IdentityEvidence, PROVEN_LEVEL } from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { CoveredConversation, Plan } from "#jobs/plan/plan.ts";
import type { SaidHarmless } from "#store/reports/harmless-texts.ts";
import type { Decision } from "#core/contracts/policy.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import type { ConversationChanges } from "./changes.ts";
import type { ConversationSnapshot } from "./snapshot.ts";

/** What a turn knows before a model is asked. */
export interface TurnContext {
  readonly context: JobContext;
  readonly snapshot: ConversationSnapshot;
  readonly changes: ConversationChanges;
  /** The messages it answers, oldest first: those of other conversations of the case, then its own. */
  readonly unread: readonly Message[];
  /** Where those of other conversations are from. */
  readonly covers: readonly CoveredConversation[];
  /** What was said before in other conversations of the case. */
  readonly earlier: readonly Message[];
  readonly startedAt: Date;
  readonly turnId: string;
  readonly guard: GuardVerdict;
  /** What teammates said to be harmless in its case, as far as it was looked up. */
  readonly saidHarmless: readonly SaidHarmless[];
}

/** The start of a turn over the open messages; `inspect` gives the guard's verdict on those it answers. */
export function newTurnContext(
  context: JobContext,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
  inspect: (unread: readonly Message[]) => GuardVerdict = (unread) => context.guard.inspect(unread),
): TurnContext {
  const unread = newestAuthors(changes.open);
  const turnId = context.ids.next("t");
  nowWorkingOn({ turn: turnId });
  return {
    context,
    snapshot,
    changes,
    unread,
    covers: [],
    earlier: [],
    startedAt: context.clock.now(),
    turnId,
    guard: inspect(unread),
    saidHarmless: [],
  };
}

/**
 * One turn answers one person on one proof: in a shared channel, another asker's messages wait for their own turn, and so
 * do unproven ones beside proven ones, which would take the proof of the turn.
 */
function newestAuthors(open: readonly Message[]): readonly Message[] {
  const newest = open.at(-1);
  return open.filter(
    ({ author, identity }) =>
      author.id === newest?.author.id && isProven(identity) === isProven(newest.identity),
  );
}

const isProven = ({ level }: IdentityEvidence): boolean => level >= PROVEN_LEVEL;

/** What is written in this conversation: people who take it over do not take over what waits elsewhere in the case. */
export function messagesHere({ unread, covers }: Pick<TurnContext, "unread" | "covers">) {
  const elsewhere = new Set(covers.flatMap(({ keys }) => keys));
  return unread.filter(({ key }) => !elsewhere.has(key));
}

/** What the customer wrote, with subjects. */
export function customerText(unread: readonly Message[]): string {
  return unread.map(({ subject, text }) => `${subject}\n${text}`).join("\n");
}

/** A step that adds to a plan after it was made: pure but for the log, and independent of the others. */
export type PlanStep = (
  plan: Plan,
  turn: Pick<TurnContext, "context" | "snapshot" | "changes"> & {
    readonly pastEffects: PastEffects;
  },
) => Plan;

/** What was found for the open messages of one conversation. */
export interface PastEffects {
  /** Messages that were answered, with the reference of the answer. */
  readonly answered: readonly { readonly keys: readonly string[]; readonly ref: string }[];
  /** Why people have to continue with the rest; null when nothing is in the way. */
  readonly toPeople: string | null;
}

// The trace of a turn.

/** One record per turn, also for turns that end before a model is asked. */
export function traceRecord(
  { context, snapshot, turnId, guard, startedAt }: TurnContext,
  recorded: {
    readonly requester: BoundRequester;
    /** Null when no model was asked, such as for a blocked or delicate message. */
    readonly result: TurnResult | null;
    readonly outcome: TurnTrace["outcome"];
    readonly reason: string;
    readonly approvalRequired: boolean;
    readonly rules: readonly Decision[];
  },
): TurnTrace {
  const { result } = recorded;
  const now = context.clock.now();
  return {
    request_id: turnId,
    architecture: "customer-support-agent",
    conversation_id: snapshot.state.conversation.id,
    channel: snapshot.state.conversation.channel,
    model: context.agent.modelName,
    policy_version: context.policy.version,
    outcome: recorded.outcome,
    outcome_reason: recorded.reason,
    identity_level: recorded.requester.level,
    ...(recorded.requester.actingLevel === undefined
      ? {}
      : { identity_acting_level: recorded.requester.actingLevel }),
    identity_reason: recorded.requester.reason,
    guard,
    ...measured(result),
    decisions: [...recorded.rules],
    approval_required: recorded.approvalRequired,
    approval_granted: null,
    escalated_to_human: recorded.outcome === "escalated",
    latency_ms: Math.max(0, now.getTime() - startedAt.getTime()),
    started_at: startedAt.toISOString(),
  };
}

function hasDraft({ ending }: TurnResult): boolean {
  return (
    ending.kind === "reply" ||
    ending.kind === "clarify" ||
    (ending.kind === "escalate" && ending.answer !== undefined)
  );
}

function wantsPerson({ ending }: TurnResult): boolean {
  return ending.kind === "escalate" && ending.wantsPerson === true;
}

/** What the agent measured; zeros for a turn that needed no model. */
function measured(result: TurnResult | null) {
  if (result === null)
    return {
      topic: "",
      confidence: 0,
      tools_called: [],
      steps: 0,
      input_tokens: 0,
      output_tokens: 0,
      cost_usd: 0,
      spans: [],
    };
  return {
    topic: result.topic,
    // Confidence is about a draft: an ending without one has none.
    confidence: hasDraft(result) ? result.confidence : 0,
    tools_called: [...result.toolsCalled],
    steps: result.steps,
    input_tokens: result.inputTokens,
    output_tokens: result.outputTokens,
    cost_usd: result.costUsd,
    spans: [...result.spans],
    ...(wantsPerson(result) ? { asked_for_person: true as const } : {}),
  };
}
