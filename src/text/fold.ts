/** Letters that no decomposition takes apart, with the plain ones people type instead; typographic apostrophes too. */
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
 * One spelling of a text to compare by: small letters without accents, compatibility forms folded, invisible characters
 * gone. Words then match however they were typed ("Rückerstattung", "RUCKERSTATTUNG"). Never shown to anybody.
 */
export function folded(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[\p{M}\p{Cf}]/gu, "")
    .toLowerCase()
    .replace(SPECIAL, (letter) => PLAIN[letter] ?? letter);
}

/** The words and numbers of a text in that spelling, without what stands between them. */
export function foldedWords(text: string): readonly string[] {
  return folded(text).match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** True when nobody could see anything of it: white space, invisible characters, letters that leave their place empty. */
export function isBlank(text: string): boolean {
  return !VISIBLE.test(text);
}

/** U+2800 and U+1D159 count as signs, and both are drawn as nothing. Marks alone are no text either. */
const VISIBLE = /[[\p{L}\p{N}\p{P}\p{S}]--[\p{Default_Ignorable_Code_Point}\u2800\u{1D159}]]/v;
