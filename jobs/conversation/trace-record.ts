/** Builds the trace of a turn. */

import type { GuardVerdict } from "#core/contracts/guard.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import type { Decision } from "#core/contracts/policy.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { ConversationSnapshot } from "./snapshot.ts";

/** What a trace says besides what the agent measured. */
export interface TraceRecord {
  readonly turnId: string;
  readonly snapshot: ConversationSnapshot;
  readonly requester: BoundRequester;
  readonly guard: GuardVerdict;
  readonly startedAt: Date;
  readonly outcome: TurnTrace["outcome"];
  readonly reason: string;
  readonly approvalRequired: boolean;
  readonly escalated: boolean;
  readonly rules: readonly Decision[];
  /** Null when no model was asked, such as for a blocked or delicate message. */
  readonly result: TurnResult | null;
}

/** One record per turn, also for turns that end before a model is asked. */
export function traceRecord(
  context: Pick<JobContext, "agent" | "policy" | "clock">,
  recorded: TraceRecord,
): TurnTrace {
  const { result, snapshot } = recorded;
  const now = context.clock.now();
  return {
    request_id: recorded.turnId,
    architecture: "customer-support-agent",
    conversation_id: snapshot.state.conversation.id,
    channel: snapshot.state.conversation.channel,
    model: context.agent.modelName,
    policy_version: context.policy.version,
    outcome: recorded.outcome,
    outcome_reason: recorded.reason,
    identity_level: recorded.requester.level,
    identity_reason: recorded.requester.reason,
    guard: recorded.guard,
    ...measured(result),
    decisions: [...recorded.rules],
    approval_required: recorded.approvalRequired,
    approval_granted: null,
    escalated_to_human: recorded.escalated,
    latency_ms: Math.max(0, now.getTime() - recorded.startedAt.getTime()),
    started_at: recorded.startedAt.toISOString(),
  };
}

function hasDraft({ ending }: TurnResult): boolean {
  return (
    ending.kind === "reply" ||
    ending.kind === "clarify" ||
    (ending.kind === "escalate" && ending.answer !== undefined)
  );
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
  };
}
