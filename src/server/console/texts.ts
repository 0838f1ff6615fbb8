/** Texts of others as markup, in which nothing becomes markup of its own: marks, excerpts, differences, Markdown. */

import { literally, markedPieces, oneLine } from "#core/values/words.ts";
import type { DiffLine } from "#text/diff.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";

/** The text with what `draw` makes of each match. */
function withMatches(
  text: string,
  pattern: RegExp,
  draw: (match: RegExpExecArray) => HtmlValue,
): readonly HtmlValue[] {
  const parts: HtmlValue[] = [];
  let done = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(done, match.index), draw(match));
    done = match.index + match[0].length;
  }
  return [...parts, text.slice(done)];
}

/** The text, escaped; what the guard found in it is marked. */
export function withMarks(text: string): Html {
  return html`${markedPieces(text).map(({ text: words, isMarked }) =>
    isMarked ? html`<mark>${words}</mark>` : words,
  )}`;
}

// The part of a found text around the words that were searched for, with those words marked.

const AROUND = 70;
const EXCERPT_MAX = 220;

/** The words of a search, for marking them; empty when nothing searchable was typed. */
export function typedWords(typed: string): readonly string[] {
  return typed
    .split(/\s+/u)
    .map((word) => word.replaceAll(/[^\p{L}\p{N}@.+_-]/gu, ""))
    .filter((word) => word.length > 1);
}

/** One line of the text around its first match; `text` is masked already. */
export function excerpt(text: string, words: readonly string[]): Html {
  const line = oneLine(text);
  const any = words
    .toSorted((one, other) => other.length - one.length)
    .map(literally)
    .join("|");
  const pattern = new RegExp(any || "(?!)", "giu");
  const from = Math.max(0, line.search(pattern) - AROUND);
  const shown = line.slice(from, from + EXCERPT_MAX).toWellFormed();
  const before = from > 0 ? "…" : "";
  const after = from + EXCERPT_MAX < line.length ? "…" : "";
  const marked = withMatches(shown, pattern, ([found]) => html`<mark>${found}</mark>`);
  return html`${before}${marked}${after}`;
}

// What differs between two texts, line by line, with a few unchanged lines around each change.

/** Unchanged lines that are shown around a changed one. */
const SAME_AROUND = 2;

/** The changed lines as a list; one sentence where nothing differs. */
export function linesView(lines: readonly DiffLine[]): Html {
  if (lines.every(({ kind }) => kind === "same"))
    return html`<p class="soft">Nothing is different.</p>`;
  const near = lines.map((_line, index) =>
    lines
      .slice(Math.max(0, index - SAME_AROUND), index + SAME_AROUND + 1)
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

// Markdown.

/** Bounded, so that a text with one mark a thousand times takes no longer than its length. */
const INLINE =
  /^#{1,6} (?<heading>[^\n]{1,300})$|`(?<code>[^`\n]{1,300})`|\*\*(?<bold>[^*\n]{1,300})\*\*|(?<!!)\[(?<words>[^[\]\n]{1,300})\]\((?<address>https?:\/\/[^()\s]{1,1000})\)/gm;

/** Headings, code, links to the web and bold words are drawn; anything else stays as it was written. */
export function markdownView(text: string): Html {
  const drawn = withMatches(text, INLINE, ({ groups = {} }) => {
    const { heading, code, bold = heading, words = "", address = "" } = groups;
    if (code !== undefined) return html`<code>${code}</code>`;
    if (bold !== undefined) return html`<b>${bold}</b>`;
    return html`<a href="${address}" rel="noopener noreferrer">${words}</a>`;
  });
  return html`<div class="words" dir="auto">${drawn}</div>`;
}
