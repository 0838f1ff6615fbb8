import type { Card } from "#core/desk.ts";

/** A refund somebody has to approve; tests change what they are about. */
export function refundCard(change: Partial<Card> = {}): Card {
  return {
    approvalId: "apr_1",
    version: 1,
    kind: "proposal",
    place: null,
    state: "pending",
    headline: "Refund 120.00 USD and reply · Ann Fields, order 789",
    aside: null,
    closing: "",
    requester: {
      name: "Ann Fields",
      address: "ann@customer.test",
      verification: "DKIM signature of customer.test matches the From address",
      level: 2,
    },
    channel: "email",
    conversationLabel: "conversation c_42",
    asked: "Hello,\nmy headphones broke after a week. Please refund order 789.\n\nAnn",
    changes: [],
    edits: [],
    actions: [
      {
        label: "Refund 120.00 USD to the original payment method, order 789",
        rule: "refund.standard: up to 200.00 USD, one teammate",
      },
    ],
    draft: {
      text: "Hello Ann,\n\nwe have refunded 120.00 USD for your headphones (order 789) to your original payment method.\n\nKind regards\nOurShop support",
      to: "ann@customer.test",
      sources: ["Order 789: delivered 12 days ago", "Refund policy, 30 days"],
      marks: [],
    },
    flags: [],
    progress: "",
    expiresAt: "2026-11-20T16:03:00.000Z",
    buttons: ["approve", "edit", "reject", "escalate"],
    approveLabel: "Approve",
    confirm: "Refund 120.00 USD to Ann Fields for order 789?",
    model: "the rehearsal model",
    traceId: "turn_1",
    ...change,
  };
}
