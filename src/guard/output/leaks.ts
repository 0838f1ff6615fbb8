/**
 * Finds what a reply gives away of the prompt: the canary, a mark hidden in each prompt, which it also creates, and
 * passages of the instructions, both also in encoded text.
 */
import { acceptedKeys, currentKey, type Keys } from "#core/connection/signing-keys.ts";
import { keyedDigest } from "#core/values/canonical-json.ts";
import { foldedForms } from "#text/normalize.ts";
import { moved, reversed } from "#guard/input/decoded-views.ts";

/** By chance nothing holds as many of its digits in a row. */
const PART = 12;

/** The mark hidden in the prompts of an installation; outside a prompt it means that instructions leaked. */
export function canaryMark(keys: Keys): string {
  return markOf(currentKey(keys));
}

function markOf(key: string): string {
  return keyedDigest(key, "canary").slice(0, 32);
}

/**
 * Reports whether a text contains twelve or more characters of the canary: plain, spaced, broken into lines, in
 * capitals, reversed, in base64 or in hexadecimal digits. A mark made with any accepted key is found. Linear in the text.
 */
export function canaryFinder(keys: Keys): Finder {
  const marks = acceptedKeys(keys).map(markOf);
  const parts = new Set(
    [...marks, ...marks.map(reversed)].flatMap((mark) => letterWindows(mark, PART)),
  );
  const isIn = (text: string): boolean =>
    (alphanumeric(text).match(DIGITS) ?? []).some((run) =>
      letterWindows(run, PART).some((part) => parts.has(part)),
    );
  return (text, { base64, hex } = decodedRuns(text)) =>
    isIn(text) ||
    [...base64, ...hex].some((bytes) => isIn(bytes.toString("latin1"))) ||
    base64.some((bytes) => isIn(bytes.toString("hex")));
}

const DIGITS = /[0-9a-f]{12,}/g;

function alphanumeric(text: string): string {
  return text.toLowerCase().replaceAll(/[^0-9a-z]+/g, "");
}

// Parts of the prompt's instructions in a text.

/**
 * This many matching letters and digits in a row, about nine words, are no coincidence. Shorter runs occur in honest
 * replies.
 */
const WINDOW = 48;

const LEET: Readonly<Record<string, string>> = { "0": "o", "1": "i", "3": "e", "4": "a", "5": "s" };

/**
 * Reports whether a text repeats the instructions of a prompt: about nine words in a row, whatever stands between the
 * letters, also reversed, in leetspeak, in ROT13, in base64 or in hexadecimal digits. `sayable` are the sentences the
 * instructions themselves want said. Linear in the text, which is read as far as `foldedForms` reads it.
 */
export function instructionFinder(instructions: string, sayable: readonly string[]): Finder {
  const allowed = new Set(sayable.flatMap((sentence) => letterWindows(packed(sentence), WINDOW)));
  const secrets = new Set(
    instructions
      .split("\n")
      .flatMap((line) => letterWindows(packed(line), WINDOW))
      .filter((one) => !allowed.has(one)),
  );
  const isIn = (text: string): boolean =>
    letterWindows(packed(text), WINDOW).some((one) => secrets.has(one));
  return (text, { base64, hex } = decodedRuns(text)) =>
    [text, reversed(text), spoken(text), moved(text, 13)].some(isIn) ||
    [...base64, ...hex].some((bytes) => isIn(bytes.toString("latin1")));
}

/** Reads digits as the letters they look like. */
function spoken(text: string): string {
  return text.replaceAll(/[01345]/g, (digit) => LEET[digit] ?? digit);
}

function packed(text: string): string {
  return foldedForms(text)
    .text.toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, "");
}

/** Every run of so many letters. */
function letterWindows(letters: string, length: number): readonly string[] {
  return Array.from({ length: Math.max(0, letters.length - length + 1) }, (_none, at) =>
    letters.slice(at, at + length),
  );
}

// What the runs of a text decode to.

const BASE64 = /[A-Za-z0-9+/_-]{16,}/g;
const HEX = /[0-9a-f]{24,}/g;

interface DecodedRuns {
  readonly base64: readonly Buffer[];
  readonly hex: readonly Buffer[];
}

/** Reports whether a text holds something secret; `runs` are its decoded runs, for callers that have them. */
export type Finder = (text: string, runs?: DecodedRuns) => boolean;

/** One finder of several, which decodes a text once for all of them. */
export function anyFinder(...finders: readonly Finder[]): (text: string) => boolean {
  return (text) => {
    const runs = decodedRuns(text);
    return finders.some((holds) => holds(text, runs));
  };
}

/**
 * What runs of letters and digits decode to, ignoring white space. Encoded text may begin anywhere in a run, so every
 * alignment is tried.
 */
function decodedRuns(text: string): DecodedRuns {
  const joined = text.replaceAll(/\s+/g, "");
  return {
    base64: (joined.match(BASE64) ?? []).flatMap((run) =>
      [0, 1, 2, 3].map((skip) => Buffer.from(run.slice(skip), "base64")),
    ),
    hex: (alphanumeric(text).match(HEX) ?? []).flatMap((run) =>
      [0, 1].map((skip) => Buffer.from(run.slice(skip), "hex")),
    ),
  };
}
