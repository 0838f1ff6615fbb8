/** The trace of a turn that asked a model once. */
import type { TurnTrace } from "#core/values/trace.ts";

const TURN: TurnTrace = {
  request_id: "t_1",
  architecture: "customer-support-agent",
  conversation_id: "c_1",
  channel: "email",
  model: "rehearsal",
  policy_version: "p1",
  outcome: "answered",
  outcome_reason: "approved and sent",
  identity_level: 2,
  identity_reason: "signed",
  guard: { verdict: "allow", reasons: [] },
  topic: "order_status",
  confidence: 1,
  tools_called: ["get_order_status"],
  decisions: [],
  approval_required: true,
  approval_granted: true,
  escalated_to_human: false,
  steps: 1,
  output_tokens: 12,
  input_tokens: 34,
  latency_ms: 56,
  cost_usd: 0,
  started_at: "2026-11-20T08:00:00.000Z",
  spans: [
    {
      name: "chat rehearsal",
      startedAt: "2026-11-20T08:00:00.010Z",
      durationMs: 20,
      attributes: { "gen_ai.operation.name": "chat", "gen_ai.usage.output_tokens": 12, ok: true },
    },
  ],
};

/** The same with these changes. */
export function traceWith(changes: Partial<TurnTrace>): TurnTrace {
  return { ...TURN, ...changes };
}
