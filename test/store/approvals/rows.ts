/** Rows of approvals for tests of the store. */
import type { insertApproval } from "#store/approvals/approvals.ts";
import { refundCard } from "#test/slack/cards/card-samples.ts";
import { later, type StoreBench } from "#test/store/bench.ts";

export type NewApproval = Parameters<typeof insertApproval>[1];

export function rowFor(bench: StoreBench, conversationId: string): NewApproval {
  const id = bench.id("a");
  return {
    id,
    conversationId,
    turnId: bench.id("turn"),
    kind: "proposal",
    version: 1,
    state: "pending",
    proposal: null,
    seal: `seal of ${id}`,
    revision: "r",
    rules: [],
    needs: { count: 2, leads: 1 },
    votes: [],
    expiresAt: later(60_000),
    card: refundCard({ approvalId: id }),
    answers: [],
  };
}
