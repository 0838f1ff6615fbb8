/** Compares texts letter by letter, with nothing folded but spaces, case and the forms of quotes and dashes. */

/** A text in small letters with single spaces, and where each of its characters stood. */
export interface Folded {
  readonly text: string;
  /** The place in the original of each character. */
  readonly places: readonly number[];
}

/** Models write these marks in a form of their own where they copy. */
function plainMark(unit: string): string | null {
  if ("‘’‚‛′´`".includes(unit)) return "'";
  if ("“”„‟″«»".includes(unit)) return '"';
  return "‐‑‒–—−".includes(unit) ? "-" : null;
}

/** Folds spaces, case, quotes and dashes, and nothing else: a quote that differs in any letter is no quote. */
export function folded(original: string): Folded {
  let text = "";
  const places: number[] = [];
  for (let at = 0; at < original.length; at += 1) {
    const unit = original.charAt(at);
    const isSpace = /\s/.test(unit);
    if (isSpace && (text === "" || text.endsWith(" "))) continue;
    // A letter whose small form has another length would move every later place.
    const small = plainMark(unit) ?? unit.toLowerCase();
    text += isSpace ? " " : small.length === 1 ? small : unit;
    places.push(at);
  }
  return text.endsWith(" ")
    ? { text: text.slice(0, -1), places: places.slice(0, -1) }
    : { text, places };
}

/** A stretch of the original text. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Where the words stand in the text, at or after a place of it, else anywhere; null where they do not. */
export function foundStretch(
  { text, places }: Folded,
  words: string,
  from: number,
): Stretch | null {
  const wanted = folded(words).text;
  if (wanted === "") return null;
  const later = places.findIndex((place) => place >= from);
  const ahead = later === -1 ? -1 : text.indexOf(wanted, later);
  const at = ahead === -1 ? text.indexOf(wanted) : ahead;
  const start = places[at];
  const last = places[at + wanted.length - 1];
  return at === -1 || start === undefined || last === undefined ? null : { start, end: last + 1 };
}

/** Every place at which the words stand in the text. */
export function allStretches(whole: Folded, words: string): readonly Stretch[] {
  const found: Stretch[] = [];
  let from = 0;
  for (;;) {
    const next = foundStretch(whole, words, from);
    if (next === null || next.start < from || found.length >= STRETCHES_MAX) return found;
    found.push(next);
    from = next.end;
  }
}

/** A record of many lines may say the same in each. */
const STRETCHES_MAX = 50;
