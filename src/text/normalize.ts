/** Normalises text for rules, so that disguised spellings match; searches it with patterns; folds it for comparison. */

import { decodeHTML } from "entities";

/**
 * Letters of other scripts that look like Latin ones, and typographic marks with a plain equivalent. NFKC keeps these,
 * because they are distinct characters; Unicode TR 39 calls them confusables.
 */
const LOOKALIKES: Readonly<Record<string, string>> = pairs(
  // Cyrillic and Greek, lower case only; capitals are lowered before.
  "аa еe оo рp сc уy хx іi јj ѕs ԁd ԛq ԝw һh ӏl кk мm тt вb нh гr пn αa οo ρp νv τt ιi κk εe υu χx ηn ωw ɑa ɡg ɩi ʟl ʀr ıi ƽs",
  // Quotation marks and dashes.
  "‘' ’' ‚' ‛' ′' `' ´' “\" ”\" „\" ‟\" ″\" «\" »\" ‐- ‑- ‒- –- —- ―- −- ․. ∶: ꞉: ⁄/ ∕/ ⟨< ⟩> ‹< ›>",
);

/** Invisible: format characters (Cf, with the Unicode tags), variation selectors, fillers, the grapheme joiner. */
const INVISIBLE =
  /[\p{Cf}\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}\u{034F}\u{115F}\u{1160}\u{3164}\u{FFA0}\u{2800}]/gu;
// Control characters (Cc) other than tab and line ends: without the tables of Unicode it takes a quarter of the time.
// oxlint-disable-next-line no-control-regex -- these are the characters it is about
const CONTROL = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F]/g;
const LOOKALIKE = new RegExp(
  `[${Object.keys(LOOKALIKES)
    .map((letter) => letter.replace(/[\\\]^-]/, String.raw`\$&`))
    .join("")}]`,
  "gu",
);

/** Unicode tag characters mirror ASCII at this offset; they are not displayed, but models read them. */
const TAG_BASE = 0xe0000;
const TAGS = /[\u{E0020}-\u{E007E}]+/gu;

/**
 * More than customers write to a shop. Text beyond it is not read, and a caller that reads less than all must say so.
 */
export const READ_MAX = 100_000;

/**
 * A text in compatibility forms, cut to the limit. One character may become eighteen, so it is cut before and after.
 */
export function foldedForms(text: string): { readonly text: string; readonly isWhole: boolean } {
  if (isAscii(text)) return { text: text.slice(0, READ_MAX), isWhole: text.length <= READ_MAX };
  const forms = text.slice(0, READ_MAX).normalize("NFKC");
  return {
    text: forms.slice(0, READ_MAX),
    isWhole: text.length <= READ_MAX && forms.length <= READ_MAX,
  };
}

/**
 * The normalised form of a text for rules: entities decoded, compatibility forms folded (NFKC), invisible characters
 * removed, look-alike letters made Latin, lower case; cut to the limit. Never shown to people.
 */
export function normalise(text: string): string {
  return withoutInvisible(foldedForms(decodeHTML(text.slice(0, READ_MAX))).text)
    .toLowerCase()
    .replace(LOOKALIKE, (letter) => LOOKALIKES[letter] ?? letter);
}

/** Replaces letters and dots that look like Latin ones, one for one. */
export function lookingLatin(text: string): string {
  if (isAscii(text)) return text;
  return text.replace(SHAPES, (letter) => {
    const small = letter.toLowerCase();
    return LOOKALIKES[small] ?? DOTS[letter] ?? letter;
  });
}

/** Browsers read these as the dots of a host name; before such letters they end a sentence. */
const DOTS: Readonly<Record<string, string>> = { "。": ".", "．": ".", "｡": ".", "․": "." };
const SHAPES =
  /[\p{Script=Cyrillic}\p{Script=Greek}ɑɡɩıʟʀⲟ․⁄∕]|[。．｡](?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])/gu;

/** The text without invisible characters. Line ends stay. */
export function withoutInvisible(text: string): string {
  return (isAscii(text) ? text : text.replace(INVISIBLE, "")).replace(CONTROL, " ");
}

/**
 * The text without what its reader does not see, so that nothing is sent, shown or handed to a model unseen. What shapes
 * its neighbours stays between them: the parts of an emoji, and the joiners of scripts that join letters.
 */
export function seenText(text: string): string {
  return (isAscii(text) ? text : text.replace(UNSEEN, "")).replace(CONTROL, " ");
}

const UNSEEN = new RegExp(
  [
    String.raw`(?<![\p{Extended_Pictographic}#*\d])[\uFE0E\uFE0F]`,
    String.raw`(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F\p{L}\p{M}])[\u200C\u200D]`,
    String.raw`[\u200C\u200D](?![\p{Extended_Pictographic}\p{L}])`,
    String.raw`(?![\u200C\u200D\uFE0E\uFE0F])${INVISIBLE.source}`,
  ].join("|"),
  "gu",
);

/** Text written in Unicode tags, which is invisible; empty when there is none. Flags of regions use a few of them. */
export function hiddenInTags(text: string): string {
  const runs = isAscii(text) ? [] : (text.match(TAGS) ?? []);
  // A tag character is two code units, and a flag has at most six of them.
  return runs
    .filter((run) => run.length > 12)
    .map((run) =>
      Array.from(run, (tag) =>
        String.fromCodePoint((tag.codePointAt(0) ?? TAG_BASE) - TAG_BASE),
      ).join(""),
    )
    .join("\n");
}

function pairs(...lists: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lists
      .join(" ")
      .split(" ")
      .map((pair): [string, string] => {
        const [letter = "", ...plain] = pair;
        return [letter, plain.join("")];
      }),
  );
}

// Searches texts with patterns that are compiled once.

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

// Folds text for comparison.

/** Letters that Unicode does not decompose, with the plain ones people type instead; typographic apostrophes too. */
const PLAIN: Readonly<Record<string, string>> = {
  ß: "ss",
  ø: "o",
  ł: "l",
  đ: "d",
  æ: "ae",
  œ: "oe",
  ı: "i",
  "’": "'",
  "‘": "'",
  "`": "'",
  "´": "'",
};
const SPECIAL = new RegExp(`[${Object.keys(PLAIN).join("")}]`, "gu");

/**
 * The folded form of a text, for comparison: lower case without accents, compatibility forms folded, invisible
 * characters removed. Words then match however they were typed ("Rückerstattung", "RUCKERSTATTUNG"). Never shown to
 * people.
 */
export function folded(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[\p{M}\p{Cf}]/gu, "")
    .toLowerCase()
    .replace(SPECIAL, (letter) => PLAIN[letter] ?? letter);
}

/** The words and numbers of a text in folded form, without what is between them. */
export function foldedWords(text: string): readonly string[] {
  return folded(text).match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** True when nothing of it is visible: white space, invisible characters, letters drawn as blanks. */
export function isBlank(text: string): boolean {
  return !VISIBLE.test(text);
}

/** U+2800 and U+1D159 count as symbols, but both are drawn as blanks. Marks alone are no text either. */
const VISIBLE = /[[\p{L}\p{N}\p{P}\p{S}]--[\p{Default_Ignorable_Code_Point}\u2800\u{1D159}]]/v;
