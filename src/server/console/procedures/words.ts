/** Words and markup about versions of procedures that several pages share. */

import { momentText } from "#core/values/moment.ts";
import { isPlaying } from "#jobs/procedures/drafts.ts";
import type { LineProblem, Procedure } from "#procedures/format.ts";
import { piecesOf } from "#procedures/steps.ts";
import type { ProcedureVersion } from "#store/procedures/versions.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import type { Visit } from "#server/console/frame.ts";

/** Where procedures are listed. */
export const PATH = "/console/procedures";

/** The page of a procedure. */
export function pathOf(name: string): string {
  return `${PATH}/${encodeURIComponent(name)}`;
}

const STATES = {
  draft: "draft",
  proposed: "waits for leads",
  published: "in use",
  retired: "out of use",
  rejected: "rejected",
  expired: "expired",
} as const satisfies Record<ProcedureVersion["state"], string>;

/** "version 3, in use". */
export function versionWords({ version, state }: ProcedureVersion): string {
  return `version ${version}, ${STATES[state]}`;
}

/** A state as a badge. */
export function stateBadge({ state }: ProcedureVersion): Html {
  return html`<span class="badge${state === "proposed" || state === "draft" ? " warn" : ""}"
    >${STATES[state]}</span
  >`;
}

/** What the last tests of a version came to, in one line. */
export function testWords(version: ProcedureVersion, { zone, now }: Visit): string {
  const { testedAt, testedWith, testBeganAt, testEndedAt } = version;
  const at = (moment: Date): string => momentText(moment, zone, now);
  if (testBeganAt !== null && testEndedAt === null)
    return isPlaying(version, now)
      ? `Its tests are being played since ${at(testBeganAt)}`
      : `Its tests of ${at(testBeganAt)} were broken off`;
  if (testedAt !== null) return `Its tests passed ${at(testedAt)}, with ${testedWith}`;
  if (testEndedAt !== null) return `Its tests failed ${at(testEndedAt)}`;
  return "Its tests were not played here";
}

/** Who wrote a version, or where it comes from. */
export function originWords({ origin, author }: ProcedureVersion): string {
  if (origin === "program") return "part of the program";
  return origin === "file" ? "from the file" : `written by ${author}`;
}

/** A text as it is followed: when it applies, its steps, its tests. */
export function procedureView(procedure: Procedure): Html {
  const { when, owner, tools, channels, brands, languages, words, steps, cases } = procedure;
  const facts: readonly (readonly [string, string])[] = [
    ["When", when],
    ["Found by", (words ?? []).join(", ")],
    ["Channels", channels?.join(", ") ?? "all"],
    ["Brands", brands?.join(", ") ?? "all"],
    ["Languages", languages?.join(", ") ?? "all"],
    ["Tools", tools.join(", ")],
    ["Owner", owner],
  ];
  return html`<dl class="facts-list">
      ${facts
        .filter(([, value]) => value !== "")
        .map(
          ([name, value]) =>
            html`<dt>${name}</dt>
              <dd class="words" dir="auto">${value}</dd>`,
        )}
    </dl>
    <ol class="procedure-steps">
      ${steps.map(({ number, text }) => html`<li id="step-${number}" dir="auto">${stepView(text)}</li>`)}
    </ol>
    ${
      cases.length === 0
        ? ""
        : html`<details>
            <summary>Its ${cases.length === 1 ? "test" : `${cases.length} tests`}</summary>
            <ul class="tests">
              ${cases.map(
                ({ name, from, says, expects }) =>
                  html`<li>
                    <b>${name}</b>: ${from === "" ? "an unknown person" : from} writes
                    ${says.map((line) => html`“${line}” `)}and the answer has
                    ${expects
                      .map(
                        ({ of, not, value }) =>
                          `${not ? "no " : ""}${of}${value === "" ? "" : ` “${value}”`}`,
                      )
                      .join(", ")}.
                  </li>`,
              )}
            </ul>
          </details>`
    }`;
}

function stepView(text: string): readonly HtmlValue[] {
  return piecesOf(text).map((piece) => {
    if (piece.kind === "words") return piece.text;
    return piece.kind === "procedure"
      ? html`<a href="${pathOf(piece.name)}">${piece.name}</a>`
      : html`<code>${piece.kind === "tool" ? piece.text : piece.name}</code>`;
  });
}

/** A text that cannot be read as a procedure, as it was written, with the numbers of its lines. */
export function rawView(text: string): Html {
  return html`<pre class="trace numbered" tabindex="0">
${text
  .split("\n")
  .map((line, index) => `${String(index + 1).padStart(4)}  ${line}`)
  .join("\n")}</pre>`;
}

/** Mistakes with their lines, for a page that is only read. */
export function problemList(problems: readonly LineProblem[]): HtmlValue {
  if (problems.length === 0) return null;
  const count = problems.length === 1 ? "One mistake" : `${problems.length} mistakes`;
  return html`<div class="notice problem" id="mistakes">
    <p>${count}: this text can be neither tested nor published.</p>
    <ul>
      ${problems.map(({ line, reason }) => html`<li class="words">Line ${line}: ${reason}</li>`)}
    </ul>
  </div>`;
}
