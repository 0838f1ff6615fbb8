/** A full week's figures, as a busy team would have them. */
import { type Compared, type Metrics, computedMetrics } from "#jobs/reports/metrics.ts";
import type { FigureCount } from "#store/reports/counted-rows.ts";
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
  messages: [],
  thanks: 0,
  firstReplies: [],
  drafts: [],
  decisions: [],
  expired: 0,
  refunds: [],
  unknownEffects: 0,
  handovers: [],
  personRequests: [],
  ratings: [],
  solved: [],
  matters: [],
  cost: [],
  searches: [],
};

function figures(rows: Partial<MetricRows>): Metrics {
  return computedMetrics(
    { ...NO_ROWS, ...rows },
    { shiftsAt: (at) => [at.getUTCHours() < 12 ? "early" : "late"], scoreMin: 0.35 },
  );
}

const count = (name: FigureCount["name"], group: string, count: number): FigureCount => ({
  name,
  group,
  count,
});

const spent = (usd: number) => [{ group: "", turns: 200, steps: 400, usd, unpriced: 0 }];

const matters = (durable: number, handedOff: number) => [
  { kind: "durable", count: durable, usd: 1, humanMinutes: null } as const,
  { kind: "handed_off", count: handedOff, usd: 1, humanMinutes: null } as const,
];

const asked = (hour: number): Date =>
  new Date(`2026-11-10T${String(hour).padStart(2, "0")}:00:00Z`);

const NOW = figures({
  messages: [
    count("received", "email", 118),
    count("received", "chat", 64),
    count("received", "zendesk", 31),
    count("answered", "email", 97),
    count("answered", "chat", 55),
    count("answered", "zendesk", 30),
    count("to-people", "email", 14),
    count("to-people", "chat", 9),
  ],
  firstReplies: times(100, 90_000),
  expired: 2,
  drafts: [
    count("unchanged", "order_status", 31),
    count("edited", "order_status", 6),
    count("unchanged", "refund", 12),
    count("rejected", "refund", 3),
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
  personRequests: [
    { channel: "chat", count: 1 },
    { channel: "email", count: 1 },
  ],
  ratings: [count("good", "bot", 18), count("bad", "bot", 2), count("good", "person", 5)],
  solved: [
    ...repeat(38, { by: "bot", reopened: false } as const),
    ...repeat(2, { by: "bot", reopened: true } as const),
    ...repeat(10, { by: "person", reopened: false } as const),
  ],
  matters: matters(121, 23),
  cost: spent(3.14),
  searches: [
    "gift wrapping <!channel> *now* <https://evil.test|here>",
    "engraving on rings",
    "do you ship to Norway",
    "store in Bremen",
    "recycling of old headphones and what it costs to send them back",
  ].map((query, index) => ({ turnId: String(index), query, bestScore: 0.1 })),
});

const BEFORE = figures({
  messages: [
    count("received", "email", 102),
    count("received", "chat", 71),
    count("answered", "email", 88),
    count("answered", "chat", 60),
    count("to-people", "chat", 11),
  ],
  firstReplies: times(80, 2 * MINUTE),
  drafts: [
    count("unchanged", "order_status", 25),
    count("edited", "order_status", 9),
    count("unchanged", "refund", 4),
  ],
  decisions: times(20, 2 * MINUTE).map((ms) => ({
    askedAt: asked(9),
    decidedAt: new Date(asked(9).getTime() + ms),
  })),
  refunds: [...repeat(4, { by: "policy", amount: { minor: 700, currency: "USD" } } as const)],
  handovers: [...repeat(14, { taken: true })],
  ratings: [count("good", "bot", 9)],
  solved: repeat(30, { by: "bot", reopened: false } as const),
  matters: matters(98, 30),
  cost: spent(2.9),
});

const day = (iso: string): Date => new Date(`${iso}T00:00:00Z`);

export const BUSY_WEEK: Compared = {
  days: { from: day("2026-11-09"), to: day("2026-11-16"), first: "2026-11-09", last: "2026-11-15" },
  held: { from: day("2026-11-02"), to: day("2026-11-09"), first: "2026-11-02", last: "2026-11-08" },
  now: NOW,
  before: BEFORE,
};
