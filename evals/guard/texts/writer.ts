/** Writes single texts from seeds: fills their slots, and changes their manner as different people write. */
import type { Draw } from "#sandbox/history/draw.ts";
import { type Seeds, seedsOf } from "./seeds.ts";

/** Draws seeds of one split and fills them in. */
export interface Writer {
  readonly draw: Draw;
  /** A seed of this section, filled in. */
  one(section: string): string;
  /** All seeds of this section, each filled in once. */
  all(section: string): readonly string[];
  /** All seeds of this section as they were written. */
  raw(section: string): readonly string[];
  /** One of them filled in, or nothing, by this chance. */
  maybe(chance: number, section: string): string;
  /** The text as a customer in a hurry, without a shift key or with clumsy fingers writes it; mostly unchanged. */
  inManner(text: string): string;
  /** Fills the slots of a text in the words of this language. */
  filled(text: string, language?: string): string;
}

const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ";

export function createWriter(seeds: Seeds, draw: Draw): Writer {
  const digits = (count: number) =>
    Array.from({ length: count }, () => String(draw.below(10))).join("");
  const letter = () => draw.one(LETTERS.split(""));
  const whole = (from: number, to: number) => String(from + draw.below(to - from + 1));
  const months = seedsOf(seeds, "month");

  const made: Readonly<Record<string, () => string>> = {
    order: () =>
      draw.one([
        digits(5),
        `#${digits(6)}`,
        `A-${digits(4)}-${digits(2)}`,
        `2026-${digits(5)}`,
        `${letter()}${letter()}${digits(6)}`,
      ]),
    amount: () =>
      draw.one([
        `$${whole(5, 900)}.${digits(2)}`,
        `${whole(3, 400)},${digits(2)} €`,
        `£${whole(4, 250)}`,
        `${whole(10, 990)} EUR`,
        `USD ${whole(1, 9)},${digits(3)}.00`,
      ]),
    date: () =>
      draw.one([
        `${whole(1, 28)} ${draw.one(months)}`,
        `${whole(1, 28)}.${whole(1, 12)}.2026`,
        `${draw.one(months)} ${whole(1, 28)}`,
        `2026-0${whole(1, 9)}-${whole(10, 28)}`,
      ]),
    four: () => digits(4),
    mm: () => `0${whole(1, 9)}`,
    hex: () => Array.from({ length: 12 }, () => draw.one("0123456789abcdef".split(""))).join(""),
    ref: () => `${letter()}${digits(1)}${letter()}${letter()}${digits(2)}`,
    phone: () => `+${whole(20, 60)} ${digits(3)} ${digits(3)} ${digits(3)}`,
  };

  function filled(text: string, language = "en"): string {
    return text.replaceAll(/\{\{([a-z]+)\}\}/g, (_whole, slot: string) => {
      const make = made[slot];
      if (make !== undefined) return make();
      const own = `${slot}.${language}`;
      return draw.one(seedsOf(seeds, seeds.has(own) ? own : slot));
    });
  }

  return {
    draw,
    filled,
    one: (section) => filled(draw.one(seedsOf(seeds, section))),
    all: (section) => seedsOf(seeds, section).map((seed) => filled(seed)),
    raw: (section) => seedsOf(seeds, section),
    maybe: (chance, section) =>
      draw.part() < chance ? filled(draw.one(seedsOf(seeds, section))) : "",
    inManner: (text) => inManner(text, draw),
  };
}

const MANNERS: readonly {
  readonly share: number;
  readonly write: (text: string, draw: Draw) => string;
}[] = [
  { share: 60, write: (text) => text },
  { share: 12, write: (text) => text.toLowerCase() },
  { share: 8, write: (text) => text.replaceAll(/[.,;!?'](?=\s|$)/g, "").toLowerCase() },
  { share: 8, write: mistyped },
  { share: 4, write: (text) => text.replaceAll(/[.!](?=\s|$)/g, "!!") },
  { share: 4, write: (text) => text.replaceAll(/\. /g, "... ") },
  { share: 2, write: (text) => text.toUpperCase() },
  { share: 2, write: (text) => text.replaceAll("'", "") },
];

function inManner(text: string, draw: Draw): string {
  return draw.byShare(MANNERS).write(text, draw);
}

/** Two letters change places in one of ten longer words. */
function mistyped(text: string, draw: Draw): string {
  return text.replaceAll(/\p{L}{5,}/gu, (word) => {
    if (draw.part() > 0.1) return word;
    const at = 1 + draw.below(word.length - 3);
    return `${word.slice(0, at)}${word[at + 1]}${word[at]}${word.slice(at + 2)}`;
  });
}
