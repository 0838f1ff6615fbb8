import { viewsOf } from "./canary.ts";

/** So many letters and digits in a row are no chance: about nine words. Shorter ones occur in honest replies. */
const WINDOW = 48;

const LEET: Readonly<Record<string, string>> = { "0": "o", "1": "i", "3": "e", "4": "a", "5": "s" };

/**
 * Tells whether a text repeats the instructions of a prompt: nine words or so in a row, whatever stands between the
 * letters, also reversed, in leetspeak, turned by 13 letters, in base64 or in hexadecimal digits. `sayable` are the
 * sentences the instructions themselves want said.
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
  return (text) =>
    readingsOf(text).some((reading) => windowsOf(packed(reading)).some((part) => secret.has(part)));
}

function readingsOf(text: string): readonly string[] {
  return [
    ...viewsOf(text),
    Array.from(text).toReversed().join(""),
    text.replaceAll(/[01345]/g, (digit) => LEET[digit] ?? digit),
    turned(text),
  ];
}

/** ROT13, the oldest disguise there is. */
function turned(text: string): string {
  return text.replaceAll(/[a-z]/gi, (letter) => {
    const first = letter <= "Z" ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - first + 13) % 26) + first);
  });
}

function packed(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, "");
}

function windowsOf(letters: string): string[] {
  const windows: string[] = [];
  for (let at = 0; at + WINDOW <= letters.length; at += 1)
    windows.push(letters.slice(at, at + WINDOW));
  return windows;
}
