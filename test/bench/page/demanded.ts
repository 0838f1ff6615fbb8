/** What was demanded of each figure, and what it was before. */
import type { Figures } from "#test/bench/result.ts";

export interface Demand {
  readonly what: string;
  /** The figure may be at most this, or with `least` at least this. */
  readonly most: number;
  readonly least?: true;
  /** What would be better still. */
  readonly stretch?: number;
  readonly unit?: string;
  /** What has to be said beside the figure. */
  readonly note?: string;
}

/** In the order of the page. */
export const DEMANDED = {
  statements_per_job: { what: "statements", most: 25, stretch: 15 },
  commits_per_job: { what: "commits", most: 5, stretch: 3 },
  redis_per_job: { what: "Redis commands", most: 72, stretch: 45 },
  own_cpu_ms: { what: "our processor time, whole path", most: 10, stretch: 5, unit: "ms" },
  job_cpu_vs_agents_sdk: { what: "a job against the Agents SDK's", most: 1, unit: "×" },
  job_cpu_vs_lean_openai: {
    what: "a job against one over openai and undici",
    most: 1.3,
    unit: "×",
  },
  turn_cpu_vs_openai_stock: { what: "a turn against the openai client's", most: 0.8, unit: "×" },
  conversations_per_second: {
    what: "conversations a second",
    most: 120,
    least: true,
    stretch: 300,
    note: "two workers, 16 at once",
  },
  p50_ms_at_16: { what: "median time to answer, 16 at once", most: 80, unit: "ms" },
  idle_commits_per_second: { what: "commits a second when idle", most: 2, note: "four processes" },
  turn_cost_1m_vs_10k: {
    what: "a conversation beside 1,000,000 against 10,000",
    most: 1.1,
    unit: "×",
  },
  two_workers_vs_one: {
    what: "two workers against one",
    most: 1.7,
    least: true,
    unit: "×",
    note: "where PostgreSQL has cores of its own",
  },
} as const satisfies Partial<Record<keyof Figures, Demand>>;

/** Measured before the work on speed began. */
export const BEFORE = {
  statements_per_job: 177,
  commits_per_job: 19.5,
  redis_per_job: 50,
  own_cpu_ms: 60,
  conversations_per_second: 20,
  p50_ms_at_16: 600,
  idle_commits_per_second: 39,
  turn_cost_1m_vs_10k: 1,
  two_workers_vs_one: 1.15,
} as const satisfies Partial<Record<keyof Figures, number>>;
