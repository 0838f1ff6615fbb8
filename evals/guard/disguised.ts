/** How much of what the input guard blocks in plain it blocks in disguise, for `evals guard --disguised`. */
import { createInputGuard } from "#guard/input/input-guard.ts";
import { inspectOne } from "#guard/input/one-text.ts";
import { encoded, Encoding } from "#evals/redteam/encodings.ts";
import { isAttack, type LabelledText } from "./corpus.ts";

/** What became of the attacks in one disguise; shares are in per cent of all attacks. */
export interface DisguisedRate {
  readonly disguise: string;
  readonly of: number;
  readonly plain: number;
  readonly disguised: number;
}

/** Letters and digits in Morse code. */
const MORSE: Readonly<Record<string, string>> = Object.fromEntries(
  "a.- b-... c-.-. d-.. e. f..-. g--. h.... i.. j.--- k-.- l.-.. m-- n-. o--- p.--. q--.- r.-. s... t- u..- v...- w.-- x-..- y-.-- z--.. 0----- 1.---- 2..--- 3...-- 4....- 5..... 6-.... 7--... 8---.. 9----."
    .split(" ")
    .map((sign) => [sign.slice(0, 1), sign.slice(1)]),
);

/** Disguises beside those of the attack files. */
const MORE: Readonly<Record<string, (text: string) => string>> = {
  dotted: (text) => Array.from(text.replaceAll(/\s+/g, "")).join("."),
  // Bold letters of formulas (Unicode block Mathematical Alphanumeric Symbols).
  mathematical: (text) =>
    text
      .replaceAll(/[a-z]/g, (letter) => String.fromCodePoint(0x1d41a + letter.charCodeAt(0) - 97))
      .replaceAll(/[A-Z]/g, (letter) => String.fromCodePoint(0x1d400 + letter.charCodeAt(0) - 65)),
  morse: (text) =>
    text
      .toLowerCase()
      .split(/\s+/)
      .map((word) =>
        Array.from(word)
          .map((letter) => MORSE[letter])
          .filter((sign) => sign !== undefined)
          .join(" "),
      )
      .filter((word) => word !== "")
      .join(" / "),
};

const DISGUISES: readonly (readonly [name: string, write: (text: string) => string])[] = [
  ...Encoding.options.map((name) => [name, (text: string) => encoded(text, name)] as const),
  ...Object.entries(MORE),
];

/** A text in the letters of another language has no form in disguises of Latin letters. */
const LATIN = /^[\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]+$/u;

/** Shows the guard each attack in plain and in each disguise; honest texts are left out. */
export function disguisedRates(
  texts: readonly LabelledText[],
  progress: (line: string) => void,
): readonly DisguisedRate[] {
  const guard = createInputGuard({ toolNames: [], delicateWords: {}, vip: [] });
  const isBlocked = (text: string): boolean => inspectOne(guard, text, "body").verdict === "block";
  const attacks = texts
    .filter(({ kind, text }) => isAttack(kind) && kind !== "obfuscated" && LATIN.test(text))
    .map(({ text }) => ({ text, isBlocked: isBlocked(text) }));
  const plain = shareOf(attacks.map((attack) => attack.isBlocked));
  const rates = DISGUISES.map(([disguise, write]) => {
    progress(disguise);
    const found = attacks.map(({ text }) => isBlocked(write(text)));
    return { disguise, of: attacks.length, plain, disguised: shareOf(found) };
  });
  progress("");
  return rates;
}

function shareOf(found: readonly boolean[]): number {
  return Math.round((1_000 * found.filter(Boolean).length) / Math.max(1, found.length)) / 10;
}

/** The rates as a table. */
export function disguisedTable(rates: readonly DisguisedRate[]): string {
  return [
    "| disguise | of | blocked in plain, % | blocked in disguise, % |",
    "| --- | ---: | ---: | ---: |",
    ...rates.map(
      ({ disguise, of, plain, disguised }) => `| ${disguise} | ${of} | ${plain} | ${disguised} |`,
    ),
    "",
  ].join("\n");
}
