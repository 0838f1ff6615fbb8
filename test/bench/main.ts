/** `npm run bench [-- --json] [--quick]`: what a turn and a conversation cost, beside the loops of others. */
import { parseArgs } from "node:util";
import { bareJobs } from "./bare-jobs.ts";
import { countJobs } from "./job-counts.ts";
import { compareTurns } from "./turns.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
  },
});

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const scale = values.quick ? 0.1 : 1;
const rounds = values.quick ? 1 : 3;
const conversations = Math.round(2_000 * scale);

const turns = await compareTurns({ rounds, conversations, atOnce: 50, say });
say("bare jobs …");
const lean = await bareJobs("openai-lean", conversations);
const agents = await bareJobs("agents-sdk", conversations);
say("whole conversations, one worker …");
const alone = await countJobs({ conversations, atOnce: 16, workers: 1 });
say("whole conversations, two workers …");
const whole = await countJobs({ conversations, atOnce: 16, workers: 2 });
const { cpuMs } = whole;
const jobMs = cpuMs.workers + cpuMs.postgres + cpuMs.redis;

const figures = {
  turn_cpu_vs_openai_stock: turns.ours.cpuMs / turns["openai-stock"].cpuMs,
  turn_cpu_vs_agents_sdk: turns.ours.cpuMs / turns["agents-sdk"].cpuMs,
  turn_cpu_vs_langgraph: turns.ours.cpuMs / turns.langgraph.cpuMs,
  job_cpu_vs_lean_openai: jobMs / lean.ownMs,
  job_cpu_vs_agents_sdk: jobMs / agents.ownMs,
  statements_per_job: whole.statements,
  commits_per_job: whole.commits,
  redis_per_job: whole.redisCommands,
  idle_commits_per_second: whole.idleCommitsPerSecond,
  conversations_per_second: whole.perSecond,
  p50_ms_at_16: whole.p50Ms,
  own_cpu_ms: cpuMs.web + cpuMs.workers,
  rss_vs_openai: turns.ours.rssMb / turns["openai-stock"].rssMb,
  cold_start_vs_openai: turns.ours.coldStartMs / turns["openai-stock"].coldStartMs,
  two_workers_vs_one: whole.perSecond / alone.perSecond,
};

process.stdout.write(
  values.json
    ? `${JSON.stringify({ ...figures, medians: { turns, bareJobs: { lean, agents }, alone, whole } }, null, 1)}\n`
    : `${Object.entries(figures)
        .map(([name, value]) => `${name.padEnd(28)} ${value.toFixed(2)}`)
        .join("\n")}\n`,
);
