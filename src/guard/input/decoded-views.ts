/**
 * Decodes hidden text. A model reads base64, hexadecimal digits and reversed letters almost as well as plain text, so
 * the rules have to check them too. Each way of hiding is first recognised by its shape; ordinary text has none of
 * them, so the work stays proportional to the text.
 */
import { withoutInvisible } from "#text/normalize.ts";
import { ATTACK_WORDS, cipherViews, type DecodedView, FREQUENT, STRONG } from "./ciphers.ts";

/** A text hidden in a hidden text is looked for this deep; models give up earlier. */
const DEPTH_MAX = 3;
/** Characters read in all views of one text together, as a multiple of its length. */
const WORK_MAX = 3;
const VIEWS_MAX = 24;

/**
 * What a text says once decoded, apart from its plain reading; empty for nearly all texts. Takes the text as it came.
 * Linear; total.
 */
export function decodedViews(text: string): readonly DecodedView[] {
  const found: DecodedView[] = [];
  const known = new Set([text]);
  let left = WORK_MAX * text.length;
  let open: readonly DecodedView[] = [{ how: "", text }];
  for (let depth = 0; depth < DEPTH_MAX && open.length > 0; depth += 1) {
    const next: DecodedView[] = [];
    for (const outer of open) {
      for (const inner of directViews(outer.text)) {
        left -= inner.text.length;
        if (left < 0 || found.length >= VIEWS_MAX || known.has(inner.text)) continue;
        known.add(inner.text);
        const how = outer.how === "" ? inner.how : `${inner.how} ${outer.how}`;
        const view = { ...inner, how };
        next.push(view);
        found.push(view);
      }
    }
    open = next;
  }
  return found;
}

function directViews(text: string): readonly DecodedView[] {
  const plain = withoutInvisible(text);
  return [
    // Before spellings, of which a long text in cipher has some by chance, which would leave it no characters to be read.
    ...cipherViews(plain),
    ...encodedViews(plain),
    ...spellingViews(plain),
  ];
}

/** A view of these texts; none where there are none. */
function joinedViews(how: string, texts: readonly string[]): readonly DecodedView[] {
  return texts.length === 0 ? [] : [{ how, text: texts.join("\n") }];
}

/** The lines of a text that a pattern, which must be global, is found in: what is disguised on others is read there. */
function linesWith(text: string, shape: RegExp): string {
  const lines: string[] = [];
  let from = 0;
  while (from < text.length) {
    shape.lastIndex = from;
    const found = shape.exec(text);
    if (found === null) break;
    const end = text.indexOf("\n", found.index);
    lines.push(text.slice(text.lastIndexOf("\n", found.index) + 1, end === -1 ? undefined : end));
    from = end === -1 ? text.length : end + 1;
  }
  return lines.join("\n");
}

/** True for letters and spaces; decoded bytes of anything else hardly ever are. */
function isText(decodedText: string): boolean {
  const plain = decodedText.match(/[\p{L}\p{M}\p{N}\s.,:;!?'"()。，、-]/gu)?.length ?? 0;
  return (
    decodedText.length > 7 &&
    plain / decodedText.length > 0.9 &&
    /\p{L}\s\p{L}|\p{sc=Han}{4}/u.test(decodedText)
  );
}

/** True for what may be text or the codes of a text once more: base64, digits, codes of links. */
function isTextOrCodes(decodedText: string): boolean {
  return isText(decodedText) || /^[\w+/=%&#;:-]{16,}$/.test(decodedText.trim());
}

// Text written as the codes of its letters: base64, hexadecimal digits and the codes of links.

const BASE64 = /[A-Za-z0-9+/_-]{16,}={0,2}/g;
const HEX = /(?:(?:\\x|0x|%)?[0-9a-f]{2}[ ,:]?){12,}/gi;
const PERCENT_SIGN = /%[0-9a-f]{2}/gi;
const PERCENT = /(?:%[0-9a-f]{2}|[\w.,+-]){4,}/gi;

/** Views of a text that is written, in whole or in part, as codes of its letters. */
function encodedViews(text: string): readonly DecodedView[] {
  return [
    ...percentViews(text),
    ...decoded(text, BASE64, "in base64", (run) => Buffer.from(run, "base64").toString("utf8")),
    ...decoded(text, HEX, "in hexadecimal digits", (run) =>
      Buffer.from(run.replaceAll(/\\x|0x|[^0-9a-f]/gi, ""), "hex").toString("utf8"),
    ),
  ];
}

function decoded(
  text: string,
  shape: RegExp,
  how: string,
  decode: (run: string) => string,
): readonly DecodedView[] {
  return joinedViews(how, (text.match(shape) ?? []).map(decode).filter(isTextOrCodes));
}

function percentViews(text: string): readonly DecodedView[] {
  if (!text.includes("%")) return [];
  const runs = (linesWith(text, PERCENT_SIGN).match(PERCENT) ?? []).filter(
    (run) => (run.match(/%/g)?.length ?? 0) > 3,
  );
  return joinedViews(
    "in the code of links",
    runs.map((run) =>
      run
        .replaceAll("+", " ")
        .replaceAll(/(?:%[0-9a-f]{2})+/gi, (codes) =>
          Buffer.from(codes.replaceAll("%", ""), "hex").toString("utf8"),
        ),
    ),
  );
}

// Words that are spelt so that no word is found: letters one by one or below each other, marks and tags inside words,
// words without spaces.

/** Letters one by one: "i g n o r e", "i.g.n.o.r.e", or each on a line of its own. */
const SPACED =
  /(?<![\p{L}\p{N}])(?:[\p{L}\p{N}][ .,\-_*|/~+•·\n]{1,4}){7,}[\p{L}\p{N}](?![\p{L}\p{N}])/gu;
/** What every such run has, without the tables of Unicode; a letter is one or two code units. */
const APART = /(?:[^ .,\-_*|/~+•·\n]{1,2}[ .,\-_*|/~+•·\n]{1,4}){7}/;
/** Every second character the same, as where a program put it between all others, marks among them. */
const EVENLY = /[^\n]([ .,\-_*|/~+•·])(?:[^\n]\1){20,}[^\n]?/gu;

// Underscores are how programs spell names of several words.
const SPLIT_MARK = /(?<=\p{L})(?:[*~`^]{1,3}|(?:<[^<>]{0,80}>){1,4}|["'] ?\+ ?["'])(?=\p{L})/gu;
const SPLITS_MIN = 3;
/** Views of a text of which words are spelt in such a way. */
function spellingViews(text: string): readonly DecodedView[] {
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
