/**
 * Formats the output of `npm test`: a line per file with the figures that its tests tell, every failure in full at once,
 * skipped and failed tests at the end.
 *
 * A failure comes with what its file printed. The list at the end repeats the beginning of each reason, followed by
 * node:test's own closing lines.
 */
import { basename, dirname, relative, resolve } from "node:path";
import { inspect } from "node:util";

import { groupName, GROUPS } from "./groups.mjs";
import { ROOT } from "../../src/bootstrap/install.mjs";
import { spentLines } from "./spent.mjs";

/** A failing server can print for pages; the end matters most. */
const OUTPUT_LINES_MOST = 60;

/** Long logs are cut in their middle, so the list at the end needs enough of each reason. */
const REASON_LINES_MOST = 15;

/** What each event of a run adds to the state, and what of it is printed at once. */
const ON = {
  "test:stdout": ({ message }, file) => void file.output.push(message),
  "test:stderr": ({ message }, file) => void file.output.push(message),
  "test:fail": (data, file, state) => {
    // A suite fails because a test in it failed, which has been reported itself.
    if (data.details.error?.failureType === "subtestsFailed") return undefined;
    file.failed = true;
    const label = labelOf(file, data);
    const told = failure(label, data.details);
    state.failures.push(told.split("\n").slice(0, REASON_LINES_MOST).join("\n").trimEnd());
    return told;
  },
  "test:pass": ({ name, skip }, file, state) => {
    if (skip !== undefined)
      state.skipped.push(`${file.name}: ${name}${typeof skip === "string" ? ` (${skip})` : ""}`);
  },
  "test:summary": (data, file, state) => {
    if (data.file === undefined) return undefined;
    state.files.delete(data.file);
    return fileSummary(data, file);
  },
  "test:diagnostic": ({ file: where, message }, file, state) => {
    if (where === undefined) state.closing.push(`ℹ ${message}`);
    else file.told.push(`  ${message}\n`);
  },
};

/** The reporter node:test calls with its stream of events. */
// oxlint-disable-next-line import/no-default-export -- node:test takes a reporter as a module's default export
export default async function* reporter(events) {
  const state = { files: new Map(), failures: [], skipped: [], closing: [] };
  for await (const { type, data } of events) {
    const printed = ON[type]?.(data, fileOf(state, data), state);
    if (printed !== undefined) yield printed;
  }
  // A file that broke before it could report has no summary, only its output.
  for (const { name, failed, output } of state.files.values()) {
    if (failed) yield `✖ ${name} did not finish\n${lastLines(output)}`;
  }
  // Where every part is there, a skipped test is one that is never run any more.
  if (process.env.CI === "true" && state.skipped.length > 0) {
    process.exitCode = 1;
    yield "\n✖ CI=true: skipped tests fail the run.\n";
  }
  yield list("skipped", state.skipped) + list("failed", state.failures.flatMap(linesOf));
  const spent = spentLines(process.env.TEST_METER ?? "", process.env.TEST_SERVERS ?? "");
  yield spent.map((line) => `${line}\n`).join("");
  yield `\n${state.closing.join("\n")}\n`;
}

/** A shared test (a contract) is counted for the file that runs it; output comes with a relative path. */
function fileOf({ files }, { file: where, entryFile }) {
  if (where === undefined) return undefined;
  const path = resolve(ROOT, entryFile ?? where);
  const file = files.get(path) ?? { ...namesOf(path), output: [], told: [], failed: false };
  files.set(path, file);
  return file;
}

function namesOf(path) {
  const isGroup = basename(dirname(path)) === GROUPS;
  return isGroup
    ? { name: groupName(basename(path)), isGroup }
    : { name: relative(ROOT, path), isGroup };
}

function fileSummary({ counts, duration_ms: durationMs }, { name, output, told, failed }) {
  const parts = [`${counts.passed} of ${counts.tests} passed`];
  if (counts.skipped > 0) parts.push(`${counts.skipped} skipped`);
  parts.push(`${(durationMs / 1000).toFixed(1)} s`);
  const printed = failed && output.length > 0 ? `  printed by ${name}:\n${lastLines(output)}` : "";
  return `${failed ? "✖" : "✔"} ${name} · ${parts.join(" · ")}\n${told.join("")}${printed}`;
}

function labelOf({ name, isGroup }, { file, line, name: test }) {
  const where = `${relative(ROOT, file)}:${line ?? 0}`;
  return isGroup || where.startsWith(`${name}:`)
    ? `${where} ${test}`
    : `${name} ${test} (${where})`;
}

function failure(label, details) {
  const error = details.error?.cause ?? details.error;
  // An assertion's message already shows both sides; printing its fields would show them twice.
  const text =
    error?.code === "ERR_ASSERTION"
      ? error.stack
      : typeof error === "string"
        ? error
        : inspect(error, { depth: 6 });
  const lines = text.split("\n").filter((each) => !/^\s+at .*\(?node:internal\//.test(each));
  return `✖ ${label}\n${indented("    ", lines)}`;
}

function linesOf(text) {
  return text.split("\n");
}

function lastLines(output) {
  return indented("  | ", output.join("").trimEnd().split("\n").slice(-OUTPUT_LINES_MOST));
}

function list(title, lines) {
  return lines.length === 0 ? "" : `\n${title}:\n${indented("  ", lines)}`;
}

function indented(prefix, lines) {
  return lines.map((line) => `${prefix}${line}\n`).join("");
}
