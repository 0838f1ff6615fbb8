/** What differs between two versions of a procedure, line by line. */

import { lineDifference, type DiffLine } from "#text/line-diff.ts";
import type { ProcedureVersion } from "#store/procedures/versions.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import { pathOf, versionWords } from "./words.ts";

/** Unchanged lines that are shown around a changed one. */
const AROUND = 2;

/**
 * A form to choose two versions, and their differences. Without a choice it compares what is in use, or was last, with
 * the newest one.
 */
export function differencesView(
  name: string,
  versions: readonly ProcedureVersion[],
  chosen: { readonly from: string; readonly to: string },
): HtmlValue {
  if (versions.length < 2) return null;
  const by = (wanted: string): ProcedureVersion | undefined =>
    versions.find(({ version }) => String(version) === wanted);
  const to = by(chosen.to) ?? versions[0];
  const others = versions.filter((one) => one !== to);
  const from = by(chosen.from) ?? others.find(({ state }) => state === "published") ?? others[0];
  if (to === undefined || from === undefined) return null;
  return html`<section class="box stack" aria-labelledby="diff-title" id="differences">
    <h2 id="diff-title">What is different</h2>
    <form class="filters" method="get" action="${pathOf(name)}#differences" data-filters="">
      ${choice("from", "Between", versions, from)}${choice("to", "and", versions, to)}
      <button type="submit">Compare</button>
    </form>
    ${linesView(lineDifference(from.text, to.text))}
  </section>`;
}

function choice(
  name: string,
  label: string,
  versions: readonly ProcedureVersion[],
  chosen: ProcedureVersion,
): Html {
  return html`<label
    >${label}<select name="${name}">
      ${versions.map(
        (one) =>
          html`<option value="${one.version}" ${one === chosen ? html`selected=""` : ""}>
            ${versionWords(one)}
          </option>`,
      )}
    </select></label
  >`;
}

function linesView(lines: readonly DiffLine[]): Html {
  if (lines.every(({ kind }) => kind === "same"))
    return html`<p class="soft">Nothing is different.</p>`;
  const near = lines.map((_line, index) =>
    lines
      .slice(Math.max(0, index - AROUND), index + AROUND + 1)
      .some(({ kind }) => kind !== "same"),
  );
  return html`<div class="diff" role="list" tabindex="0">
    ${lines.map((line, index) => {
      if (near[index] === true) return lineView(line);
      // One mark stands for all the unchanged lines that are left out here.
      return near[index - 1] === true || index === 0
        ? html`<p class="soft" role="listitem">⋯</p>`
        : "";
    })}
  </div>`;
}

function lineView({ kind, text }: DiffLine): Html {
  const shown = text === "" ? " " : text;
  if (kind === "same") return html`<p role="listitem" class="words">${shown}</p>`;
  return kind === "out"
    ? html`<p role="listitem" class="words out"><del>${shown}</del></p>`
    : html`<p role="listitem" class="words in"><ins>${shown}</ins></p>`;
}
