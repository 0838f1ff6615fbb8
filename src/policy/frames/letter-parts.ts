/** Finds the greeting and the closing that a model wrote although both are added. */
import type { LanguageFrame } from "./frame.ts";

/** Names below a closing: a line or two without a sentence. */
const NAME_LINES_MAX = 2;
const NAME_CHARACTERS_MAX = 40;
const GREETED_CHARACTERS_MAX = 60;

/** What a text has of a letter, by form alone. */
export interface LetterParts {
  /** True when the text begins with a greeting in its first line of text, so that ours would be the second one. */
  readonly isGreeted: boolean;
  /** The text without a greeting on a line of its own and without a closing with the name below it. */
  readonly body: string;
}

/**
 * Reads a text by the greetings and closings of these languages. A closing counts only as the last lines of a text, and
 * only with something before it; a greeting is taken away only where it has a line of its own.
 */
export function letterParts(text: string, frames: readonly LanguageFrame[]): LetterParts {
  const unsigned = withoutClosing(text, frames);
  const [first = "", ...rest] = unsigned.split("\n");
  if (!isGreeting(first, frames)) return { isGreeted: false, body: unsigned };
  const body = rest.join("\n").trim();
  return /[,!:]\s*$/u.test(first) && body !== ""
    ? { isGreeted: false, body }
    : { isGreeted: true, body: unsigned };
}

function isGreeting(line: string, frames: readonly LanguageFrame[]): boolean {
  const words = line.trim().toLowerCase();
  return frames.some(({ greetings }) =>
    greetings.some((greeting) => {
      if (!words.startsWith(greeting)) return false;
      const after = words.slice(greeting.length);
      // "Hi" is no greeting in "Hiking boots", and "dear" is none in a sentence that goes on.
      const end = after.search(/[,!:]/u);
      return (
        !/^[\p{L}\p{M}]/u.test(after) &&
        end >= 0 &&
        end <= GREETED_CHARACTERS_MAX &&
        !/[.?]/u.test(after.slice(0, end))
      );
    }),
  );
}

function withoutClosing(text: string, frames: readonly LanguageFrame[]): string {
  const lines = text.split("\n");
  const written = lines.flatMap((line, index) => (line.trim() === "" ? [] : [index]));
  for (let names = 0; names <= NAME_LINES_MAX; names += 1) {
    const at = written.at(-1 - names) ?? 0;
    const below = written.slice(written.length - names).map((index) => lines[index] ?? "");
    if (at > 0 && isClosing(lines[at] ?? "", frames) && below.every(isName))
      return lines.slice(0, at).join("\n").trim();
  }
  return text;
}

/** True for a line such as "Kind regards," in one of these languages. */
export function isClosing(line: string, frames: readonly LanguageFrame[]): boolean {
  const words = line
    .trim()
    .toLowerCase()
    .replace(/(?<![,.!])[,.!]+$/u, "");
  return frames.some(({ closings }) => closings.includes(words));
}

function isName(line: string): boolean {
  return line.trim().length <= NAME_CHARACTERS_MAX && !/[.?!:\d@/]/u.test(line);
}
