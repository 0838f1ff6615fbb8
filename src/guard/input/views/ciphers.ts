/**
 * Reads text whose letters were moved along the alphabet, mirrored in it, or put in reverse order. A sentence is told to be
 * in cipher by frequent words that it holds in cipher, so that each word is looked up once, whatever the cipher.
 */
import { FREQUENT, STRONG } from "./telltale-words.ts";
import type { DecodedView } from "./view.ts";

/** How far letters are moved, `mirrored` for a for z, `reversed` for the last letter first. */
type Cipher = number | "mirrored" | "reversed";

const STRETCH = /[^\n.!?;]+[\n.!?;]*/g;
const WORD = /[\p{L}'’]{2,30}/gu;
/** Words of a sentence, in cipher, that tell the cipher: so many of them, and this share of all. */
const TOLD_MIN = 2;
const TOLD_SHARE_MIN = 0.3;
const STRONG_LENGTH_MIN = 6;
/** A sentence with this share of frequent words in plain is not in cipher. */
const PLAIN_SHARE_MIN = 0.2;

const STRONG_WORDS = new Set(STRONG.filter((word) => word.length >= STRONG_LENGTH_MIN));
const PLAIN = new Set([...FREQUENT, ...STRONG]);
const CIPHERED = table();

/** Views of a text of which some sentences are in cipher. What no frequent word tells of is read with them, if it is not plain. */
export function cipherViews(text: string): readonly DecodedView[] {
  const stretches = (text.match(STRETCH) ?? []).map((words) => ({ words, ...cipherOf(words) }));
  const ciphers = new Set(stretches.map(({ cipher }) => cipher).filter((one) => one !== null));
  return [...ciphers].map((cipher) => {
    const whole = stretches
      .filter((one) => one.cipher === cipher || (one.cipher === null && !one.isPlain))
      .map(({ words }) => words)
      .join("");
    if (cipher !== "reversed") return { how: "in moved letters", text: moved(whole, cipher) };
    // Each word turned round, or the text as a whole: the words are the same, their order is not.
    const words = whole.replaceAll(WORD, (word) => reversed(word));
    return { how: "turned round", text: `${reversed(whole)}\n\n${words}` };
  });
}

/** The cipher of a sentence, null where none is told, and whether it reads as it stands. */
function cipherOf(stretch: string): { readonly cipher: Cipher | null; readonly isPlain: boolean } {
  const words = stretch.toLowerCase().match(WORD) ?? [];
  const told = new Map<Cipher, Set<string>>();
  for (const word of words)
    for (const { cipher, is } of CIPHERED.get(word) ?? [])
      told.set(cipher, (told.get(cipher) ?? new Set()).add(is));
  const [best] = [...told].toSorted(([, one], [, other]) => other.size - one.size);
  const plain = words.filter((word) => PLAIN.has(word)).length;
  const isPlain = plain > 0 && plain >= words.length * PLAIN_SHARE_MIN;
  if (best === undefined) return { cipher: null, isPlain };
  const [cipher, kinds] = best;
  if ([...kinds].some((word) => STRONG_WORDS.has(word))) return { cipher, isPlain };
  const least = Math.max(TOLD_MIN, words.length * TOLD_SHARE_MIN, plain + 1);
  return { cipher: kinds.size >= least ? cipher : null, isPlain };
}

/** Every frequent word in every cipher. Short words in cipher are words of other languages and are left out. */
function table(): ReadonlyMap<string, readonly { readonly cipher: Cipher; readonly is: string }[]> {
  const all = new Map<string, { cipher: Cipher; is: string }[]>();
  const ciphers: readonly Cipher[] = [
    ...Array.from({ length: 25 }, (_none, index) => index + 1),
    "mirrored",
    "reversed",
  ];
  for (const word of PLAIN) {
    if (word.length < 3) continue;
    for (const cipher of ciphers) {
      const hidden = cipher === "reversed" ? reversed(word) : moved(word, inverseOf(cipher));
      if (PLAIN.has(hidden)) continue;
      const entries = all.get(hidden) ?? [];
      if (entries.push({ cipher, is: word }) === 1) all.set(hidden, entries);
    }
  }
  return all;
}

function inverseOf(cipher: number | "mirrored"): number | "mirrored" {
  return cipher === "mirrored" ? cipher : 26 - cipher;
}

function reversed(text: string): string {
  return Array.from(text).toReversed().join("");
}

/** Moves Latin letters along the alphabet, or mirrors them in it; everything else stays. */
function moved(text: string, cipher: number | "mirrored"): string {
  return text.replaceAll(/[a-z]/gi, (letter) => {
    const base = letter <= "Z" ? 65 : 97;
    const place = letter.charCodeAt(0) - base;
    return String.fromCharCode(base + (cipher === "mirrored" ? 25 - place : (place + cipher) % 26));
  });
}
