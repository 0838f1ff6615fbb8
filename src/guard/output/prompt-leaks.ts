/** Finds parts of the prompt's instructions in a text. */
import { decodedRuns, type Finder } from "./encoded-text.ts";
import { foldedForms, READ_MAX } from "#text/normalize.ts";

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
  const lines = instructions.split("\n").map(packed);
  const open = sayable.map(packed);
  const secrets = promptSecrets(lines, open);
  return (text, { base64, hex } = decodedRuns(text)) =>
    possibleReadings(text).some((reading) => holdsOne(packed(reading), secrets)) ||
    [...base64, ...hex].some((bytes) => holdsOne(packedBytes(bytes), secrets));
}

/** The windows that must not occur, by their hashes and in full. */
interface Secrets {
  readonly windows: ReadonlySet<string>;
  readonly hashes: ReadonlySet<number>;
}

function promptSecrets(lines: readonly string[], open: readonly string[]): Secrets {
  const allowed = new Set(open.flatMap(letterWindows));
  const windows = new Set(lines.flatMap(letterWindows).filter((one) => !allowed.has(one)));
  return { windows, hashes: new Set([...windows].map(windowHash)) };
}

/** Reads digits as the letters they look like. */
function spoken(text: string): string {
  return text.replaceAll(/[01345]/g, (digit) => LEET[digit] ?? digit);
}

function possibleReadings(text: string): readonly string[] {
  return [text, reversed(text), spoken(text), turned(text)];
}

const BASE = 0x01000193;

function windowHash(window: string): number {
  let hash = 0;
  for (let at = 0; at < window.length; at += 1)
    hash = (Math.imul(hash, BASE) + window.charCodeAt(at)) | 0;
  return hash;
}

/** What the first character of a window contributes to its hash. */
const FIRST = Array.from({ length: WINDOW - 1 }).reduce<number>(
  (power) => Math.imul(power, BASE),
  1,
);

/** The hash of each window follows from the one before, so only likely windows are compared letter by letter. */
function holdsOne(letters: string, { windows, hashes }: Secrets): boolean {
  let hash = windowHash(letters.slice(0, WINDOW));
  for (let end = WINDOW; end <= letters.length; end += 1) {
    if (hashes.has(hash) && windows.has(letters.slice(end - WINDOW, end))) return true;
    const rest = hash - Math.imul(letters.charCodeAt(end - WINDOW), FIRST);
    hash = (Math.imul(rest, BASE) + letters.charCodeAt(end)) | 0;
  }
  return false;
}

/** Applies ROT13. */
function turned(text: string): string {
  return text.replaceAll(/[a-z]/gi, (letter) => {
    const first = letter <= "Z" ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - first + 13) % 26) + first);
  });
}

function reversed(text: string): string {
  return Array.from(text).toReversed().join("");
}

/** What each byte, read as Latin-1, adds to a packed text: compatibility forms of these letters stand alone. */
const LETTERS = Array.from({ length: 256 }, (_none, code) => packed(String.fromCharCode(code)));
const LETTERS_MAX = Math.max(...LETTERS.map(({ length }) => length));

/** The packed form of bytes, empty when it is too short to hold a window, as with nearly all that is no real encoding. */
function packedBytes(bytes: Buffer): string {
  if (bytes.length * LETTERS_MAX > READ_MAX) return packed(bytes.toString("latin1"));
  let length = 0;
  for (const byte of bytes) length += LETTERS[byte]?.length ?? 0;
  if (length < WINDOW) return "";
  let letters = "";
  for (const byte of bytes) letters += LETTERS[byte] ?? "";
  return letters;
}

function packed(text: string): string {
  return foldedForms(text)
    .text.toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, "");
}

function letterWindows(letters: string): string[] {
  const windows: string[] = [];
  for (let at = 0; at + WINDOW <= letters.length; at += 1)
    windows.push(letters.slice(at, at + WINDOW));
  return windows;
}
