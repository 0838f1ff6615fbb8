/** One case on the page: what was asked, answered, looked up and decided, what went wrong first, and how to run it again. */
import { BUCKET_NAMES, type CaseResult } from "#evals/runs/buckets.ts";
import { happened, passed, type PlayedRecord } from "#evals/runs/record.ts";
import type { RunReport } from "#evals/runs/report-data.ts";
import { html, type Html } from "#server/http/html.ts";
import { firstWrongStep } from "./wrong-step.ts";

/** The case, folded unless `open`. */
export function caseView(
  one: CaseResult,
  report: RunReport,
  { open }: { readonly open: boolean },
): Html {
  const { id, plays, passes, bucket, added, errors } = one;
  const times = plays.length === 0 ? "not played" : `${passes} of ${plays.length} pass`;
  const summary = html`<summary>
    <span class="mark ${bucket}">${BUCKET_NAMES[bucket].name}</span> <strong>${id}</strong>
    <span class="times">${times}${added ? " · new" : ""}</span>
    ${one.shown === null ? null : html`<span class="why">${reasonOf(one.shown)}</span>`}
  </summary>`;
  const body = html`${errors.map((error) => html`<p class="problem">Could not be played: ${error}</p>`)}
    ${one.shown === null ? null : playView(one.shown, earlierPlay(id, report), report)}
    <p class="again">Run it again: <code>${commandFor(id, report)}</code></p>`;
  return open
    ? html`<details class="case" id="case-${anchor(id)}" open>${summary} ${body}</details>`
    : html`<details class="case" id="case-${anchor(id)}">${summary} ${body}</details>`;
}

function anchor(id: string): string {
  return id.replaceAll(/[^a-zA-Z0-9-]/g, "-");
}

function reasonOf({ problems }: PlayedRecord): string {
  const [first] = problems;
  return first === undefined ? "" : `${first.grader}: ${first.reason}`;
}

function earlierPlay(id: string, { before }: RunReport): PlayedRecord | null {
  const plays = happened(before?.run?.records ?? []).filter((one) => one.case === id);
  return plays.find((one) => passed(one)) ?? plays[0] ?? null;
}

function commandFor(id: string, { k, model }: RunReport): string {
  const chosen = model === "rehearsal" ? "" : ` --model ${model}`;
  return `npm run evals -- --only ${id}${k === 1 ? "" : ` -k ${k}`}${chosen}`;
}

function playView(now: PlayedRecord, before: PlayedRecord | null, { model }: RunReport): Html {
  return html`<div class="facts">
      <p>${now.channel}, ${now.seen.language ?? "language not told"}, ${now.risk}</p>
      <h3>The customer wrote</h3>
      ${now.asked.map((text) => html`<blockquote>${text}</blockquote>`)} ${wrongPart(now)}
      <h3>Expected</h3>
      <p>${now.expected}</p>
      ${
        now.wanted.length === 0
          ? null
          : html`<ul>
              ${now.wanted.map((line) => html`<li>${line}</li>`)}
            </ul>`
      }
    </div>
    <div class="${before === null ? "versions" : "versions two"}">
      ${version("Now", now, model)} ${before === null ? null : version("Before", before, null)}
    </div>`;
}

function wrongPart(record: PlayedRecord): Html | null {
  if (record.problems.length === 0) return null;
  return html`<h3>First step that went wrong</h3>
    <p class="problem">${firstWrongStep(record)}</p>
    <h3>Why it does not pass</h3>
    <ul class="reasons">
      ${record.problems.map(({ grader, reason }) => html`<li><strong>${grader}</strong>: ${reason}</li>`)}
    </ul>`;
}

function version(name: string, record: PlayedRecord, model: string | null): Html {
  const { seen } = record;
  return html`<div class="version">
    <h3>${name}: ${seen.outcome} ${passed(record) ? "✓" : "✗"}</h3>
    <p class="answer">${seen.text === "" ? "(nothing to read)" : seen.text}</p>
    ${
      seen.turns.length < 2
        ? null
        : list(
            "Every answer of the talk",
            seen.turns.map(({ outcome, text }) => `${outcome}: ${text}`),
          )
    }
    ${list("Pages it was written from", seen.sources)}
    ${list(
      "Calls",
      seen.calls.map(({ tool, arguments: given }) => `${tool} ${JSON.stringify(given)}`),
    )}
    ${list(
      "Changes",
      seen.actions.map(
        ({ label, verdict, rule, reason, right, arguments: given }) =>
          `${label}: ${verdict} by ${rule} (${reason})${right === false ? ", not expected" : ""} ${JSON.stringify(given)}`,
      ),
    )}
    ${list("Done at the shop", seen.effects)}
    <p class="small">
      ${seen.asksPeople ? "A card waits for a person." : "No card waits."} ${seen.steps} steps,
      ${Math.round(seen.durationMs)}
      ms${seen.costUsd === null ? "" : `, $${seen.costUsd.toFixed(4)}`}${model === "rehearsal" ? ", rehearsal rules, no AI" : ""}.
      ${seen.traces.length === 0 ? null : html`Trace ${seen.traces.join(", ")}`}
    </p>
  </div>`;
}

function list(name: string, lines: readonly string[]): Html | null {
  if (lines.length === 0) return null;
  return html`<h4>${name}</h4>
    <ul class="plain">
      ${lines.map((line) => html`<li>${line}</li>`)}
    </ul>`;
}
