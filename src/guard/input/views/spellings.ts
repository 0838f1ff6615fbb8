/**
 * Reads words that are spelt so that no word is found: letters one by one or below each other, marks and
 * tags inside words, words without spaces.
 */
import { ATTACK_WORDS, FREQUENT, STRONG } from "./common-words.ts";
import { type DecodedView, linesWith, joinedViews } from "./view.ts";

/** Letters one by one: "i g n o r e", "i.g.n.o.r.e", or each on a line of its own. */
const SPACED =
  /(?<![\p{L}\p{N}])(?:[\p{L}\p{N}][ .,\-_*|/~+•·\n]{1,4}){7,}[\p{L}\p{N}](?![\p{L}\p{N}])/gu;
/** What every such run has, without the tables of Unicode; a letter is one or two code units. */
const APART = /(?:[^ .,\-_*|/~+•·\n]{1,2}[ .,\-_*|/~+•·\n]{1,4}){7}/;
/** Every second character the same, as where a program put it between all others, marks among them. */
const EVENLY = /[^\n]([ .,\-_*|/~+•·])(?:[^\n]\1){20,}[^\n]?/gu;

const SPLIT_MARK = /(?<=\p{L})(?:[*_~`^]{1,3}|(?:<[^<>]{0,80}>){1,4}|["'] ?\+ ?["'])(?=\p{L})/gu;
const SPLITS_MIN = 3;
/** Views of a text of which words are spelt in such a way. */
export function spellingViews(text: string): readonly DecodedView[] {
  return [
    ...spaced(text),
    ...split(text),
    ...joinedViews("in words run together", wordsRunTogether(text)),
  ];
}

/** Letters in a row, or with single marks between them, as no word of a language without long compounds has them. */
const RUN = /[a-z](?:[_#=:.+-]?[a-z]){17,399}/gi;
const HAS_STRONG = new RegExp(STRONG.join("|"), "i");
/** Longer words first, of which others are a part. */
const KNOWN_WORD = new RegExp(
  [...ATTACK_WORDS, ...FREQUENT.filter((word) => word.length > 2)]
    .toSorted((one, other) => other.length - one.length)
    .join("|"),
  "g",
);

/** The runs of letters with words of attacks in them, these set apart from what stands between them. */
function wordsRunTogether(text: string): readonly string[] {
  return (text.match(RUN) ?? []).filter((run) => HAS_STRONG.test(run)).map(wordsApart);
}

function wordsApart(run: string): string {
  return run
    .toLowerCase()
    .replaceAll(/[^a-z]/g, " ")
    .replaceAll(KNOWN_WORD, " $& ")
    .replaceAll(/ {2,}/g, " ");
}

/** Wider gaps count as the ends of words. Without any the words of attacks are set apart. */
function spaced(text: string): readonly DecodedView[] {
  const runs = ((APART.test(text) ? text.match(SPACED) : null) ?? []).map((run) =>
    run
      .replaceAll(/[ .,\-_*|/~+•·\n]{2,}/g, "\u0000")
      .replaceAll(/[ .,\-_*|/~+•·\n]/g, "")
      .replaceAll("\u0000", " "),
  );
  const even = (text.match(EVENLY) ?? []).map((run) => run.replaceAll(/(.)./gu, "$1"));
  return joinedViews("in single letters", [
    ...even,
    ...runs,
    ...[...even, ...runs].map(wordsApart),
  ]);
}

/** "ig**no**re", "ig<b></b>nore", `"ign" + "ore"`. */
function split(text: string): readonly DecodedView[] {
  const count = text.match(SPLIT_MARK)?.length ?? 0;
  return count < SPLITS_MIN
    ? []
    : joinedViews("in words split by marks", [linesWith(text, SPLIT_MARK).replace(SPLIT_MARK, "")]);
}
