/** The text of a procedure as people read it: as it is followed, as it was written, and what is wrong with it. */

import type { Procedure } from "#procedures/format.ts";
import { piecesOf, type LineProblem } from "#procedures/steps.ts";
import { facts, lineList } from "#server/console/parts.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import { pathOf } from "./list.ts";

/** A text as it is followed: when it applies, its steps, its tests. */
export function procedureView(procedure: Procedure): Html {
  const { when, owner, tools, channels, brands, languages, words, steps, cases } = procedure;
  const known: readonly (readonly [string, string])[] = [
    ["When", when],
    ["Found by", (words ?? []).join(", ")],
    ["Channels", channels?.join(", ") ?? "all"],
    ["Brands", brands?.join(", ") ?? "all"],
    ["Languages", languages?.join(", ") ?? "all"],
    ["Tools", tools.join(", ")],
    ["Owner", owner],
  ];
  return html`${facts(known, "auto")}
    <ol class="procedure-steps">
      ${steps.map(({ number, text }) => html`<li id="step-${number}" dir="auto">${stepView(text)}</li>`)}
    </ol>
    ${
      cases.length > 0 &&
      html`<details>
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
    ${lineList(problems.map(({ line, reason }) => `Line ${line}: ${reason}`))}
  </div>`;
}
