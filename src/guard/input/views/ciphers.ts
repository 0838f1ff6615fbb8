/**
 * Reads text whose letters were moved along the alphabet, mirrored in it, or put in reverse order. A sentence is told to be
 * in cipher by frequent words that it holds in cipher, so that each word is looked up once, whatever the cipher.
 */
import { COMMON_WORDS, FREQUENT, STRONG } from "./common-words.ts";
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
const COMMON = new Set([...PLAIN, ...COMMON_WORDS]);
const TURNED = new Set([...COMMON].filter((word) => word.length > 2).map((word) => reversed(word)));
const CIPHERED = table();

/** Views of a text of which some sentences, or nearly all of it, are in cipher. */
export function cipherViews(text: string): readonly DecodedView[] {
  const cipher = toldByLetters(text) ?? toldByOrder(text);
  return [...sentenceViews(text), ...(cipher === null ? [] : [viewIn(text, cipher)])];
}

/** What no frequent word tells of is read with the sentences that one does, if it is not plain. */
function sentenceViews(text: string): readonly DecodedView[] {
  const stretches = (text.match(STRETCH) ?? []).map((words) => ({
    words,
    ...sentenceCipher(words),
  }));
  const ciphers = new Set(stretches.map(({ cipher }) => cipher).filter((one) => one !== null));
  return [...ciphers].map((cipher) => {
    const whole = stretches
      .filter((one) => one.cipher === cipher || (one.cipher === null && !one.isPlain))
      .map(({ words }) => words)
      .join("");
    return viewIn(whole, cipher);
  });
}

function viewIn(text: string, cipher: Cipher): DecodedView {
  if (cipher !== "reversed") return { how: "in moved letters", text: moved(text, cipher) };
  // Each word turned round, or the text as a whole: the words are the same, their order is not.
  const words = text.replaceAll(WORD, (word) => reversed(word));
  return { how: "turned round", text: `${reversed(text)}\n\n${words}` };
}

/** Letters of English, each so many times in a thousand; other languages of Latin letters are nearer to it than to a cipher. */
const LETTERS = "82 15 28 43 127 22 20 61 70 2 8 40 24 67 75 19 1 60 63 91 28 10 24 2 20 1"
  .split(" ")
  .map(Number);
const LIKELIHOODS = LETTERS.map((share) => Math.log(share / 1_000));
const LETTERS_MIN = 24;
/** Characters of a text that tell whether nearly all of it is in cipher. */
const TELLING_MAX = 16_384;
/** Longer than words are, such as base64, whose letters are those of no language. */
const NO_WORD = /\S{26,}/g;
/** What a letter has to be likelier when moved, on average, as a logarithm. */
const LIKELIER_MIN = 0.5;

/** The cipher that makes the letters of a text those of a language, which they are not as they stand. */
function toldByLetters(whole: string): number | "mirrored" | null {
  const text = whole.slice(0, TELLING_MAX).replace(NO_WORD, " ");
  const counts = LETTERS.map(() => 0);
  let all = 0;
  for (let at = 0; at < text.length; at += 1) {
    const place = (text.charCodeAt(at) | 32) - 97;
    if (place < 0 || place > 25) continue;
    counts[place] = (counts[place] ?? 0) + 1;
    all += 1;
  }
  if (all < LETTERS_MIN) return null;
  const likelihood = (to: (place: number) => number): number =>
    counts.reduce((sum, count, place) => sum + count * (LIKELIHOODS[to(place)] ?? 0), 0) / all;
  const plain = likelihood((place) => place);
  let best: number | "mirrored" = "mirrored";
  let most = likelihood((place) => 25 - place);
  for (let shift = 1; shift < 26; shift += 1) {
    const found = likelihood((place) => (place + shift) % 26);
    if (found > most) [best, most] = [shift, found];
  }
  return most - plain >= LIKELIER_MIN ? best : null;
}

/** Different words that tell the order; fewer may be words of other languages. */
const TURNED_MIN = 3;
/** After so many different words in plain, and hardly any turned round, the rest is not looked at. */
const PLAIN_ENOUGH = 40;

/** A text of which more common words stand in it from right to left than from left to right. */
function toldByOrder(text: string): "reversed" | null {
  const turned = new Set<string>();
  const plain = new Set<string>();
  for (const [word] of text.matchAll(WORD)) {
    const lower = word.toLowerCase();
    if (COMMON.has(lower)) plain.add(lower);
    else if (TURNED.has(lower)) turned.add(lower);
    if (plain.size >= PLAIN_ENOUGH && plain.size > 4 * turned.size) return null;
  }
  return turned.size >= TURNED_MIN && turned.size > plain.size ? "reversed" : null;
}

/** The cipher of a sentence, null where none is told, and whether it reads as it stands. */
function sentenceCipher(stretch: string): {
  readonly cipher: Cipher | null;
  readonly isPlain: boolean;
} {
  const words = stretch.toLowerCase().match(WORD) ?? [];
  const plain = words.filter((word) => PLAIN.has(word)).length;
  const isPlain = plain > 0 && plain >= words.length * PLAIN_SHARE_MIN;
  const inCipher = words.filter((word) => CIPHERED.has(word));
  if (inCipher.length === 0) return { cipher: null, isPlain };
  const told = new Map<Cipher, Set<string>>();
  for (const word of inCipher)
    for (const { cipher, is } of CIPHERED.get(word) ?? [])
      told.set(cipher, (told.get(cipher) ?? new Set()).add(is));
  const [best] = [...told].toSorted(([, one], [, other]) => other.size - one.size);
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
      const hidden = cipher === "reversed" ? reversed(word) : moved(word, inverseCipher(cipher));
      if (PLAIN.has(hidden)) continue;
      const entries = all.get(hidden) ?? [];
      if (entries.push({ cipher, is: word }) === 1) all.set(hidden, entries);
    }
  }
  return all;
}

function inverseCipher(cipher: number | "mirrored"): number | "mirrored" {
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
