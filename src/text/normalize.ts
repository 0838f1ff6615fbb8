/** Normalises text for rules, so that disguised spellings match. */

import { decodeHTML } from "entities";
import { isAscii } from "./matches.ts";

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
const LOOKALIKE = new RegExp(`[${Object.keys(LOOKALIKES).map(escaped).join("")}]`, "gu");

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

/** Browsers read these as the dots of a host name. */
const DOTS: Readonly<Record<string, string>> = { "。": ".", "．": ".", "｡": ".", "․": "." };
const SHAPES = /[\p{Script=Cyrillic}\p{Script=Greek}ɑɡɩıʟʀⲟ。．｡․⁄∕]/gu;

/** The text without invisible characters. Line ends stay. */
export function withoutInvisible(text: string): string {
  return (isAscii(text) ? text : text.replace(INVISIBLE, "")).replace(CONTROL, " ");
}

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

function escaped(letter: string): string {
  return letter.replace(/[\\\]^-]/, String.raw`\$&`);
}
