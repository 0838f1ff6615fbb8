/**
 * The raw mail as it arrived, its line ends put in order, and the digest of what it says, for its key: of a whole one, or
 * of one that comes in pieces. How the first line ends tells how all do, so nothing is passed on before the start is there.
 */

import { createHash, type Hash } from "node:crypto";
import { HEAD_BYTES_MAX } from "./headers.ts";
import type { KeptBody } from "#core/contracts/channel.ts";

/** As much of a mail as its headers and the marks of automatic mail are looked for in. */
export const START_BYTES = 1024 * 1024;

const LF = 10;
const CR = 13;
const NOTHING = new Uint8Array();
/** U+FEFF as UTF-8 writes it. */
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Some systems end lines with a lone CR or with CR CR LF, or put empty lines or a byte order mark first: every parser
 * finds no header at all then. How the first line ends tells how all do; a mail in good order is returned as it is.
 */
export function normalizeLineEnds(bytes: Uint8Array): Uint8Array {
  const mail = bytes.subarray(blankStart(bytes));
  return repairLineEnds(mailLineEnds(mail), mail);
}

/** How the lines of a mail end: in good order, or with CR CR LF, or with a CR alone. */
type LineEnds = "plain" | "doubled" | "lone";

/** Tells from the first line of a mail that begins with it. */
function mailLineEnds(mail: Uint8Array): LineEnds {
  if (!hasBareReturns(mail)) return "plain";
  const end = mail.indexOf(CR);
  return mail[end + 1] === CR && mail[end + 2] === LF ? "doubled" : "lone";
}

/** Puts line ends in order; `next` is the byte behind these, if there is one. */
function repairLineEnds(ends: LineEnds, bytes: Uint8Array, next?: number): Uint8Array {
  const after = (at: number): number | undefined =>
    at + 1 === bytes.length ? next : bytes[at + 1];
  switch (ends) {
    case "plain":
      return bytes;
    case "doubled":
      // Doubled CRs are one line end with the LF after them; the others are line ends of their own.
      return bytes.filter((byte, at) => byte !== CR || after(at) !== CR);
    case "lone":
      return bytes.map((byte, at) => (byte === CR && after(at) !== LF ? LF : byte));
  }
}

/** True when the first line ends with a CR that no LF follows at once. */
export function hasBareReturns(mail: Uint8Array): boolean {
  const start = mail.subarray(0, HEAD_BYTES_MAX);
  const end = start.indexOf(CR);
  const feed = start.indexOf(LF);
  return end !== -1 && start[end + 1] !== LF && (feed === -1 || feed > end);
}

/** How many bytes stand before the first header: a byte order mark, empty lines; none when there is nothing else. */
function blankStart(bytes: Uint8Array): number {
  let at = BYTE_ORDER_MARK.equals(bytes.subarray(0, BYTE_ORDER_MARK.length))
    ? BYTE_ORDER_MARK.length
    : 0;
  while (at < bytes.length && (bytes[at] === CR || bytes[at] === LF)) at += 1;
  return at === bytes.length ? 0 : at;
}

/** Takes the bytes of one mail in pieces of any size; the same mail gives the same bytes however it was cut. */
class LineEndNormalizer {
  /** What came before the line ends were judged. */
  #start: Uint8Array = NOTHING;
  #ends: LineEnds | null = null;
  #hasHeldReturn = false;

  /** What is certain by now; often nothing. */
  feed(piece: Uint8Array): Uint8Array {
    if (this.#ends !== null) return this.#mended(this.#ends, piece);
    this.#start = Buffer.concat([this.#start, piece]);
    return this.#start.length < START_BYTES ? NOTHING : this.#decide();
  }

  /** What was held back. */
  end(): Uint8Array {
    const start = this.#ends === null ? this.#decide() : NOTHING;
    if (!this.#hasHeldReturn || this.#ends === null) return start;
    this.#hasHeldReturn = false;
    return Buffer.concat([start, repairLineEnds(this.#ends, Uint8Array.of(CR))]);
  }

  /** By no more than the start, so that it does not matter how the mail was cut. */
  #decide(): Uint8Array {
    const start = this.#start.subarray(0, START_BYTES);
    const blank = blankStart(start);
    this.#ends = mailLineEnds(start.subarray(blank));
    return this.#mended(this.#ends, this.#start.subarray(blank));
  }

  /** A CR at the end of a piece waits for what follows it. */
  #mended(ends: LineEnds, piece: Uint8Array): Uint8Array {
    if (ends === "plain" || piece.length === 0) return piece;
    const whole = this.#hasHeldReturn ? Buffer.concat([Uint8Array.of(CR), piece]) : piece;
    this.#hasHeldReturn = whole.at(-1) === CR;
    return repairLineEnds(ends, this.#hasHeldReturn ? whole.subarray(0, -1) : whole, CR);
  }
}

/** A mail with its line ends in order, in pieces. */
export async function* normalizeLineEndsIn(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const lineFeeds = new LineEndNormalizer();
  for await (const piece of source) {
    const mended = lineFeeds.feed(piece);
    if (mended.length > 0) yield mended;
  }
  const rest = lineFeeds.end();
  if (rest.length > 0) yield rest;
}

/** The bytes of a mail, whole or as they come. */
export type MailSource = Uint8Array | AsyncIterable<Uint8Array>;

const PIECE_BYTES = 256 * 1024;

/** A mail in pieces that are no larger than what is handed on at once. */
export async function* piecesOf(source: MailSource): AsyncGenerator<Uint8Array> {
  const chunks = source instanceof Uint8Array ? [source] : source;
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length; at += PIECE_BYTES)
      yield chunk.subarray(at, at + PIECE_BYTES);
}

/** A raw mail, line ends in order, of which no more than the start is held when it is large. */
export interface RawMail {
  /** All of a small mail. Of a large one as much as headers and the marks of automatic mail are looked for in. */
  readonly start: Uint8Array;
  /** The whole mail, again each time. */
  readonly whole: () => MailSource;
  /** Where it is kept; null for bytes that are in no store. */
  readonly ref: string | null;
}

/** Opens a raw mail. Throws what its store throws. */
export async function openedRawMail(body: Uint8Array | KeptBody): Promise<RawMail> {
  if (body instanceof Uint8Array) {
    const bytes = normalizeLineEnds(body);
    return { start: bytes, whole: () => bytes, ref: null };
  }
  const { bytes, isAll } = await mailStart(body.open());
  const start = normalizeLineEnds(bytes);
  return {
    start,
    whole: () => (isAll ? start : normalizeLineEndsIn(body.open())),
    ref: body.ref,
  };
}

async function mailStart(
  pieces: AsyncIterable<Uint8Array>,
): Promise<{ readonly bytes: Uint8Array; readonly isAll: boolean }> {
  const start: Uint8Array[] = [];
  let missing = START_BYTES;
  for await (const piece of pieces) {
    start.push(piece.subarray(0, missing));
    if (piece.length > missing) return { bytes: Buffer.concat(start), isAll: false };
    missing -= piece.length;
  }
  return { bytes: Buffer.concat(start), isAll: true };
}

const SPACE = 32;

/** Of the body of a mail, its line ends in order. */
export function bodyDigest(body: Uint8Array): string {
  const content = new ContentDigest();
  content.feed(body);
  return content.end();
}

/** Of the body of a mail that comes in pieces; the same as for the whole, however it was cut. */
export class MailDigest {
  readonly #lineFeeds = new LineEndNormalizer();
  readonly #content = new ContentDigest();
  /** The end of the headers so far, with the line end an empty line stands behind; null in the body. */
  #headEnd: Uint8Array | null = Uint8Array.of(LF);

  /** Takes raw bytes of the mail, from its first one. */
  feed(piece: Uint8Array): void {
    this.#take(this.#lineFeeds.feed(piece));
  }

  /** Hexadecimal SHA-256. */
  end(): string {
    this.#take(this.#lineFeeds.end());
    return this.#content.end();
  }

  /** The body begins after the first empty line, as `readHead` finds it. */
  #take(piece: Uint8Array): void {
    if (this.#headEnd === null) return this.#content.feed(piece);
    const head = Buffer.concat([this.#headEnd, piece]);
    const empty = /\n\r?\n/.exec(head.toString("latin1"));
    this.#headEnd = empty === null ? head.subarray(-2) : null;
    if (empty !== null) this.#content.feed(head.subarray(empty.index + empty[0].length));
  }
}

/** Servers add and drop line ends at the very end and may change CRLF to LF, so neither counts. */
class ContentDigest {
  readonly #hash = createHash("sha256");
  /** What the digest was before the blanks that may turn out to be the end. */
  #beforeBlanks: Hash = this.#hash.copy();
  /** A CR counts only when no LF follows it. */
  #heldReturn: Uint8Array = NOTHING;

  feed(piece: Uint8Array): void {
    const bytes = Buffer.concat([this.#heldReturn, piece]);
    let end = bytes.length;
    while (end > 0 && isBlank(bytes[end - 1])) end -= 1;
    if (end > 0) {
      this.#count(bytes.subarray(0, end));
      this.#beforeBlanks = this.#hash.copy();
    }
    const held = bytes.at(-1) === CR ? bytes.length - 1 : bytes.length;
    this.#count(bytes.subarray(end, held));
    this.#heldReturn = bytes.subarray(held);
  }

  end(): string {
    return this.#beforeBlanks.digest("hex");
  }

  /** Without each CR that an LF follows. */
  #count(bytes: Uint8Array): void {
    let from = 0;
    for (let at = bytes.indexOf(CR); at !== -1; at = bytes.indexOf(CR, at + 1)) {
      if (bytes[at + 1] !== LF) continue;
      this.#hash.update(bytes.subarray(from, at));
      from = at + 1;
    }
    this.#hash.update(bytes.subarray(from));
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === LF || byte === CR || byte === SPACE;
}
