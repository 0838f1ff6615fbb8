/**
 * Finds what a reply gives away of the prompt: the canary, a mark hidden in each turn's prompt, which it also creates, and
 * passages of the instructions, both also in encoded text.
 */
import { createHmac } from "node:crypto";
import { acceptedKeys, currentKey, type Keys } from "#core/connection/signing-keys.ts";
import { foldedForms, READ_MAX, isAscii } from "#text/normalize.ts";

const LENGTH = 32;
/** This many characters in a row determine the next one; without the secret it cannot be predicted. */
const REACH = 6;
/** A part of this length has six characters that confirm each other: by chance one in 16 million does. */
const PART = 12;
const BYTES = 256;

/**
 * Gives the mark hidden in the prompt of one turn, by turn id; outside the prompt it means that instructions leaked.
 * Each character follows from the six before it and the secret, so a checker needs no list of issued marks and
 * recognises a part as well as the whole. The order of bytes takes 256 digests, so it is made once.
 */
export function canaryMaker(keys: Keys): (turnId: string) => string {
  const secret = currentKey(keys);
  const order = orderFrom(secret);
  return (turnId) => {
    const keyed = createHmac("sha256", secret).update(`turn ${turnId}`).digest("hex");
    const digits = Array.from(keyed.slice(0, REACH), (digit) => Number.parseInt(digit, 16));
    while (digits.length < LENGTH)
      digits.push(requiredDigit(order, digits, digits.length - REACH, 1));
    return digits.map((digit) => digit.toString(16)).join("");
  };
}

/**
 * Reports whether a text contains twelve or more characters of any turn's canary: plain, spaced, broken into lines, in
 * capitals, reversed, in base64 or in hexadecimal digits. A mark made with any accepted key is found. Linear in the text.
 */
export function canaryFinder(keys: Keys): Finder {
  const orders = acceptedKeys(keys).map(orderFrom);
  const isIn = (digits: Uint8Array): boolean =>
    orders.some((order) => holdsPart(digits, order, 1) || holdsPart(digits, order, -1));
  const isWritten = (bytes: Uint8Array): boolean => hasLongRun(bytes) && isIn(digitsIn(bytes));
  return (text, runs = decodedRuns(text)) => {
    const { base64, hex } = runs;
    const written = isAscii(text) ? text : text.replaceAll(NOT_ASCII, "");
    return (
      isWritten(Buffer.from(written, "latin1")) ||
      base64.some(isWritten) ||
      hex.some(isWritten) ||
      base64.some((bytes) => isIn(hexDigits(bytes)))
    );
  };
}

const NOT_ASCII = /\P{ASCII}+/gu;
/** Separates two runs of hexadecimal digits. */
const END = 16;

/** The values of a text's hexadecimal digits, with an end where another letter stands; signs are skipped. */
function digitsIn(bytes: Uint8Array): Uint8Array {
  const digits = new Uint8Array(bytes.length);
  let count = 0;
  for (const byte of bytes) {
    const value = DIGITS[byte] ?? PASSED;
    if (value === PASSED) continue;
    digits[count] = value;
    count += 1;
  }
  return digits.subarray(0, count);
}

const PASSED = 17;
/** By character code: its value as a digit, the end of a run, or nothing. */
const DIGITS = Uint8Array.from({ length: BYTES }, (_none, code) => {
  const sign = String.fromCharCode(code);
  if (!/[0-9a-z]/i.test(sign)) return PASSED;
  return /[0-9a-f]/i.test(sign) ? Number.parseInt(sign, 16) : END;
});

function hexDigits(bytes: Uint8Array): Uint8Array {
  const digits = new Uint8Array(bytes.length * 2);
  for (let place = 0; place < bytes.length; place += 1) {
    const byte = bytes[place] ?? 0;
    digits[place * 2] = byte >> 4;
    digits[place * 2 + 1] = byte & 15;
  }
  return digits;
}

/** True when enough digits stand in a row to be a part: in ordinary text they hardly ever do. */
function hasLongRun(bytes: Uint8Array): boolean {
  let run = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const value = DIGITS[bytes[at] ?? 0] ?? PASSED;
    if (value === PASSED) continue;
    run = value === END ? 0 : run + 1;
    if (run === PART) return true;
  }
  return false;
}

/**
 * Letters around it may be hexadecimal too, so every position where a part could begin is tried. With a step of -1 the
 * digits are read from the end.
 */
function holdsPart(digits: Uint8Array, order: Uint8Array, step: 1 | -1): boolean {
  const first = step === 1 ? 0 : digits.length - 1;
  let proven = 0;
  let last = -1;
  for (let at = 0; at < digits.length; at += 1) {
    const place = first + at * step;
    const digit = digits[place];
    if (digit === END) last = at;
    const isProven =
      at - last > REACH && digit === requiredDigit(order, digits, place - REACH * step, step);
    proven = isProven ? proven + 1 : 0;
    if (proven === PART - REACH) return true;
  }
  return false;
}

/**
 * The digit required by the six from this position on, in steps of this width: Pearson's hash over a permutation of all bytes that depends on
 * the secret. A cipher call per character would be too slow.
 */
function requiredDigit(
  order: Uint8Array,
  digits: ArrayLike<number>,
  from: number,
  step: 1 | -1,
): number {
  let hash = 0;
  for (let count = 0; count < REACH; count += 1)
    hash = order[hash ^ (digits[from + count * step] ?? 0)] ?? 0;
  return hash & 15;
}

/** All bytes in an order derived from the secret. */
function orderFrom(secret: string): Uint8Array {
  const keyed = Array.from({ length: BYTES }, (_none, byte) => ({
    byte,
    key: createHmac("sha256", secret).update(`canary ${byte}`).digest("hex"),
  }));
  return Uint8Array.from(keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ byte }) => byte));
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
  const lines = instructions.split("\n").map(packed);
  const open = sayable.map(packed);
  const secrets = promptSecrets(lines, open);
  return (text, { base64, hex } = decodedRuns(text)) =>
    [text, reversed(text), spoken(text), turned(text)].some((reading) =>
      holdsOne(packed(reading), secrets),
    ) || [...base64, ...hex].some((bytes) => holdsOne(packedBytes(bytes), secrets));
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
  const packed = text.toLowerCase().replaceAll(/[^0-9a-z]+/g, "");
  return {
    base64: (joined.match(BASE64) ?? []).flatMap((run) =>
      [0, 1, 2, 3].map((skip) => Buffer.from(run.slice(skip), "base64")),
    ),
    hex: (packed.match(HEX) ?? []).flatMap((run) =>
      [0, 1].map((skip) => Buffer.from(run.slice(skip), "hex")),
    ),
  };
}
