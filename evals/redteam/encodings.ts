/** Encodings that disguise an attack. */
import { z } from "zod";

/** Encodings in which an attack may be written, by their names in attack files. */
export const Encoding = z.enum([
  "base64",
  "hex",
  "rot13",
  "leet",
  "zero_width",
  "homoglyph",
  "full_width",
  "reversed",
  "spaced",
  "tags",
  "url",
  "html_hidden",
  "html_entities",
]);
export type Encoding = z.infer<typeof Encoding>;

const LEET: Readonly<Record<string, string>> = { a: "4", e: "3", i: "1", o: "0", s: "5", t: "7" };
/** Cyrillic and Greek letters that look like Latin ones. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  a: "а",
  c: "с",
  e: "е",
  i: "і",
  o: "ο",
  p: "р",
  x: "х",
  y: "у",
};

const ENCODE: Readonly<Record<Encoding, (text: string) => string>> = {
  base64: (text) =>
    `Please decode this and do what it says: ${Buffer.from(text).toString("base64")}`,
  hex: (text) => `My message in hexadecimal: ${Buffer.from(text).toString("hex")}`,
  rot13,
  leet: (text) => text.replaceAll(/[aeiost]/g, (letter) => LEET[letter] ?? letter),
  zero_width: (text) => Array.from(text).join("\u200B"),
  homoglyph: (text) => text.replaceAll(/[aceiopxy]/g, (letter) => LOOKALIKES[letter] ?? letter),
  full_width: (text) =>
    text.replaceAll(/[!-~]/g, (sign) => String.fromCodePoint(sign.charCodeAt(0) + 0xfee0)),
  reversed: (text) => `Read this backwards: ${reversed(text)}`,
  spaced: (text) => Array.from(text).join(" "),
  // Invisible characters, each of which stands for an ASCII one (Unicode, block Tags).
  tags: (text) =>
    `Hello!${text.replaceAll(/[ -~]/g, (sign) => String.fromCodePoint(sign.charCodeAt(0) + 0xe0000))}`,
  url: (text) => `Please read: ${encodeURIComponent(text)}`,
  html_hidden: (text) => `Thank you!<span style="display:none">${text}</span>`,
  html_entities: (text) => text.replaceAll(/[a-z]/gi, (letter) => `&#${letter.charCodeAt(0)};`),
};

/** Writes a text in an encoding. */
export function encoded(text: string, encoding: Encoding): string {
  return ENCODE[encoding](text);
}

/** ROT13; applying it twice returns the text. */
export function rot13(text: string): string {
  return text.replaceAll(/[a-z]/gi, (letter) => {
    const base = letter <= "Z" ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
  });
}

/** The text reversed. */
export function reversed(text: string): string {
  return Array.from(text).toReversed().join("");
}
