/** Says where a run's processor time went: by part, and the dearest files. */
import { existsSync, readFileSync } from "node:fs";

import { GROUPS } from "./groups.mjs";
import { treeSeconds } from "./meter.mjs";

const DEAREST = 10;

/**
 * The lines to print, from what `meter.mjs` wrote into `file` and from the servers the runner started, named
 * `PostgreSQL=PID,Redis=PID`; none where nothing was measured.
 */
export function spentLines(file, servers) {
  if (file === "" || !existsSync(file)) return [];
  const processes = readFileSync(file, "utf8").trimEnd().split("\n").map(JSON.parse);
  if (processes.length === 0) return [];
  const parts = summed(processes.map(({ spent }) => spent));
  for (const server of servers.split(",").filter((each) => each !== "")) {
    const [name, pid] = server.split("=");
    parts[`${name} of the run`] = treeSeconds(Number(pid));
  }
  parts["the runner"] = process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6;
  const starts = summed(processes.map((each) => each.starts));
  const files = summed(processes.map((each) => each.files));
  const total = Object.values(parts).reduce((sum, seconds) => sum + seconds, 0);
  return [
    `processor time ${seconds(total)} s, in ${processes.length} test processes:`,
    ...sorted(parts)
      .filter(([, used]) => used >= 0.1)
      .map(([part, used]) => `  ${seconds(used)} s ${part}${started(starts[part])}`),
    "the dearest files:",
    ...sorted(files)
      .filter(([name]) => !name.includes(`/${GROUPS}/`))
      .slice(0, DEAREST)
      .map(([name, used]) => `  ${seconds(used)} s ${name}`),
  ];
}

function started(count) {
  return count === undefined ? "" : ` (${count})`;
}

function summed(records) {
  const sums = {};
  for (const record of records)
    for (const [name, value] of Object.entries(record)) sums[name] = (sums[name] ?? 0) + value;
  return sums;
}

function sorted(sums) {
  return Object.entries(sums).sort(([, one], [, other]) => other - one);
}

function seconds(value) {
  return value.toFixed(1).padStart(6);
}
