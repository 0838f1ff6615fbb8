/** A full week's figures, as a busy team would have them. */
import { type Compared, type Metrics, metricsOf } from "#jobs/reports/metrics.ts";
import type { MetricRows } from "#store/reports/metric-rows.ts";

const MINUTE = 60_000;

function times(count: number, stepMs: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => (index + 1) * stepMs);
}

function repeat<Row>(count: number, row: Row): readonly Row[] {
  return Array.from({ length: count }, () => row);
}

/** A time in which nothing happened. */
const NO_ROWS: MetricRows = {
  received: [],
  ended: [],
  thanks: 0,
  firstReplies: [],
  drafts: [],
  decisions: [],
  expired: 0,
  refunds: [],
  unknownEffects: 0,
  handovers: [],
  escalations: [],
  ratings: [],
  solved: [],
  resolved: [],
  cost: { usd: 0, unpriced: 0 },
  searches: [],
};

function figures(rows: Partial<MetricRows>): Metrics {
  return metricsOf(
    { ...NO_ROWS, ...rows },
    { shiftsAt: (at) => [at.getUTCHours() < 12 ? "early" : "late"], scoreMin: 0.35 },
  );
}

const asked = (hour: number): Date =>
  new Date(`2026-11-10T${String(hour).padStart(2, "0")}:00:00Z`);

const NOW = figures({
  received: [
    { channel: "email", count: 118 },
    { channel: "chat", count: 64 },
    { channel: "zendesk", count: 31 },
  ],
  ended: [
    { channel: "email", outcome: "answered", count: 97 },
    { channel: "email", outcome: "escalated", count: 14 },
    { channel: "chat", outcome: "answered", count: 55 },
    { channel: "chat", outcome: "escalated", count: 9 },
    { channel: "zendesk", outcome: "answered", count: 30 },
  ],
  firstReplies: times(100, 90_000),
  expired: 2,
  drafts: [
    ...repeat(31, { topic: "order_status", fate: "untouched" } as const),
    ...repeat(6, { topic: "order_status", fate: "edited" } as const),
    ...repeat(12, { topic: "refund", fate: "untouched" } as const),
    ...repeat(3, { topic: "refund", fate: "rejected" } as const),
  ],
  decisions: [
    ...times(20, MINUTE).map((ms) => ({
      askedAt: asked(9),
      decidedAt: new Date(asked(9).getTime() + ms),
    })),
    ...times(20, 4 * MINUTE).map((ms) => ({
      askedAt: asked(15),
      decidedAt: new Date(asked(15).getTime() + ms),
    })),
  ],
  refunds: [
    ...repeat(7, { by: "policy", amount: { minor: 850, currency: "USD" } } as const),
    ...repeat(11, { by: "person", amount: { minor: 6_400, currency: "USD" } } as const),
  ],
  handovers: [...repeat(20, { taken: true }), ...repeat(3, { taken: false })],
  escalations: [
    { conversationId: "c1", channel: "chat", reason: "The customer asks for a person." },
    { conversationId: "c2", channel: "email", reason: "The customer asks for a person." },
  ],
  ratings: [
    ...repeat(18, { by: "bot", score: "good" } as const),
    ...repeat(2, { by: "bot", score: "bad" } as const),
    ...repeat(5, { by: "person", score: "good" } as const),
  ],
  solved: [
    ...repeat(38, { by: "bot", reopened: false } as const),
    ...repeat(2, { by: "bot", reopened: true } as const),
    ...repeat(10, { by: "person", reopened: false } as const),
  ],
  resolved: repeat(121, { durable: true }),
  cost: { usd: 3.14, unpriced: 0 },
  searches: [
    "gift wrapping <!channel> *now* <https://evil.test|here>",
    "engraving on rings",
    "do you ship to Norway",
    "store in Bremen",
    "recycling of old headphones and what it costs to send them back",
  ].map((query, index) => ({ turnId: String(index), query, bestScore: 0.1 })),
});

const BEFORE = figures({
  received: [
    { channel: "email", count: 102 },
    { channel: "chat", count: 71 },
  ],
  ended: [
    { channel: "email", outcome: "answered", count: 88 },
    { channel: "chat", outcome: "answered", count: 60 },
    { channel: "chat", outcome: "escalated", count: 11 },
  ],
  firstReplies: times(80, 2 * MINUTE),
  drafts: [
    ...repeat(25, { topic: "order_status", fate: "untouched" } as const),
    ...repeat(9, { topic: "order_status", fate: "edited" } as const),
    ...repeat(4, { topic: "refund", fate: "untouched" } as const),
  ],
  decisions: times(20, 2 * MINUTE).map((ms) => ({
    askedAt: asked(9),
    decidedAt: new Date(asked(9).getTime() + ms),
  })),
  refunds: [...repeat(4, { by: "policy", amount: { minor: 700, currency: "USD" } } as const)],
  handovers: [...repeat(14, { taken: true })],
  ratings: repeat(9, { by: "bot", score: "good" } as const),
  solved: repeat(30, { by: "bot", reopened: false } as const),
  resolved: repeat(98, { durable: true }),
  cost: { usd: 2.9, unpriced: 0 },
});

const day = (iso: string): Date => new Date(`${iso}T00:00:00Z`);

export const BUSY_WEEK: Compared = {
  days: { from: day("2026-11-09"), to: day("2026-11-16"), first: "2026-11-09", last: "2026-11-15" },
  held: { from: day("2026-11-02"), to: day("2026-11-09"), first: "2026-11-02", last: "2026-11-08" },
  now: NOW,
  before: BEFORE,
};
