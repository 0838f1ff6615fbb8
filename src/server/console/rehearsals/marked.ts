/** A text with the facts marked in which two answers differ. */
import { html, type Html, type HtmlValue } from "#server/http/html.ts";

/** Words to mark, and what the mark says to a reader who does not see colours. */
export interface Marked {
  readonly words: string;
  readonly kind: "contradicted" | "lacking";
}

const SAID: Readonly<Record<Marked["kind"], string>> = {
  contradicted: "the other answer says something else",
  lacking: "the other answer does not say this",
};

interface Found {
  readonly from: number;
  readonly to: number;
  readonly kind: Marked["kind"];
}

/** The whole text, with every place marked at which one of the words stands. Places that overlap are one mark. */
export function markedText(text: string, marks: readonly Marked[]): Html {
  const places = placesIn(text, marks);
  const parts: HtmlValue[] = [];
  let at = 0;
  for (const { from, to, kind } of places) {
    parts.push(text.slice(at, from), markOf(text.slice(from, to), kind));
    at = to;
  }
  parts.push(text.slice(at));
  return html`${parts}`;
}

function markOf(words: string, kind: Marked["kind"]): Html {
  return html`<mark class="${kind}" title="${SAID[kind]}">${words}</mark>`;
}

function placesIn(text: string, marks: readonly Marked[]): readonly Found[] {
  const lower = text.toLowerCase();
  // A letter whose lower case is longer would move all places behind it; such a text is shown without marks.
  if (lower.length !== text.length) return [];
  const all = marks.flatMap(({ words, kind }) => occurrences(lower, words.toLowerCase(), kind));
  const places: Found[] = [];
  for (const found of all.toSorted((one, other) => one.from - other.from || other.to - one.to))
    if (found.from >= (places.at(-1)?.to ?? 0)) places.push(found);
  return places;
}

function occurrences(text: string, words: string, kind: Marked["kind"]): readonly Found[] {
  if (words.trim() === "") return [];
  const found: Found[] = [];
  for (let from = text.indexOf(words); from >= 0; from = text.indexOf(words, from + words.length)) {
    const to = from + words.length;
    if (isWhole(text, from, to)) found.push({ from, to, kind });
  }
  return found;
}

/** "9.00" is no part of "19.00": a mark never begins or ends inside a word or a number. */
function isWhole(text: string, from: number, to: number): boolean {
  const [before, first, last, after] = [text[from - 1], text[from], text[to - 1], text[to]];
  return !(isLetter(before) && isLetter(first)) && !(isLetter(last) && isLetter(after));
}

function isLetter(sign: string | undefined): boolean {
  return sign !== undefined && /[\p{L}\p{N}]/u.test(sign);
}
