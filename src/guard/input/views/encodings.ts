/**
 * Reads text written as the codes of its letters: base64, hexadecimal, binary and decimal numbers, the codes of links and
 * of programs, Morse and characters that are not displayed. A model reads all of them almost as well as plain
 * text.
 */
import { decodeHTML } from "entities";
import { isAscii } from "#text/matches.ts";
import { type DecodedView, isText, isTextOrCodes, linesWith, utf8, joinedViews } from "./view.ts";

const BASE64 = /[A-Za-z0-9+/_-]{16,}={0,2}/g;
const HEX = /(?:(?:\\x|0x|%)?[0-9a-f]{2}[ ,:]?){12,}/gi;
const BITS = /(?:[01]{8}[ ,]?){8,}/g;
const NUMBERS = /(?:\b\d{2,3}[ ,;]{1,2}){12,}\d{2,3}\b/g;
const PERCENT_SIGN = /%[0-9a-f]{2}/gi;
const PERCENT = /(?:%[0-9a-f]{2}|[\w.,+-]){4,}/gi;
/** As programs write a letter: `\u0069`, `\u{69}`, `\x69`, `\151`, `=69`, and a reference escaped once more: `&amp;#105;`. */
const ESCAPES =
  /\\u\{?([0-9a-f]{2,6})\}?|\\x([0-9a-f]{2})|\\([0-7]{3})|=([0-9A-F]{2})|&amp;(#\w{2,7};)/gi;
const ESCAPES_MIN = 6;

/** Views of a text that is written, in whole or in part, as codes of its letters. */
export function encodedViews(text: string): readonly DecodedView[] {
  return [
    ...percentViews(text),
    ...decoded(text, BASE64, "in base64", (run) => Buffer.from(run, "base64").toString("utf8")),
    ...decoded(text, HEX, "in hexadecimal digits", (run) =>
      Buffer.from(run.replaceAll(/\\x|0x|[^0-9a-f]/gi, ""), "hex").toString("utf8"),
    ),
    ...decoded(text, BITS, "in binary digits", (run) => utf8(bytesOfBits(run))),
    ...decoded(text, NUMBERS, "in numbers for letters", (run) =>
      String.fromCharCode(...(run.match(/\d+/g) ?? []).map(Number)),
    ),
    ...escapeViews(text),
    ...morseViews(text),
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

function bytesOfBits(run: string): readonly number[] {
  return (run.match(/[01]{8}/g) ?? []).map((bits) => Number.parseInt(bits, 2));
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

function escapeViews(text: string): readonly DecodedView[] {
  if (!/\\[ux0-7]|=[0-9a-f]{2}=|&amp;#/i.test(text)) return [];
  let count = 0;
  const plain = text.replaceAll(
    ESCAPES,
    (all, wide?: string, narrow?: string, octal?: string, quoted?: string, entity?: string) => {
      count += 1;
      if (entity !== undefined) return decodeHTML(`&${entity}`);
      const code =
        octal === undefined
          ? Number.parseInt(wide ?? narrow ?? quoted ?? "", 16)
          : Number.parseInt(octal, 8);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );
  return count < ESCAPES_MIN ? [] : [{ how: "in escaped letters", text: plain }];
}

/** Signs of Morse code by letter (ITU-R M.1677-1, section 1.1). */
const MORSE_LETTERS =
  "a.- b-... c-.-. d-.. e. f..-. g--. h.... i.. j.--- k-.- l.-.. m-- n-. o--- p.--. q--.- r.-. s... t- u..- v...- w.-- x-..- y-.-- z--.. 0----- 1.---- 2..--- 3...-- 4....- 5..... 6-.... 7--... 8---.. 9----. ..-.-.- ,--..-- ?..--.. /-..-. @.--.-. :---... '.----. --....- \"..-..-. (-.--. )-.--.- !-.-.-- =-...- +.-.-.";
const MORSE = new Map(MORSE_LETTERS.split(" ").map((pair) => [pair.slice(1), pair.slice(0, 1)]));
const MORSE_RUN = /(?:[.·•*_–—-]{1,7}[ \t\n/|]{1,4}){11,}[.·•*_–—-]{1,7}/g;
/** Letters in Morse code are no rulers of dashes: this share of the signs must be some letter, and several different ones. */
const MORSE_SHARE_MIN = 0.9;
const MORSE_DIFFERENT_MIN = 5;

function morseViews(text: string): readonly DecodedView[] {
  const texts = (text.match(MORSE_RUN) ?? []).map(morse).filter((one) => one !== "");
  return joinedViews("in Morse code", texts);
}

function morse(run: string): string {
  const signs = run
    .replaceAll(/[·•*]/g, ".")
    .replaceAll(/[_–—]/g, "-")
    .replaceAll(/[/|\n]+/g, " / ")
    .replaceAll(/[ \t]{3,}/g, " / ")
    .split(/[ \t]+/)
    .filter((sign) => sign !== "");
  const letters = signs.map((sign) => (sign === "/" ? " " : MORSE.get(sign)));
  const known = letters.filter((letter) => letter !== undefined);
  const isMorse =
    known.length >= letters.length * MORSE_SHARE_MIN && new Set(known).size >= MORSE_DIFFERENT_MIN;
  return isMorse ? known.join("").replaceAll(/ {2,}/g, " ") : "";
}

// Characters that are not displayed, and text that is stored in another order than it is displayed. Needs the text as it
// came, with its invisible characters.

/** Variation selectors number 256, one for each byte (Unicode 16, section 23.4). */
const SELECTORS = /[\u{fe00}-\u{fe0f}\u{e0100}-\u{e01ef}]{8,}/gu;
/** Two kinds of joiners or spaces without width, as the digits of letters. */
const JOINERS = /[\u200b-\u200d\u2060\ufeff]{48,}/g;
/** From a mark that has letters displayed from right to left, to its end or that of the line (Unicode TR 9). */
const DISPLAYED_TURNED = /[\u202e\u2067]([^\u202c\u2069\n]{4,})/g;

/** Views of what a text says in characters no reader sees, and in the order in which its letters are displayed. */
export function invisibleViews(text: string): readonly DecodedView[] {
  if (isAscii(text)) return [];
  return [
    ...joinedViews(
      "in invisible characters",
      (text.match(SELECTORS) ?? []).map(selectorText).filter(isText),
    ),
    ...joinedViews(
      "in invisible characters",
      (text.match(JOINERS) ?? []).flatMap(ofBits).filter(isText),
    ),
    ...joinedViews(
      "in letters displayed from right to left",
      [...text.matchAll(DISPLAYED_TURNED)].map(([, run = ""]) =>
        Array.from(run).toReversed().join(""),
      ),
    ),
  ];
}

function selectorText(run: string): string {
  return utf8(
    Array.from(run, (selector) => {
      const code = selector.codePointAt(0) ?? 0;
      return code < 0xe0000 ? code - 0xfe00 : code - 0xe0100 + 16;
    }),
  );
}

/** Which of the two kinds is the one is not known, so both are read. */
function ofBits(run: string): readonly string[] {
  const kinds = [...new Set(run)];
  if (kinds.length < 2) return [];
  const digits = Array.from(run.replaceAll(/[\u2060\ufeff]/g, ""));
  return kinds.slice(0, 2).map((one) => {
    const bits = digits.map((digit) => (digit === one ? "1" : "0")).join("");
    return utf8((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  });
}
