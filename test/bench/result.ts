/** What a run of the benchmark found: the figures that are asked for, and the medians behind them. */
import { z } from "zod";
import { AloneCounts, ManyCounts } from "./fleet/conversation-counts.ts";
import { Jobs } from "./jobs/compare-jobs.ts";
import { jobMsOf, ownMsOf } from "./jobs/job-cost.ts";
import { Turns } from "./loops/compare-turns.ts";
import { PathCost } from "./paths/path.ts";
import { Stored, storedMsOf } from "./stored/compare-stored.ts";

/** Null is what a run did not measure. */
const Figure = z.number().nullable();

export const Figures = z.object({
  turn_cpu_vs_openai_stock: Figure,
  turn_cpu_vs_agents_sdk: Figure,
  turn_cpu_vs_langgraph: Figure,
  job_cpu_vs_lean_openai: Figure,
  job_cpu_vs_agents_sdk: Figure,
  job_p50_vs_http_floor: Figure,
  serial_commits: Figure,
  statements_per_job: Figure,
  commits_per_job: Figure,
  redis_per_job: Figure,
  idle_commits_per_second: Figure,
  conversations_per_second: Figure,
  p50_ms_at_16: Figure,
  own_cpu_ms: Figure,
  rss_vs_openai: Figure,
  cold_start_vs_openai: Figure,
  turn_cost_1m_vs_10k: Figure,
  two_workers_vs_one: Figure,
});
export type Figures = z.infer<typeof Figures>;

export const Medians = z.object({
  turns: Turns,
  jobs: Jobs,
  /** With four processes: web, channels, two workers. */
  conversation: z.object({ alone: AloneCounts, many: ManyCounts }),
  stored: Stored,
  paths: z.record(z.string(), PathCost),
});
export type Medians = z.infer<typeof Medians>;

export const Result = Figures.extend({
  run: z.object({
    day: z.string(),
    commit: z.string(),
    quick: z.boolean(),
    minutes: z.number(),
    cores: z.number(),
    node: z.string(),
  }),
  medians: Medians,
});
export type Result = z.infer<typeof Result>;

/** Where nothing else is said, comparisons are made with so many at once. */
const AT_ONCE = "16";

/** The figures that follow from the medians. */
export function figuresOf({ turns, jobs, conversation, stored }: Medians): Figures {
  const turn = turns.ours[AT_ONCE];
  const [one, two] = [jobs.ours["1"]?.[AT_ONCE], jobs.ours["2"]?.[AT_ONCE]];
  return {
    turn_cpu_vs_openai_stock: share(turn?.cpuMs, turns["openai-stock"][AT_ONCE]?.cpuMs),
    turn_cpu_vs_agents_sdk: share(turn?.cpuMs, turns["agents-sdk"][AT_ONCE]?.cpuMs),
    turn_cpu_vs_langgraph: share(turn?.cpuMs, turns.langgraph[AT_ONCE]?.cpuMs),
    job_cpu_vs_lean_openai: share(one && jobMsOf(one), jobs.bare["openai-lean"]?.[AT_ONCE]?.ownMs),
    job_cpu_vs_agents_sdk: share(one && jobMsOf(one), jobs.bare["agents-sdk"]?.[AT_ONCE]?.ownMs),
    job_p50_vs_http_floor: share(
      jobs.ours["1"]?.["1"]?.p50Ms,
      jobs.bare["node-http"]?.["1"]?.p50Ms,
    ),
    serial_commits: conversation.alone.serialCommits,
    statements_per_job: conversation.many.statements,
    commits_per_job: conversation.many.commits,
    redis_per_job: conversation.many.redisCommands,
    idle_commits_per_second: conversation.many.idle.commits,
    conversations_per_second: two?.perSecond ?? null,
    p50_ms_at_16: two?.p50Ms ?? null,
    own_cpu_ms: one === undefined ? null : ownMsOf(one),
    rss_vs_openai: share(turn?.rssMb, turns["openai-stock"][AT_ONCE]?.rssMb),
    cold_start_vs_openai: share(turn?.coldStartMs, turns["openai-stock"][AT_ONCE]?.coldStartMs),
    turn_cost_1m_vs_10k: share(
      stored["1000000"] && storedMsOf(stored["1000000"]),
      stored["10000"] && storedMsOf(stored["10000"]),
    ),
    two_workers_vs_one: share(two?.perSecond, one?.perSecond),
  };
}

function share(one: number | undefined, other: number | undefined): number | null {
  return one === undefined || other === undefined ? null : one / other;
}
