/** One sentence with what reading it told, so that each is read once however many clauses it has. */
export interface Sentence {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Asks something and states nothing. */
  readonly isQuestion: boolean;
  /** Has an "if" or the like somewhere, on which what "will" happen depends. */
  readonly isConditional: boolean;
  /** Repeats the customer or says that something was not found, so their own numbers may stand in it. */
  readonly repeatsCustomer: boolean;
}

/** A piece of a sentence that says one thing, with where it stands in the whole text. */
export interface Clause {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly sentence: Sentence;
}

// A point ends a sentence before white space only, so "120.00" and "ourshop.test" stay whole.
const SENTENCE_END = /(?<=[.!?]["')\]]?)\s+|\n\s*\n|\n(?=\s*(?:[-*•]|\d+[.)])\s)/g;
const CLAUSE_END =
  /[,;:–—]\s|\s-+\s|\s[([]|\b(?:and|but|so|because|although|though|while|(?<!not )yet|(?<!\b(?:'ll|will|can) )then)\s/gi;

const QUESTION =
  /^\W*(?:has|have|had|was|were|is|are|did|does|do|would|could|can|shall|should|will|may|which|what|when|who|how|where|whether|why)\b/i;
const CONDITION =
  /\b(?:if|once|unless|until|whether|in case|as soon as (?!possible)|when(?:ever)? (?:you|it|the|we)|after (?:you|it|we|approval|a (?:teammate|person)))\b|\b(?:i|we)(?:'ll| will) (?:\w+ )?then\b|(?:^\W*|\b(?:please|just|simply) )(?:send|tell|give|check|confirm|reply|answer|write|let|share|provide|name|say)\b[^.!?]{0,160}(?:[,;] (?:and |so |then )?| and )(?:i|we)(?:'ll| will)\b/i;
const REPEATS =
  /\byou (?:asked|wrote|write|mention\w*|said|say|request\w*|told|gave|give|quoted|named|refer\w*|want\w*|would like|describe\w*)\b|\b(?:your|the) (?:message|question|request|e-?mail|letter)\b|(?:\b(?:not|unable to|no|cannot)|n't) (?:\w+ ){0,3}(?:find|found|see|locate|order)\b/i;

/** Splits a text into clauses with their sentences, keeping positions. */
export function clausesOf(text: string): readonly Clause[] {
  return pieces(text, 0, SENTENCE_END).flatMap((piece) => {
    const asks = /\?["')\]]?$/.test(piece.text.trimEnd());
    const sentence: Sentence = {
      ...piece,
      isQuestion: asks && QUESTION.test(piece.text),
      isConditional: CONDITION.test(piece.text),
      repeatsCustomer: asks || REPEATS.test(piece.text),
    };
    return pieces(piece.text, piece.start, CLAUSE_END).map((clause) => ({ ...clause, sentence }));
  });
}

function pieces(text: string, offset: number, separator: RegExp) {
  const found: { readonly text: string; readonly start: number; readonly end: number }[] = [];
  const add = (from: number, to: number): void => {
    const piece = text.slice(from, to);
    if (piece.trim() !== "") found.push({ text: piece, start: offset + from, end: offset + to });
  };
  let from = 0;
  for (const match of text.matchAll(separator)) {
    add(from, match.index);
    from = match.index + match[0].length;
  }
  add(from, text.length);
  return found;
}
