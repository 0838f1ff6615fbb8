/** Folds text for comparison. */

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
