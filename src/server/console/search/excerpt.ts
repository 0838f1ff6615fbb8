/** The part of a found text around the words that were searched for, with those words marked. */

import { html, type Html } from "#server/http/html.ts";
import { oneLine } from "#core/values/words.ts";

const AROUND = 70;
const EXCERPT_MAX = 220;

/** The words of a search, for marking them; empty when nothing searchable was typed. */
export function wordsOf(typed: string): readonly string[] {
  return typed
    .split(/\s+/u)
    .map((word) => word.replaceAll(/[^\p{L}\p{N}@.+_-]/gu, ""))
    .filter((word) => word.length > 1);
}

/** One line of the text around its first match; `text` is masked already. */
export function excerpt(text: string, words: readonly string[]): Html {
  const line = oneLine(text);
  const [first] = matchesIn(line, words);
  const from = Math.max(0, (first?.from ?? 0) - AROUND);
  const shown = line.slice(from, from + EXCERPT_MAX).toWellFormed();
  const before = from > 0 ? "…" : "";
  const after = from + EXCERPT_MAX < line.length ? "…" : "";
  return html`${before}${marked(shown, words)}${after}`;
}

function marked(text: string, words: readonly string[]): readonly (Html | string)[] {
  const parts: (Html | string)[] = [];
  let done = 0;
  for (const { from, to } of matchesIn(text, words)) {
    if (from < done) continue;
    parts.push(text.slice(done, from), html`<mark>${text.slice(from, to)}</mark>`);
    done = to;
  }
  return [...parts, text.slice(done)];
}

function matchesIn(
  text: string,
  words: readonly string[],
): readonly { readonly from: number; readonly to: number }[] {
  if (words.length === 0) return [];
  const any = words
    .map((word) => word.replaceAll(/[.+]/g, "\\$&"))
    .toSorted((one, other) => other.length - one.length)
    .join("|");
  return [...text.matchAll(new RegExp(any, "giu"))].map(({ 0: found, index }) => ({
    from: index,
    to: index + found.length,
  }));
}
