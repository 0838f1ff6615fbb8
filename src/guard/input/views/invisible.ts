/**
 * Reads text in characters that are not displayed, and text that is stored in another order than it is displayed. Needs
 * the text as it came, with its invisible characters.
 */
import { isAscii } from "#text/matches.ts";
import { type DecodedView, isText, utf8, viewOf } from "./view.ts";

/** Variation selectors number 256, one for each byte (Unicode 16, section 23.4). */
const SELECTORS = /[\u{fe00}-\u{fe0f}\u{e0100}-\u{e01ef}]{8,}/gu;
/** Two kinds of joiners or spaces without width, as the digits of letters. */
const BITS = /[\u200b-\u200d\u2060\ufeff]{48,}/g;
/** From a mark that has letters displayed from right to left, to its end or that of the line (Unicode TR 9). */
const TURNED = /[\u202e\u2067]([^\u202c\u2069\n]{4,})/g;

/** Views of what a text says in characters no reader sees, and in the order in which its letters are displayed. */
export function invisibleViews(text: string): readonly DecodedView[] {
  if (isAscii(text)) return [];
  return [
    ...viewOf("in invisible characters", (text.match(SELECTORS) ?? []).map(bytesOf).filter(isText)),
    ...viewOf("in invisible characters", (text.match(BITS) ?? []).flatMap(ofBits).filter(isText)),
    ...viewOf(
      "in letters displayed from right to left",
      [...text.matchAll(TURNED)].map(([, run = ""]) => Array.from(run).toReversed().join("")),
    ),
  ];
}

function bytesOf(run: string): string {
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
