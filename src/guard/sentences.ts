/** A piece of a sentence that says one thing, with where it stands in the whole text. */
export interface Clause {
  readonly text: string;
  readonly start: number;
  /** The sentence around it, for words such as "if" at its beginning. */
  readonly sentence: string;
  readonly sentenceStart: number;
}

// A point ends a sentence before white space only, so "120.00" and "ourshop.test" stay whole.
const SENTENCE_END = /(?<=[.!?]["')\]]?)\s+|\n\s*\n|\n(?=\s*(?:[-*•]|\d+[.)])\s)/g;
const CLAUSE_END =
  /[,;:–—]\s|\s-+\s|\s[([]|\b(?:and|but|so|because|although|though|while|yet|then)\s/gi;

/** Splits a text into sentences and those into clauses, keeping positions. */
export function clausesOf(text: string): readonly Clause[] {
  return pieces(text, 0, SENTENCE_END).flatMap((sentence) =>
    pieces(sentence.text, sentence.start, CLAUSE_END).map((clause) => ({
      ...clause,
      sentence: sentence.text,
      sentenceStart: sentence.start,
    })),
  );
}

function pieces(text: string, offset: number, end: RegExp) {
  const found: { readonly text: string; readonly start: number }[] = [];
  let from = 0;
  for (const match of text.matchAll(end)) {
    found.push({ text: text.slice(from, match.index), start: offset + from });
    from = match.index + match[0].length;
  }
  found.push({ text: text.slice(from), start: offset + from });
  return found.filter((piece) => piece.text.trim() !== "");
}
