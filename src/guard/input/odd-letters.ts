/** Finds what is written in characters that no reader sees, or that only look like those of another alphabet. */
import { hiddenInTags, isAscii } from "#text/normalize.ts";
import type { Suspicion } from "./injection-rules.ts";

/** A suspicion with the words it is about. */
export interface OddLetters extends Suspicion {
  readonly words: string;
}

/** A word with letters of Latin beside those of an alphabet that has the same shapes. */
const TWO_ALPHABETS =
  /(?<!\p{L})(?=\p{L}{0,30}\p{sc=Latin})(?=\p{L}{0,30}[\p{sc=Greek}\p{sc=Cyrillic}])\p{L}{2,30}/gu;
/** One may be a name; so many are a disguise. */
const OF_TWO_MIN = 3;

/** What letters that only look alike make of a text; the list is empty or has one remark. */
export function ofTwoAlphabets(text: string): readonly OddLetters[] {
  if (isAscii(text)) return [];
  const words = new Set(text.match(TWO_ALPHABETS));
  return words.size < OF_TWO_MIN
    ? []
    : [
        {
          tier: "caution",
          reason: "mixes letters of two alphabets in its words",
          words: [...words].slice(0, CODES_SHOWN_MAX).join(" "),
        },
      ];
}

/** Selectors of variants in a row, as the bytes of a text; emoji have two. */
const SELECTORS = /[\u{fe00}-\u{fe0f}\u{e0100}-\u{e01ef}]{8,}/u;
/** Spaces without width in a row, as the digits of letters, or to pad a mail. */
const JOINERS = /[\u200b-\u200d\u2060\ufeff]{12,}/g;
/** The longest group of such spaces that mails are padded with, over and over. */
const GROUP_MAX = 8;
/** So many signs other than those of the group before are no padding. */
const CHANGES_MIN = 12;

/** What is written in characters that are not displayed; the list is empty or has one remark. */
export function writtenUnseen(text: string): readonly OddLetters[] {
  const words = hiddenInTags(text) || codePoints(unseenRun(text));
  return words === ""
    ? []
    : [{ tier: "block", reason: "is written in invisible characters", words }];
}

/** The run of selectors or joiners in which a text is hidden; empty where none is. */
function unseenRun(text: string): string {
  return SELECTORS.exec(text)?.[0] ?? text.match(JOINERS)?.find((run) => !isPadding(run)) ?? "";
}

/** Padding says the same again and again, digits of letters do not. */
function isPadding(run: string): boolean {
  for (let group = 1; group <= GROUP_MAX; group += 1) {
    let changes = 0;
    for (let at = group; at < run.length && changes < CHANGES_MIN; at += 1)
      if (run[at] !== run[at - group]) changes += 1;
    if (changes < CHANGES_MIN) return true;
  }
  return false;
}

const CODES_SHOWN_MAX = 8;

/** How a card names characters that nobody sees: "U+200B U+200C". */
function codePoints(unseen: string): string {
  return Array.from(unseen)
    .slice(0, CODES_SHOWN_MAX)
    .map((sign) => `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase()}`)
    .join(" ");
}
