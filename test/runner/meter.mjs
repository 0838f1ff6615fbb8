/**
 * Loaded first in every test file's process: measures where processor time goes, so that a dear test stays seen.
 *
 * One line of JSON a process is added to the file TEST_METER names: seconds by part (`spent`) and by test file
 * (`files`), and how many child processes of each kind were started (`starts`). Of a child that is still running when
 * this process ends nothing is known. Outside Linux nothing is measured.
 */
import { subscribe } from "node:diagnostics_channel";
import { appendFileSync, readFileSync } from "node:fs";
import { afterEach, beforeEach } from "node:test";
import { relative } from "node:path";
import { isMainThread } from "node:worker_threads";

/** Linux counts processor time in hundredths of a second on all machines Node runs on. */
const TICKS_PER_SECOND = 100;

/** What a child process is, by its command line. The first that fits counts. */
const KINDS = [
  [/src\/main\.ts/, "starts of Deskhand"],
  [/src\/cli\/|\.ts\b.*\bcli\b/, "commands"],
  [/chrom/, "browsers"],
  [/postgres|initdb|pgbouncer|mariadb|redis-server|dovecot|local-slack/, "servers"],
  [/./, "other programs"],
];

const file = process.env.TEST_METER ?? "";

// Threads and forked programs load this too, but are no test files.
if (
  file !== "" &&
  isMainThread &&
  process.env.NODE_TEST_CONTEXT !== undefined &&
  process.argv[1]?.endsWith(".test.ts")
)
  measure();

function measure() {
  const spent = {};
  const files = {};
  const starts = {};
  const at = {
    own: 0,
    children: 0,
    file: relative(process.cwd(), process.argv[1]),
    isLoaded: false,
  };
  const add = (sums, name, seconds) => (sums[name] = (sums[name] ?? 0) + seconds);
  /** What was used since the last look goes to `part`, and to the file whose test is running. */
  const take = (part) => {
    const own = ownSeconds();
    add(spent, part, own - at.own);
    add(files, at.file, own - at.own);
    at.own = own;
  };
  const takeChildren = (kind) => {
    const children = childSeconds();
    add(spent, kind, children - at.children);
    add(files, at.file, children - at.children);
    at.children = children;
  };
  const part = () => (at.isLoaded ? "tests" : "loading modules");
  globalThis.deskhandMeterFile = (name) => {
    take(part());
    at.isLoaded = true;
    at.file = name;
  };
  beforeEach(() => {
    take(part());
    at.isLoaded = true;
  });
  afterEach(() => take(part()));
  subscribe("child_process", ({ process: child }) => {
    // Its command line is known only once it has started.
    child.once("spawn", () => add(starts, kindOf(child), 1));
    child.once("exit", () => takeChildren(kindOf(child)));
  });
  process.on("exit", () => {
    take(part());
    takeChildren("other programs");
    appendFileSync(file, `${JSON.stringify({ main: process.argv[1], spent, files, starts })}\n`);
  });
}

function kindOf(child) {
  const words = [child.spawnfile, ...(child.spawnargs ?? [])].join(" ");
  return KINDS.find(([pattern]) => pattern.test(words))?.[1] ?? "other programs";
}

function ownSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Of all descendants that have ended and were waited for. */
function childSeconds() {
  try {
    const [user, system] = statOf("self").slice(13, 15);
    return (user + system) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}

/** The fields of proc(5) `stat` behind the name in brackets, as numbers; field 14 (utime) is at 11. */
function statOf(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  return text
    .slice(text.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
}

/** Seconds a process and its descendants have used, living ones included. */
export function treeSeconds(pid) {
  try {
    const [user, system, childUser, childSystem] = statOf(pid).slice(11, 15);
    const living = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    const below = living === "" ? [] : living.split(" ");
    const own = (user + system + childUser + childSystem) / TICKS_PER_SECOND;
    return below.reduce((sum, child) => sum + treeSeconds(child), own);
  } catch {
    return 0;
  }
}
