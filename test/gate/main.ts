/**
 * Room: the conformance suite for approval gates, run on Deskhand, on packages/gate, and on the gates of three SDKs.
 * In: the name of a system, and options.
 * Out: a table with date and versions, the shortest script of each failure, and on request docs/gate.md, its picture and the suite's page.
 * May touch: PostgreSQL and PGlite of its own; npm's registry once, for the SDKs.
 * This file: the command `npm run faults -- gate [--system NAME] [--json] [--write]`, with `--random N`, `--cost`, and
 * `--examples`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { CASES, judge, type SystemResult } from "#conformance/judge.ts";
import {
  reportPicture,
  verdictCounts,
  reportJson,
  casesMarkdown,
  systemsMarkdown,
  systemName,
  reportText,
  timeTaken,
  type Report,
} from "#conformance/report.ts";
import { BOTH_DATABASES } from "#test/support/deskhand.ts";
import { optionsOrUsage, say } from "#test/support/program.ts";
import { costOn } from "./cost.ts";
import { EXAMPLES, playStory, STORIES, storyTitle } from "./example-stories.ts";
import { randomRun } from "./random-run.ts";
import { linkExamples, SYSTEM_NAMES, systemsNamed } from "./systems.ts";

const USAGE = `Usage: npm run faults -- gate [--system NAME] [--case P01,P27] [--json] [--write]
       npm run faults -- gate --random 5000
       npm run faults -- gate --cost
       npm run faults -- gate --examples

  --system NAME   one of ${SYSTEM_NAMES.join(", ")}; all of them unless given
  --case IDS      these cases alone
  --json          the results as JSON
  --random N      instead of the cases: N payments on packages/gate over PostgreSQL, whose process is killed again and
                  again, with races, replays and edits
  --cost          instead of the cases: the statements, commits and processor time of one approval on packages/gate, from
                  its proposal to its record, beside the effect itself
  --examples      instead of the cases: an agent of each SDK refunds through packages/gate, and its process is killed
  --write         writes docs/gate.md, docs/gate.svg and the table of the suite's page

Ends with 1 when Deskhand or packages/gate fails a case. What another system fails is told, and no error.`;

const ROOT = join(import.meta.dirname, "../..");

function wantedFrom(argv: readonly string[]) {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      system: { type: "string" },
      case: { type: "string" },
      random: { type: "string" },
      cost: { type: "boolean", default: false },
      examples: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
    },
  });
  const { system, json, write, cost, examples } = values;
  const random = values.random === undefined ? null : Number(values.random);
  if (random !== null && !(Number.isInteger(random) && random > 0))
    throw new Error("--random takes a number of payments.");
  if (system !== undefined && !SYSTEM_NAMES.includes(system))
    throw new Error(`There is no system ${system}; there are ${SYSTEM_NAMES.join(", ")}.`);
  const ids = values.case?.split(",");
  const cases = CASES.filter(({ id }) => ids === undefined || ids.includes(id));
  if (cases.length === 0) throw new Error(`There is no case ${values.case}.`);
  if (write && (system !== undefined || ids !== undefined))
    throw new Error("--write is for a run of all systems and cases.");
  const names = system === undefined ? SYSTEM_NAMES : [system];
  return { names, cases, json, write, random, cost, examples };
}

const OURS: ReadonlySet<string> = new Set(["deskhand", "gate"]);

async function runOn(
  names: readonly string[],
  cases: typeof CASES,
): Promise<{ readonly report: Report; readonly holds: boolean }> {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")));
  const systems: SystemResult[] = [];
  let holds = true;
  for (const name of names)
    for (const system of await systemsNamed(name, version)) {
      const result = await judge(system, cases);
      say(`${systemName(result)}: ${verdictCounts(result)} (${timeTaken(result)})`);
      systems.push(result);
      const isBad = result.cases.some(({ state }) => state === "failed" || state === "not judged");
      if (OURS.has(name) && isBad) holds = false;
    }
  return { report: { date: new Date().toISOString().slice(0, 10), systems }, holds };
}

/** Plays every story with an agent of each SDK, and tells what was said and counted. */
async function examplesHold(): Promise<boolean> {
  linkExamples();
  let holds = true;
  for (const program of EXAMPLES)
    for (const story of STORIES) {
      const played = await playStory(program, story);
      const { refunds, kills, lines } = played;
      const verdict = played.holds ? "holds" : "FAILS";
      const title = `${storyTitle(program, story)}: ${verdict} · refunds ${refunds} · kills ${kills}`;
      process.stdout.write(`${title}\n${lines.map((line) => `    ${line}\n`).join("")}`);
      holds &&= played.holds;
    }
  return holds;
}

const MARKS = ["<!-- the table -->\n", "\n<!-- end of the table -->"] as const;

/** The page has the systems, its picture the cases, and the suite's own page what the picture shows as a table. */
function writePages(report: Report): void {
  const made = `Run on ${report.date} by \`npm run faults -- gate --write\`.\n\n`;
  writeBetweenMarks("docs/gate.md", `${made}${systemsMarkdown(report)}`);
  writeBetweenMarks("packages/gate-conformance/README.md", `${made}${casesMarkdown(report)}`);
  writeFileSync(join(ROOT, "docs/gate.svg"), reportPicture(report));
}

/** What stands around the marks is written by hand. */
function writeBetweenMarks(page: string, table: string): void {
  const file = join(ROOT, page);
  const [before = "", rest = ""] = readFileSync(file, "utf8").split(MARKS[0]);
  const [, after] = rest.split(MARKS[1]);
  if (after === undefined) throw new Error(`${page} has no place for the table`);
  writeFileSync(file, `${before}${MARKS[0]}${table}${MARKS[1]}${after}`);
}

const wanted = optionsOrUsage(() => wantedFrom(process.argv.slice(2)), USAGE);
if (wanted !== null && wanted.random !== null) {
  const found = await randomRun(wanted.random);
  process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  const bad = found.lost.length + found.twice.length + found.unapproved.length;
  process.exitCode = bad === 0 && found.chainIsWhole ? 0 : 1;
} else if (wanted?.cost === true) {
  for (const kind of BOTH_DATABASES) {
    const { statements, commits, processorMs } = await costOn(kind);
    const whose = kind === "pglite" ? "the database's in it" : "the server's apart";
    say(
      `${kind}: ${statements} statements, ${commits} commits, ${processorMs} ms of this process's time, ${whose}`,
    );
  }
} else if (wanted?.examples === true) {
  process.exitCode = (await examplesHold()) ? 0 : 1;
} else if (wanted !== null) {
  const { report, holds } = await runOn(wanted.names, wanted.cases);
  process.stdout.write(wanted.json ? reportJson(report) : `\n${reportText(report)}`);
  if (wanted.write) writePages(report);
  process.exitCode = holds ? 0 : 1;
}
