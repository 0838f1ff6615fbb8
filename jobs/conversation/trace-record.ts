/** Builds the trace of a turn. */

import type { BoundRequester } from "#core/values/identity.ts";
import type { Decision } from "#core/contracts/policy.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import type { TurnContext } from "./turn-context.ts";

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
