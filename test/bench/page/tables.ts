/** The page's tables, in Markdown. */
import { jobMsOf, ownMsOf } from "#test/bench/jobs/job-cost.ts";
import { ownMsOfPath } from "#test/bench/paths/path.ts";
import { Figures, type Result } from "#test/bench/result.ts";
import { storedMsOf } from "#test/bench/stored/compare-stored.ts";
import { BEFORE, DEMANDED, type Demand } from "./demanded.ts";
import { LOOP_NAMES } from "./loop-names.ts";

const NOT_MEASURED = "–";

/** A Markdown table; the first column is text, the others are numbers. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(head),
    line(head.map((_, index) => (index === 0 ? "---" : "---:"))),
    ...rows.map(line),
  ].join("\n");
}

function number(value: number | null | undefined, digits = 2): string {
  return value === null || value === undefined ? NOT_MEASURED : value.toFixed(digits);
}

/** Each figure beside what was demanded of it. */
export function demandedTable(result: Result): string {
  const before: Readonly<Record<string, number>> = BEFORE;
  const rows = Object.entries(DEMANDED).map(([name, given]) => {
    const demand: Demand = given;
    const now = Figures.parse(result)[Figures.keyof().parse(name)];
    const { what, most, least, stretch, unit = "", note } = demand;
    const withUnit = (value: number): string => `${value}${unit === "" ? "" : ` ${unit}`}`;
    const isMet = now !== null && (least === true ? now >= most : now <= most);
    const met = now === null ? NOT_MEASURED : isMet ? "yes" : "not yet";
    const wanted = `${least === true ? "≥" : "≤"} ${withUnit(most)}${stretch === undefined ? "" : ` (${stretch})`}`;
    return [
      note === undefined ? what : `${what} (${note})`,
      before[name] === undefined ? NOT_MEASURED : withUnit(before[name]),
      now === null
        ? NOT_MEASURED
        : `${now.toFixed(now < 10 ? 2 : 1)}${unit === "" ? "" : ` ${unit}`}`,
      wanted,
      met,
    ];
  });
  const others = [
    ["commits in sequence before the reply", number(result.serial_commits, 0)],
    ["a turn against the Agents SDK's", `${number(result.turn_cpu_vs_agents_sdk)} ×`],
    ["a turn against LangGraph's", `${number(result.turn_cpu_vs_langgraph)} ×`],
    [
      "one job at a time against one over bare node:http, median time",
      `${number(result.job_p50_vs_http_floor)} ×`,
    ],
    ["memory against the openai client's loop", `${number(result.rss_vs_openai)} ×`],
    ["cold start against the openai client's loop", `${number(result.cold_start_vs_openai)} ×`],
  ].map(([what = "", now = ""]) => [what, NOT_MEASURED, now, NOT_MEASURED, NOT_MEASURED]);
  return table(
    [
      "for one conversation, if nothing else is said",
      "before",
      "now",
      "demanded (better still)",
      "met",
    ],
    [...rows, ...others],
  );
}

export function turnsTable({ medians }: Result): string {
  const levels = Object.keys(medians.turns.ours);
  return table(
    ["", ...levels.map((level) => `${level} at once`), "memory, MB", "cold start, ms"],
    Object.entries(medians.turns).map(([loop, costs]) => [
      LOOP_NAMES[loop] ?? loop,
      ...levels.map((level) => number(costs[level]?.cpuMs)),
      number(costs["16"]?.rssMb, 0),
      number(costs["16"]?.coldStartMs, 0),
    ]),
  );
}

export function jobsTable({ medians }: Result): string {
  const bare = Object.entries(medians.jobs.bare).flatMap(([loop, levels]) =>
    Object.entries(levels).map(([level, cost]) => [
      `bare job over ${LOOP_NAMES[loop] ?? loop}`,
      "1",
      level,
      number(cost.ownMs),
      number(cost.workerMs),
      NOT_MEASURED,
      number(cost.p50Ms, 1),
      number(cost.perSecond, 0),
    ]),
  );
  const ours = Object.entries(medians.jobs.ours).flatMap(([workers, levels]) =>
    Object.entries(levels).map(([level, cost]) => [
      "**Deskhand**",
      workers,
      level,
      number(jobMsOf(cost)),
      number(cost.workerMs),
      number(ownMsOf(cost)),
      number(cost.p50Ms, 1),
      number(cost.perSecond, 0),
    ]),
  );
  return table(
    ["", "workers", "at once", "job, ms", "worker, ms", "all of ours, ms", "p50, ms", "a second"],
    [...ours, ...bare],
  );
}

export function pathsTable({ medians }: Result): string {
  return table(
    [
      "",
      "ours, ms",
      "web",
      "worker",
      "channels",
      "PostgreSQL",
      "Redis",
      "statements",
      "commits",
      "Redis commands",
      "idle, ms a second",
    ],
    Object.entries(medians.paths).map(([name, cost]) => [
      name,
      `**${number(ownMsOfPath(cost), 1)}**`,
      number(cost.webMs, 1),
      number(cost.workerMs, 1),
      number(cost.channelsMs, 1),
      number(cost.postgresMs, 1),
      number(cost.redisMs, 1),
      number(cost.statements, 1),
      number(cost.commits, 1),
      number(cost.redisCommands, 1),
      number(cost.idleMsPerSecond, 0),
    ]),
  );
}

export function storedTable({ medians }: Result): string {
  return table(
    ["stored", "everything, ms", "web", "worker", "PostgreSQL", "Redis", "p50, ms"],
    Object.entries(medians.stored).map(([size, cost]) => [
      Number(size).toLocaleString("en"),
      number(storedMsOf(cost), 1),
      number(cost.webMs, 1),
      number(cost.workerMs, 1),
      number(cost.postgresMs, 1),
      number(cost.redisMs, 1),
      number(cost.p50Ms, 1),
    ]),
  );
}
