/** The page's tables, in Markdown. */
import { VARIANTS } from "#test/bench/jobs/compare-jobs.ts";
import { jobMsOf, ownMsOf } from "#test/bench/jobs/job-cost.ts";
import { ownMsOfPath } from "#test/bench/paths/path.ts";
import type { Result } from "#test/bench/result.ts";
import { storedMsOf } from "#test/bench/stored/compare-stored.ts";
import { DEMANDED } from "./demanded.ts";
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
export function demandedTable({ costs }: Result): string {
  const rows = DEMANDED.map(({ what, before, most, least, stretch, unit = "", of }) => {
    const now = of(costs);
    const withUnit = (value: number | string): string => `${value}${unit === "" ? "" : ` ${unit}`}`;
    const isMet = now !== undefined && most !== undefined && (least ? now >= most : now <= most);
    const sign = least ? "≥" : "≤";
    return [
      what,
      before === undefined ? NOT_MEASURED : withUnit(before),
      now === undefined ? NOT_MEASURED : withUnit(now.toFixed(now < 10 ? 2 : 1)),
      most === undefined
        ? NOT_MEASURED
        : `${sign} ${withUnit(most)}${stretch === undefined ? "" : ` (${stretch})`}`,
      most === undefined || now === undefined ? NOT_MEASURED : isMet ? "yes" : "not yet",
    ];
  });
  return table(["", "before", "now", "must (better still)", "met"], rows);
}

export function turnsTable({ costs }: Result): string {
  const levels = Object.keys(costs.turns.ours);
  return table(
    ["", ...levels.map((level) => `${level} at once`), "memory, MB", "cold start, ms"],
    Object.entries(costs.turns).map(([loop, levelCosts]) => [
      LOOP_NAMES[loop] ?? loop,
      ...levels.map((level) => number(levelCosts[level]?.cpuMs)),
      number(levelCosts["16"]?.rssMb, 0),
      number(levelCosts["16"]?.coldStartMs, 0),
    ]),
  );
}

export function jobsTable({ costs }: Result): string {
  const bare = Object.entries(costs.jobs.bare).flatMap(([loop, levels]) =>
    Object.entries(levels).map(([level, cost]) => [
      `floor: bare job over ${LOOP_NAMES[loop] ?? loop}`,
      "1",
      level,
      number(cost.ownMs),
      number(cost.workerMs),
      NOT_MEASURED,
      number(cost.p50Ms, 1),
      number(cost.perSecond, 0),
    ]),
  );
  const ours = Object.entries(VARIANTS).flatMap(([name, { words, workers }]) =>
    workers.flatMap((count) =>
      Object.entries(costs.jobs.ours[`${name} ${count}`] ?? {}).map(([level, cost]) => [
        `**Deskhand**${words}`,
        String(count),
        level,
        number(jobMsOf(cost)),
        number(cost.workerMs),
        number(ownMsOf(cost)),
        number(cost.p50Ms, 1),
        number(cost.perSecond, 0),
      ]),
    ),
  );
  return table(
    ["", "workers", "at once", "job, ms", "worker, ms", "web + worker, ms", "p50, ms", "a second"],
    [...ours, ...bare],
  );
}

/** docs/sizing.md is made from it. */
export function pathsTable({ costs: { channels } }: Result): string {
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
      "ours without a reader, ms",
    ],
    Object.entries(channels.read.paths).map(([name, cost]) => [
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
      number(channels.unread.paths[name] && ownMsOfPath(channels.unread.paths[name]), 1),
    ]),
  );
}

/** What a start takes, as a sentence each. */
export function startWords({ costs: { start } }: Result): string {
  const words = ({ modules, firstMs, laterMs }: Result["costs"]["start"]["worker"]): string =>
    `loads ${modules.toLocaleString("en")} modules until it is ready, with ${number(firstMs, 0)} ms of processor time the first time and ${number(laterMs, 0)} later`;
  return `A worker with real services ${words(start.worker)}; \`npm start\` with those of the sandbox ${words(start.sandbox)}.`;
}

export function storedTable({ costs }: Result): string {
  return table(
    ["stored", "everything, ms", "web", "worker", "PostgreSQL", "Redis", "p50, ms"],
    Object.entries(costs.stored).map(([size, cost]) => [
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
