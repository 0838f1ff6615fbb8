/** Finds parts of the prompt's instructions in a text. */
import { decodedRuns } from "./encoded-text.ts";
import { foldedForms } from "#text/normalize.ts";

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
export function instructionFinder(
  instructions: string,
  sayable: readonly string[],
): (text: string) => boolean {
  const allowed = new Set(sayable.flatMap((words) => windowsOf(packed(words))));
  const secret = new Set(
    instructions
      .split("\n")
      .flatMap((line) => windowsOf(packed(line)))
      .filter((window) => !allowed.has(window)),
  );
  const hashes = new Set([...secret].map(hashOf));
  return (text) => readingsOf(text).some((reading) => holdsOne(packed(reading), secret, hashes));
}

function readingsOf(text: string): readonly string[] {
  const { base64, hex } = decodedRuns(text);
  return [
    text,
    ...[...base64, ...hex].map((bytes) => bytes.toString("latin1")),
    Array.from(text).toReversed().join(""),
    text.replaceAll(/[01345]/g, (digit) => LEET[digit] ?? digit),
    turned(text),
  ];
}

const BASE = 0x01000193;

function hashOf(window: string): number {
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
function holdsOne(
  letters: string,
  secret: ReadonlySet<string>,
  hashes: ReadonlySet<number>,
): boolean {
  let hash = hashOf(letters.slice(0, WINDOW));
  for (let end = WINDOW; end <= letters.length; end += 1) {
    if (hashes.has(hash) && secret.has(letters.slice(end - WINDOW, end))) return true;
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

function packed(text: string): string {
  return foldedForms(text)
    .text.toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, "");
}

function windowsOf(letters: string): string[] {
  const windows: string[] = [];
  for (let at = 0; at + WINDOW <= letters.length; at += 1)
    windows.push(letters.slice(at, at + WINDOW));
  return windows;
}
