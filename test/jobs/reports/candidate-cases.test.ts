import assert from "node:assert/strict";
import { test } from "node:test";
import { caseOfConversation } from "#jobs/reports/candidate-cases.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import { traceWith } from "#test/support/fixtures/traces.ts";

function candidateAfter(turn: Partial<TurnTrace>): string {
  return caseOfConversation({
    conversationId: "c_1",
    channel: "email",
    reason: "solved",
    rating: null,
    comment: "",
    answeredBy: "person",
    messages: [],
    lastTurn: traceWith({
      request_id: "t_1",
      conversation_id: "c_1",
      outcome: "escalated",
      escalated_to_human: true,
      ...turn,
    }),
    effects: [],
    cards: [],
  });
}

test("a turn that was handed over for a delicate topic is expected to be, whatever its reason says", () => {
  assert.match(candidateAfter({ delicate: "legal" }), /expected_outcome: delicate/);
  assert.match(candidateAfter({ outcome_reason: "legal" }), /expected_outcome: escalate/);
});
