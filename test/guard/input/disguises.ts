/** Writes a text in the disguises that the guard reads, for its tests. */

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const BRAILLE = "⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵";
const SMALL_CAPITALS = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡxʏᴢ";
const UPSIDE_DOWN = "ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz";
const CYRILLIC: Readonly<Record<string, string>> = { a: "а", c: "с", e: "е", o: "о", p: "р" };
const DIGITS: Readonly<Record<string, string>> = { e: "3", i: "1", o: "0", s: "$", t: "7" };

const base64 = (text: string) => Buffer.from(text).toString("base64");
const hex = (text: string) => Buffer.from(text).toString("hex");
const reversed = (text: string) => Array.from(text).toReversed().join("");
const perLetter = (text: string, write: (letter: string) => string) =>
  Array.from(text, write).join("");
const from = (alphabet: string) => (text: string) =>
  perLetter(text.toLowerCase(), (letter) => {
    const at = LETTERS.indexOf(letter);
    return at === -1 ? letter : (Array.from(alphabet)[at] ?? letter);
  });
const moved = (by: number) => (text: string) =>
  text.replaceAll(/[a-z]/gi, (letter) => {
    const base = letter <= "Z" ? 65 : 97;
    return String.fromCharCode(base + ((letter.charCodeAt(0) - base + by) % 26));
  });
const code = (letter: string) => letter.codePointAt(0) ?? 0;
const shifted = (start: number, text: string) =>
  text.replaceAll(/[a-z]/g, (letter) => String.fromCodePoint(start + code(letter) - 97));
const bits = (letter: string) => code(letter).toString(2).padStart(8, "0");

/** Every disguise by its name; the words stay the same. */
export const DISGUISES: Readonly<Record<string, (text: string) => string>> = {
  base64,
  "base64 twice": (text) => base64(base64(text)),
  "base64 of hexadecimal": (text) => base64(`do this ${hex(text)}`),
  hexadecimal: hex,
  "hexadecimal of reversed": (text) => hex(reversed(text)),
  "code of links": (text) => perLetter(text, (letter) => `%${code(letter).toString(16)}`),
  "code of links twice": (text) => perLetter(text, (letter) => `%25${code(letter).toString(16)}`),
  entities: (text) => perLetter(text, (letter) => `&#${code(letter)};`),
  rot13: moved(13),
  "letters moved by three": moved(3),
  "mirrored alphabet": from(reversed(LETTERS)),
  reversed: reversed,
  "reversed words": (text) => text.split(" ").map(reversed).join(" "),
  "displayed from right to left": (text) => `\u202e${reversed(text)}\u202c`,
  escapes: (text) =>
    perLetter(text, (letter) => `\\u${code(letter).toString(16).padStart(4, "0")}`),
  "escapes in braces": (text) => perLetter(text, (letter) => `\\u{${code(letter).toString(16)}}`),
  "digits for letters": (text) =>
    text.toLowerCase().replaceAll(/[eiost]/g, (letter) => DIGITS[letter] ?? letter),
  spaced: (text) => Array.from(text).join(" "),
  "spaced without gaps": (text) => Array.from(text.replaceAll(" ", "")).join(" "),
  dotted: (text) => Array.from(text.replaceAll(" ", "")).join("."),
  vertical: (text) => Array.from(text.replaceAll(" ", "")).join("\n"),
  "run together": (text) => text.replaceAll(" ", ""),
  "with underscores": (text) => text.replaceAll(" ", "_"),
  "split by emphasis": (text) => text.replaceAll(/(\w\w)(\w)/g, "$1**$2"),
  "split by tags": (text) => text.replaceAll(/(\w\w)(\w)/g, "$1<b></b>$2"),
  "zero width": (text) => Array.from(text).join("\u200b"),
  homoglyphs: (text) => perLetter(text, (letter) => CYRILLIC[letter] ?? letter),
  "full width": (text) =>
    text.replaceAll(/[!-~]/g, (letter) => String.fromCodePoint(code(letter) + 0xfee0)),
  mathematical: (text) => shifted(0x1d41a, text.toLowerCase()),
  circled: (text) => shifted(0x24d0, text.toLowerCase()),
  tags: (text) =>
    `Hello${perLetter(text, (letter) => String.fromCodePoint(code(letter) + 0xe0000))}`,
  "variation selectors": (text) =>
    `Hello \u{1f600}${perLetter(text, (letter) => String.fromCodePoint(0xe0100 + code(letter) - 16))}`,
  "bits without width": (text) =>
    `Hello${Array.from(text, bits).join("").replaceAll("0", "\u200b").replaceAll("1", "\u200c")}`,
};

/** Letters that are no letters of a language: how they read is not asked. */
export const OTHER_FORMS: Readonly<Record<string, (text: string) => string>> = {
  Braille: (text) => from(BRAILLE)(text).replaceAll(" ", "\u2800"),
  "dark circles": (text) => shifted(0x1f150, text.toLowerCase()),
  "small capitals": from(SMALL_CAPITALS),
  "upside down": (text) => reversed(from(UPSIDE_DOWN)(text)),
  "letters of flags": (text) =>
    perLetter(
      text.toLowerCase().replaceAll(/[^a-z]/g, ""),
      (letter) => `${String.fromCodePoint(0x1f1e6 + code(letter) - code("a"))} `,
    ),
  "marks on letters": (text) => text.replaceAll(/[a-z]/g, "$&\u0323\u0301"),
};
