/**
 * What `npm test` prints: a line a file, every failure in full where it happens together with what the file
 * printed, the failed and skipped tests by name once more at the end, and node:test's own closing lines.
 */
import { relative } from "node:path";
import { inspect } from "node:util";

import { ROOT } from "./install.mjs";

/** A failing server can print for pages; the end of it is what tells. */
const OUTPUT_LINES_MOST = 60;

/** The reporter node:test calls with its stream of events. */
export default async function* reporter(events) {
  const files = new Map();
  const failures = [];
  const skipped = [];
  const closing = [];
  for await (const { type, data } of events) {
    const name = data.file === undefined ? undefined : relative(ROOT, data.file);
    if (type === "test:stdout" || type === "test:stderr") {
      of(files, name).output.push(data.message);
    } else if (type === "test:fail" && !onlyChildrenFailed(data)) {
      failures.push(`${name}:${data.line ?? 0} ${data.name}`);
      of(files, name).failed = true;
      yield failure(name, data);
    } else if (type === "test:pass" && data.skip !== undefined) {
      skipped.push(
        `${name}: ${data.name}${typeof data.skip === "string" ? ` (${data.skip})` : ""}`,
      );
    } else if (type === "test:summary" && name !== undefined) {
      yield* fileSummary(name, data, of(files, name));
      files.delete(name);
    } else if (type === "test:diagnostic" && data.nesting === 0 && data.file === undefined) {
      closing.push(`ℹ ${data.message}\n`);
    }
  }
  // A file that broke before it could report has no summary; what it printed is all there is.
  for (const [name, { output }] of files) yield `✖ ${name} did not finish\n${lastLines(output)}`;
  if (skipped.length > 0) yield `\nskipped:\n${skipped.map((line) => `  ${line}\n`).join("")}`;
  if (failures.length > 0) yield `\nfailed:\n${failures.map((line) => `  ${line}\n`).join("")}`;
  yield `\n${closing.join("")}`;
}

function of(files, name) {
  const found = files.get(name) ?? { output: [], failed: false };
  files.set(name, found);
  return found;
}

function* fileSummary(name, { counts, duration_ms: durationMs }, { output, failed }) {
  const { tests, passed, skipped } = counts;
  const parts = [
    `${passed} of ${tests} passed`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    `${(durationMs / 1000).toFixed(1)} s`,
  ];
  yield `${failed ? "✖" : "✔"} ${name} · ${parts.join(" · ")}\n`;
  if (failed && output.length > 0) yield `  printed by ${name}:\n${lastLines(output)}`;
}

function lastLines(output) {
  const lines = output.join("").trimEnd().split("\n");
  return lines
    .slice(-OUTPUT_LINES_MOST)
    .map((line) => `  | ${line}\n`)
    .join("");
}

function onlyChildrenFailed({ details }) {
  return details.error?.failureType === "subtestsFailed";
}

function failure(name, { name: test, line, details }) {
  const error = details.error?.cause ?? details.error;
  // An assertion's message already shows both sides; printing its fields would show them twice.
  const text =
    error?.code === "ERR_ASSERTION"
      ? error.stack
      : typeof error === "string"
        ? error
        : inspect(error, { depth: 6 });
  const lines = text.split("\n").filter((each) => !/^\s+at .*\(?node:internal\//.test(each));
  return `✖ ${name}:${line ?? 0} ${test}\n${lines.map((each) => `    ${each}\n`).join("")}`;
}
