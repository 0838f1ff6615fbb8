/**
 * Reads text whose letters were moved along the alphabet, mirrored in it, or put in reverse order, and holds the words
 * by which disguised text is recognised. A cipher is told by what it makes of the letters of a text, reverse order by
 * common words that stand in it from right to left.
 */
import { isAscii } from "#text/matches.ts";
import { wordsOfSteps } from "#text/phrase-matcher.ts";
import { ATTACK_PHRASES } from "./injection-rules.ts";

/** A text after decoding, with how it was hidden, for card and trace. */
export interface DecodedView {
  readonly how: string;
  readonly text: string;
}

/** English words of nearly every text. */
export const FREQUENT: readonly string[] = wordsIn(
  `the and you your are this that with for from have will not all any what when who now then them they there here only
  about above before after into over just like must should would could can may does don't do say said tell give show
  send make take use put let me my mine we our us is it its as at by of on or to if be so no yes an in were was been did get got him her their out up new more other every had has do go see`,
);

/** English words of attacks. One of these in a run of letters is worth a look. */
export const STRONG: readonly string[] = wordsIn(
  `ignore disregard forget override bypass instruction instructions previous prompt prompts system assistant reveal
  password refund refunds approve approved approval customer customers address addresses secret hidden rules guidelines
  developer administrator unrestricted jailbreak execute pretend message everything verification restrictions policy`,
);

/** Those, and the words of the rules. Shorter ones stand inside other words. */
export const ATTACK_WORDS: readonly string[] = [
  ...new Set([...STRONG, ...ATTACK_PHRASES.flatMap(({ words }) => wordsOfSteps(words))]),
].filter((word) => /^[a-z]{4,}$/.test(word));

function wordsIn(list: string): readonly string[] {
  return list.split(/\s+/);
}

/** How far letters are moved, `mirrored` for a for z, `reversed` for the last letter first. */
type Cipher = number | "mirrored" | "reversed";

const STRETCH = /[^\n.!?;:]+[\n.!?;:]*/g;
const WORD = /[\p{L}'’]{2,30}/gu;
const COMMON: ReadonlySet<string> = new Set([...FREQUENT, ...ATTACK_WORDS]);
const TURNED: ReadonlySet<string> = new Set(
  [...COMMON].filter((word) => word.length > 2).map((word) => reversed(word)),
);

/** Views of a text of which some sentences, or nearly all of it, are in cipher. */
export function cipherViews(text: string): readonly DecodedView[] {
  const stretches = (text.match(STRETCH) ?? []).map((words) => ({ words, cipher: told(words) }));
  const whole = told(text);
  const ciphers = new Set(stretches.flatMap(({ cipher }) => cipher ?? []));
  return [
    ...[...ciphers].map((cipher) =>
      viewIn(
        stretches
          .filter((one) => one.cipher === cipher)
          .map(({ words }) => words)
          .join(""),
        cipher,
      ),
    ),
    ...(whole === null ? [] : [viewIn(text, whole)]),
  ];
}

function told(text: string): Cipher | null {
  // Most stretches of a text of signs are too short to tell either.
  if (text.length < TELLING_MIN) return null;
  return toldByLetters(text) ?? toldByOrder(text);
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
const LETTERS_MIN = 18;
/** The shortest text that tells anything: three words of three letters that stand in reverse order, and what parts them. */
const TELLING_MIN = 11;
/** Characters of a text that tell whether nearly all of it is in cipher. */
const TELLING_MAX = 16_384;
/** Longer than words are, such as base64, whose letters are those of no language. */
const NO_WORD = /\S{26,}/g;
/** What a letter has to be likelier when moved, on average, as a logarithm. */
const LIKELIER_MIN = 0.5;
/** Letters this likely as they stand are in no cipher, which makes common ones rare. */
const PLAIN_MIN = -3.2;

/** The cipher that makes the letters of a text those of a language, which they are not as they stand. */
function toldByLetters(whole: string): number | "mirrored" | null {
  if (whole.length < LETTERS_MIN) return null;
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
  if (plain > PLAIN_MIN) return null;
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

function reversed(text: string): string {
  return Array.from(text).toReversed().join("");
}

/** Moves Latin letters along the alphabet, or mirrors them in it; everything else stays. */
function moved(text: string, cipher: number | "mirrored"): string {
  const encoding = isAscii(text) ? "latin1" : "utf16le";
  const bytes = Buffer.from(text, encoding);
  const width = encoding === "latin1" ? 1 : 2;
  for (let at = 0; at < bytes.length; at += width) {
    const code = bytes[at] ?? 0;
    const base = code & 32 ? 97 : 65;
    const place = code - base;
    if (place < 0 || place > 25 || (width === 2 && bytes[at + 1] !== 0)) continue;
    bytes[at] = base + (cipher === "mirrored" ? 25 - place : (place + cipher) % 26);
  }
  return bytes.toString(encoding);
}
