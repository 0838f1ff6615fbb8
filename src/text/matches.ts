/** Searches texts with patterns that are compiled once. */

/**
 * All matches of a global pattern, in order. `matchAll` copies the pattern for each text, which costs more than
 * searching a short one.
 */
export function allMatches(text: string, pattern: RegExp): readonly RegExpExecArray[] {
  const found: RegExpExecArray[] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    found.push(match);
    if (match[0] === "") pattern.lastIndex += widthAt(text, match.index, pattern);
  }
  return found;
}

/** After an empty match the search goes on behind the next character, which may have two halves. */
function widthAt(text: string, place: number, { unicode, unicodeSets }: RegExp): number {
  return (unicode || unicodeSets) && (text.codePointAt(place) ?? 0) > 0xffff ? 2 : 1;
}

/**
 * True when a text has ASCII characters alone. Such a text is in every compatibility form already and holds nothing
 * invisible and no letters of other alphabets, so what looks for these can be left out.
 */
export function isAscii(text: string): boolean {
  return !NOT_ASCII.test(text);
}

const NOT_ASCII = /[\u0080-\uFFFF]/;

/** True when a text has a digit, without which it states no amount, no date and no number. */
export function hasDigit(text: string): boolean {
  return DIGIT.test(text);
}

const DIGIT = /\d/;
