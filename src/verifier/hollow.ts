/** What of a reply states nothing, by its form: a courtesy, or a question that only asks. A model's word for it counts nothing. */
import { factsIn } from "#guard/output/evidence.ts";
import { linksIn } from "#guard/output/links.ts";
import { phrasePieces, type Piece, readSentence, sentencePieces } from "#guard/output/sentences.ts";
import { ENGLISH } from "#guard/claims/deed-grammar.ts";
import { isCourtesy, wordsIn } from "./courtesies.ts";
import { isKnown, type ReadSources } from "./read-sources.ts";
import { isEnglish } from "./opposites.ts";
import { asksSomething, isSupposed, repeatsSomebody } from "#guard/languages/sentence-words.ts";
import { mayBeEnglish } from "#guard/languages/detect.ts";

/** Whether a text states nothing and may go out without a source. */
export function statesNothing(
  text: string,
  kind: "courtesy" | "question",
  sources: ReadSources,
): boolean {
  const theirs = repeatsSomebody(text) ? wordsOfCustomer(sources) : isNobodys;
  return isCourtesy(text, theirs) || (kind === "question" && onlyAsks(text, sources));
}

const isNobodys = (): boolean => false;

/** The words of what the customer stated, by their beginnings; what they ask about is not so by their asking. */
function wordsOfCustomer({ all }: ReadSources): (word: string) => boolean {
  const stated = all
    .filter(({ kind }) => kind === "customer")
    .flatMap(({ text }) => sentencePieces(text))
    .filter(({ text }) => !/[?？؟]/.test(text));
  const stems = new Set(stated.flatMap(({ text }) => wordsIn(text).map(stemOf)));
  return (word) => stems.has(stemOf(word));
}

const STEM_CHARACTERS = 5;
const stemOf = (word: string): string => word.slice(0, STEM_CHARACTERS);

/** What it names stands in a source, and nothing is said before it begins to ask: "It is in Denver, isn't it?" says it. */
function onlyAsks(text: string, sources: ReadSources): boolean {
  const pieces = sentencePieces(text);
  return (
    /[?？؟]\W*$/.test(text) &&
    linksIn(text).length === 0 &&
    strangeNames(text, sources).length === 0 &&
    factsIn(text, sources.today).every((fact) => isKnown(fact, sources.all, sources)) &&
    pieces.every((piece) => isCourtesy(piece.text, isNobodys) || asksFirst(piece))
  );
}

function asksFirst(piece: Piece): boolean {
  const clauses = mayBeEnglish(piece.text) ? englishClauses(piece) : clausesAbroad(piece);
  const first = clauses.findIndex(({ asks }) => asks);
  return (
    first >= 0 &&
    !SUPPOSES.test(piece.text) &&
    /[?？؟]\W*$/.test(piece.text) &&
    clauses.slice(0, first).every(({ text, isHollow }) => isHollow || isCourtesy(text, isNobodys))
  );
}

/** A clause, whether it asks, and whether it says nothing by itself. */
interface AskingClause {
  readonly text: string;
  readonly asks: boolean;
  readonly isHollow: boolean;
}

function englishClauses(piece: Piece): readonly AskingClause[] {
  return readSentence(piece).map(({ text, plain, sentence }) => ({
    text,
    asks: sentence.isQuestion || ENGLISH.question.test(plain),
    isHollow: ENGLISH.condition.test(plain) || !ENGLISH.finite.test(plain),
  }));
}

function clausesAbroad({ text }: Piece): readonly AskingClause[] {
  return phrasePieces(text).map((clause) => ({
    text: clause.text,
    asks: asksSomething(clause.text),
    isHollow: isSupposed(clause.text),
  }));
}

/** "Did you know that it is in Denver?" */
const SUPPOSES =
  /(?<!\p{L})(?:know|aware|heard|noticed|remember|reali[sz]e|guess what|see that|wussten|wissen sie|gehört|saviez|su que|sabía|sabe que|sapeva|sa che|wist u|weet u|wiedział\p{L}*|vidste|visste|biliyor)(?!\p{L})/iu;

/** Names within a sentence that no source has. Other languages than English have their own names for places. */
export function strangeNames(text: string, { all }: ReadSources): readonly string[] {
  if (!isEnglish(text)) return [];
  const named = [...text.matchAll(/(?<=[\p{Ll}\p{N},)] )\p{Lu}\p{Ll}{2,}/gu)].map(([name]) => name);
  const strange = named.filter((name) => !isCourtesy(name, isNobodys) && !DATE_WORD.test(name));
  return strange.filter((name) => {
    const sought = name.toLowerCase();
    return !all.some(({ text: source }) => source.toLowerCase().includes(sought));
  });
}

/** The days are compared by value; languages name themselves with a capital. */
const DATE_WORD =
  /^(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)$/i;
