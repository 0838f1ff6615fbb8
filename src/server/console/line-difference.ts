/** What differs between two texts, line by line, with a few unchanged lines around each change. */
import type { DiffLine } from "#text/diff.ts";
import { html, type Html } from "#server/http/html.ts";

/** Unchanged lines that are shown around a changed one. */
const AROUND = 2;

/** The changed lines as a list; one sentence where nothing differs. */
export function linesView(lines: readonly DiffLine[]): Html {
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
