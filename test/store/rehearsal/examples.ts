/** A rehearsed ticket and figures to vary in tests. */
import type { Comparison, PastTicket, RehearsedTicket } from "#core/values/rehearsal.ts";

/** Nothing differs and everything is known. */
export const SAME: Comparison = {
  sameAction: true,
  sameAmount: true,
  sameOrder: true,
  sameOutcome: true,
  lacks: [],
  contradicts: [],
  wrongActions: [],
  missedActions: [],
};

export function pastTicket(more: Partial<PastTicket> = {}): PastTicket {
  return {
    id: "4711",
    link: "https://shop.zendesk.test/agent/tickets/4711",
    channel: "email",
    brand: "",
    language: "en",
    subject: "Broken lamp",
    customer: "ann@customer.test",
    identity: {
      level: 1,
      method: "claimed",
      reason: "the file names the customer",
      handle: { kind: "email", email: "ann@customer.test" },
    },
    identityAssumed: true,
    messages: [
      {
        by: "customer",
        name: "Ann",
        text: "My lamp of order 789 arrived broken. Please refund it.",
        at: "2026-10-05T10:00:00.000Z",
      },
    ],
    answer: {
      by: "Sam",
      text: "I have refunded 120.00 USD for order 789.",
      at: "2026-10-05T11:00:00.000Z",
    },
    actions: [
      {
        operation: "refund",
        orderId: "789",
        amount: { minor: 12_000, currency: "USD" },
        knownFrom: "ticket",
      },
    ],
    outcome: "answered",
    ...more,
  };
}

export function rehearsedTicket(more: Partial<RehearsedTicket> = {}): RehearsedTicket {
  return {
    ticket: pastTicket(),
    topic: "refund",
    language: "en",
    draft: {
      text: "I have refunded 120.00 USD for order 789.",
      sources: [{ title: "Returns", url: "https://shop.test/help/returns" }],
    },
    outcome: "answered",
    route: "with_person",
    routeReason: "a person approves refunds above 100.00 USD",
    actions: [
      {
        operation: "refund",
        orderId: "789",
        amount: { minor: 12_000, currency: "USD" },
        label: "Refund 120.00 USD, order 789",
        verdict: "ask",
        rule: "refund.large",
        reason: "above 100.00 USD",
      },
    ],
    comparison: SAME,
    moneyAtRisk: [],
    costUsd: 0.02,
    durationMs: 1_200,
    answeredAfterMs: 3_600_000,
    accountData: "today",
    identityLevel: 2,
    identityReason: "the ticket's sender was verified",
    trace: {
      id: "t_1",
      spans: [
        {
          name: "chat",
          startedAt: "2026-11-22T10:00:00.000Z",
          durationMs: 900,
          attributes: { "gen_ai.request.model": "rehearsal" },
        },
      ],
    },
    playedAt: "2026-11-22T10:00:00.000Z",
    ...more,
  };
}
