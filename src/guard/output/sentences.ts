/** Splits a text into sentences and clauses. */
import { allMatches } from "#text/normalize.ts";
import { spelled } from "#text/spelling.ts";
import { ENGLISH } from "#guard/claims/deed-grammar.ts";
import { endsAsking } from "#guard/languages/sentence-words.ts";

/** One sentence as English reads it, so that each is read once however many clauses it has. */
interface Sentence extends Piece {
  /** Asks something and states nothing. */
  readonly isQuestion: boolean;
  /** Contains an "if" or the like, on which what "will" happen depends. */
  readonly isConditional: boolean;
}

/** A part of a sentence that says one thing, with its position in the whole text. */
export interface Clause extends Piece {
  readonly sentence: Sentence;
}

export interface Piece {
  readonly text: string;
  /** The same in the spelling of the patterns. */
  readonly plain: string;
  readonly start: number;
  readonly end: number;
}

// A point ends a sentence before white space only, so "120.00" and "ourshop.test" stay whole, as do "8. November" and
// "No. 789". A list's line ends a sentence, unless it goes on indented.
const MONTH = "(?:jan|feb|m[äa]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])";
const SENTENCE_END = new RegExp(
  String.raw`(?<=[.!?]["')\]»]?)(?!(?<=\b\d{1,2}\.)\s+${MONTH})(?!(?<=\b(?:no|nr|núm)\.)\s+\d)(?<!\b(?:z\.b|bzw|ca|mr|mrs|ms|dr|sr|sra)\.)\s+|\n\s*\n|\n(?=\s*(?:[-*•]|\d+[.)])\s)|\n(?![ \t])(?<=(?:^|\n)[ \t]*(?:[-*•]|\d{1,3}[.)])[ \t].*(?:\n[ \t].*)*\n)`,
  "giu",
);

/** The sentences of a text with their positions. */
export function sentencePieces(text: string): readonly Piece[] {
  return pieces({ text, plain: spelled(text), start: 0 }, text, SENTENCE_END);
}

/** The stretches of a text between commas, colons, brackets and the ends of sentences, whatever its language. */
export function phrasePieces(text: string): readonly Piece[] {
  return sentencePieces(text).flatMap(phrasesIn);
}

/** Those of one sentence. */
export function phrasesIn(piece: Piece): readonly Piece[] {
  return pieces(piece, piece.plain, PHRASE_END);
}

const PHRASE_END = /[,;:–—]\s|\s-\s|\s(?=\()/g;

/** A sentence as English reads it, in clauses. */
export function readSentence(piece: Piece): readonly Clause[] {
  const { text, plain } = piece;
  const asks = endsAsking(text);
  const sentence: Sentence = {
    ...piece,
    isQuestion: false,
    isConditional: ENGLISH.condition.test(plain),
  };
  const clauses = pieces(piece, plain, ENGLISH.clauseEnd);
  // "We have refunded you, is that all right?" begins to ask at its second clause.
  const first = asks ? clauses.findIndex((clause) => ENGLISH.question.test(clause.plain)) : -1;
  const asked = { ...sentence, isQuestion: true };
  return clauses.map((clause, at) => ({
    ...clause,
    sentence: first >= 0 && at >= first ? asked : sentence,
  }));
}

function pieces(
  whole: { readonly text: string; readonly plain: string; readonly start: number },
  searched: string,
  separator: RegExp,
): readonly Piece[] {
  const found: Piece[] = [];
  const add = (from: number, to: number): void => {
    const text = whole.text.slice(from, to);
    if (text.trim() === "") return;
    const plain = whole.plain.slice(from, to);
    found.push({ text, plain, start: whole.start + from, end: whole.start + to });
  };
  let from = 0;
  for (const match of allMatches(searched, separator)) {
    add(from, match.index);
    from = match.index + match[0].length;
  }
  add(from, whole.text.length);
  return found;
}
