/** Small words and texts for people, made the same everywhere. */
import { dayText } from "./moment.ts";

/** "1 page", "1,200 pages"; `many` where the plural is not the word with an s. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** A name of the code in words: "order status" for `order_status`. */
export function inWords(name: string): string {
  return name.replaceAll("_", " ");
}

/** The text with a capital letter first. */
export function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** "sam.ortiz@…" becomes "Sam Ortiz": enough to tell teammates apart on a card. */
export function nameFromAddress(email: string): string {
  const [local = email] = email.split("@");
  const words = local.split(/[._+-]+/).filter((word) => word !== "");
  return words.map((word) => capitalised(word)).join(" ");
}

/** Overrides and isolates can make a text read differently from its characters. */
const BIDI_CONTROLS = /[\u202A-\u202E\u2066-\u2069]/g;

/** The text with such characters shown by name. */
export function withNamedOverrides(text: string): string {
  return text.replace(
    BIDI_CONTROLS,
    (mark) => `[U+${mark.charCodeAt(0).toString(16).toUpperCase()}]`,
  );
}

/** A share from 0 to 1 in whole per cent: "41 %". */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** The text without line breaks and without more than one space in a row. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** At most so many characters, the last of which says that there is more. */
export function shortened(text: string, max: number): string {
  return text.length <= max
    ? text
    : `${text
        .slice(0, max - 1)
        // A character of two units is never cut in half.
        .replace(/[\uD800-\uDBFF]$/, "")
        .toWellFormed()
        .trimEnd()}…`;
}

/** The beginning of a text on one line, at most so long. */
export function excerpt(text: string, max: number): string {
  return shortened(oneLine(text.toWellFormed()), max);
}

/** Rows of cells as lines, each column as wide as its widest cell. */
export function inColumns(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
    .map((line) => line.trimEnd())
    .join("\n");
}

/**
 * The line as lines of at most so many columns, broken between words; what follows the first begins with `hanging`. A
 * single word that is longer, such as an address, stays whole.
 */
export function wrapped(line: string, columns: number, hanging: string): readonly string[] {
  if (line.length <= columns) return [line];
  const lines: string[] = [];
  let open: string | null = null;
  for (const word of line.split(" ")) {
    const longer: string = open === null ? word : `${open} ${word}`;
    if (longer.length <= columns || open === null || open.trim() === "") open = longer;
    else {
      lines.push(open);
      open = `${hanging}${word}`;
    }
  }
  return [...lines, open ?? ""];
}

/** A pattern for a regular expression, with any flags, that stands for this text alone. */
export function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}

/** A year that no page is of, so that the year is always told: an old page is to look old. */
const LONG_AGO = new Date(0);

/** What a help page is called where people read what an answer rests on: "Refunds, as of 14 Sep 2026 (https://…)", as far as each is known. */
export function pageName({
  title,
  url,
  updated,
}: {
  readonly title: string;
  readonly url: string;
  readonly updated?: string | undefined;
}): string {
  const dated = updated === undefined ? title : `${title}, as of ${dayText(updated, LONG_AGO)}`;
  return url === "" ? dated : `${dated} (${url})`;
}

/** "Refunds" of what `pageName` made of it, on whatever day and with whatever address; another text as it is. */
export function titleInName(name: string): string {
  return name.replace(/ \(https?:\/\/\S*\)$/, "").replace(/, as of \d{1,2} \p{L}{3,4} \d{4}$/u, "");
}

const OPENS = "▸";
const CLOSES = "◂";

/** Characters shown before and behind the marked words, and of the words themselves. */
const AROUND_MAX = 45;
const WORDS_MAX = 90;

const WORD = /[\p{L}\p{M}\p{N}_]+/gu;
const SENTENCE_ENDS = /[.!?;。！？](?=\s)|\n/gu;

/**
 * The words where they stand in the first of these texts that has them, with the rest of their sentence and with what is
 * long cut around them; alone where no text has them. Case and what stands between words do not matter. Linear in the
 * texts; total.
 */
export function markWords(texts: readonly string[], words: string): string {
  for (const text of texts) {
    const place = wordsPlace(text, words);
    if (place !== null) return shown(text, place);
  }
  return `${OPENS}${middleCut(flat(words))}${CLOSES}`;
}

/** The part of a text around the words, at least so many characters on each side; null where it does not have them. */
export function partAround(text: string, words: string, reach: number): string | null {
  const place = wordsPlace(text, words);
  return place === null
    ? null
    : text.slice(Math.max(0, place.start - reach), place.end + reach).toWellFormed();
}

/** A text with its marked words as pieces of their own, without the marks. */
export function markedPieces(text: string) {
  return text.split(MARKED).flatMap((piece) => {
    if (piece === "") return [];
    const isMarked = MARKED_WHOLE.test(piece);
    return [{ text: isMarked ? piece.slice(1, -1) : piece, isMarked }];
  });
}

const MARKED = /(▸[^▸◂]*◂)/u;
const MARKED_WHOLE = /^▸[^▸◂]*◂$/u;

interface Place {
  readonly start: number;
  readonly end: number;
}

/** Where the words follow each other; what stands between them is not compared. */
function wordsPlace(text: string, words: string): Place | null {
  const wanted = (words.match(WORD) ?? []).slice(0, WANTED_MAX).map((word) => word.toLowerCase());
  if (wanted.length === 0) {
    const start = words.trim() === "" ? -1 : text.indexOf(words.trim());
    return start < 0 ? null : { start, end: start + words.trim().length };
  }
  // The last words of the text, as many as are wanted: a new one pushes out the oldest.
  const last: { readonly word: string; readonly start: number }[] = [];
  for (const match of text.matchAll(WORD)) {
    const [word] = match;
    last.push({ word: word.toLowerCase(), start: match.index });
    if (last.length > wanted.length) last.shift();
    if (last.length === wanted.length && last.every((one, at) => one.word === wanted[at]))
      return { start: last[0]?.start ?? 0, end: match.index + word.length };
  }
  return null;
}

/** More words than are shown need not be found. */
const WANTED_MAX = 40;

function shown(text: string, { start, end }: Place): string {
  const from = Math.max(0, start - LOOK_MAX);
  const before = lastSentence(text.slice(from, start));
  const behind = firstSentence(text.slice(end, end + LOOK_MAX));
  const words = `${OPENS}${middleCut(flat(text.slice(start, end)))}${CLOSES}`;
  const lead = flat(before);
  const tail = flat(behind);
  const left = lead.length > AROUND_MAX ? `…${safeTail(lead, AROUND_MAX)}` : lead;
  const right = tail.length > AROUND_MAX ? `${safeHead(tail, AROUND_MAX)}…` : tail;
  return `${left.trimStart()}${words}${right.trimEnd()}`;
}

/** Characters looked at on each side: white space may be long. */
const LOOK_MAX = 400;

function lastSentence(before: string): string {
  const ends = [...before.matchAll(SENTENCE_ENDS)].at(-1);
  return ends === undefined ? before : before.slice(ends.index + 1);
}

function firstSentence(behind: string): string {
  const [ends] = behind.matchAll(SENTENCE_ENDS);
  return ends === undefined ? behind : behind.slice(0, ends.index + 1);
}

/** One line, without marks of its own: a text cannot mark anything. */
function flat(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/\s+/gu, " ")
    .replaceAll(OPENS, "[")
    .replaceAll(CLOSES, "]");
}

function middleCut(words: string): string {
  const half = WORDS_MAX / 2;
  return words.length <= WORDS_MAX
    ? words
    : `${safeHead(words, half).trimEnd()} … ${safeTail(words, half).trimStart()}`;
}

function safeHead(text: string, max: number): string {
  const head = text.slice(0, max);
  return head.isWellFormed() ? head : head.slice(0, -1);
}

function safeTail(text: string, max: number): string {
  const tail = text.slice(-max);
  return tail.isWellFormed() ? tail : tail.slice(1);
}

// Names that were mistyped.

/** More names than a person reads in one line. */
const LISTED_MAX = 12;

/** A name that differs in more than this share of its letters was hardly meant. */
const DIFFERENCE_MAX = 0.4;

/** Longer names are compared in their beginning. */
const LETTERS_MAX = 80;

/** "did you mean get_order_status?", or the names there are; for a mistake that ends with what to do. */
export function meantBy(name: string, known: Iterable<string>): string {
  const all = [...known].toSorted();
  const [best] = all
    .map((one) => ({ one, distance: editDistance(name, one) }))
    .toSorted((a, b) => a.distance - b.distance);
  if (best !== undefined && best.distance <= Math.max(1, name.length * DIFFERENCE_MAX))
    return `did you mean ${best.one}?`;
  if (all.length === 0) return "none is known yet";
  const more = all.length - LISTED_MAX;
  return `known are ${all.slice(0, LISTED_MAX).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** How many letters have to be changed, put in or left out to make one name of the other (Levenshtein). */
export function editDistance(one: string, other: string): number {
  const letters = other.slice(0, LETTERS_MAX).split("");
  let before = Array.from({ length: letters.length + 1 }, (_, index) => index);
  for (const [row, letter] of one.slice(0, LETTERS_MAX).split("").entries()) {
    const next = [row + 1];
    for (const [column, against] of letters.entries())
      next.push(
        Math.min(
          (before[column] ?? 0) + (letter === against ? 0 : 1),
          (before[column + 1] ?? 0) + 1,
          (next[column] ?? 0) + 1,
        ),
      );
    before = next;
  }
  return before.at(-1) ?? 0;
}
