/** The digest of what a mail says, for its key: of bytes in hand, or of a mail that passes by in pieces. */

import { createHash, type Hash } from "node:crypto";
import { LineEndNormalizer } from "#email/mime/raw-mail.ts";

const LF = 10;
const CR = 13;
const SPACE = 32;
const NOTHING = new Uint8Array();

/** Blanks held back until it is known whether something follows them; more are counted in and taken back at the end. */
const BLANKS_MAX = 64 * 1024;

/** Of the body of a mail, its line ends in order. */
export function bodyDigest(body: Uint8Array): string {
  const content = new ContentDigest();
  content.feed(body);
  return content.end();
}

/** Of the body of a mail that comes in pieces; the same as for the whole, however it was cut. */
export class MailDigest {
  readonly #lineFeeds: LineEndNormalizer;
  readonly #content = new ContentDigest();
  #isInBody = false;
  #isAtLineStart = true;
  #hasReturn = false;

  /** `startBytes` as in `LineEndNormalizer`. */
  constructor(startBytes?: number) {
    this.#lineFeeds = new LineEndNormalizer(startBytes);
  }

  /** Takes raw bytes of the mail, from its first one. */
  feed(piece: Uint8Array): void {
    this.#take(this.#lineFeeds.feed(piece));
  }

  /** Hexadecimal SHA-256. */
  end(): string {
    this.#take(this.#lineFeeds.end());
    return this.#content.end();
  }

  #take(piece: Uint8Array): void {
    this.#content.feed(this.#isInBody ? piece : piece.subarray(this.#bodyStart(piece)));
  }

  /** The body begins after the first empty line, as `readHead` finds it. */
  #bodyStart(piece: Uint8Array): number {
    for (let at = 0; at < piece.length;) {
      if (this.#isAtLineStart) {
        const afterReturn = this.#hasReturn ? at : piece[at] === CR ? at + 1 : null;
        this.#hasReturn = afterReturn === piece.length;
        if (this.#hasReturn) break;
        this.#isInBody = piece[afterReturn ?? at] === LF;
        if (this.#isInBody) return (afterReturn ?? at) + 1;
        this.#isAtLineStart = false;
      }
      const end = piece.indexOf(LF, at);
      this.#isAtLineStart = end !== -1;
      at = end === -1 ? piece.length : end + 1;
    }
    return piece.length;
  }
}

/** Servers add and drop line ends at the very end and may change CRLF to LF, so neither counts. */
class ContentDigest {
  readonly #hash = createHash("sha256");
  /** Blanks at the end of what came so far, not counted in yet. */
  #blanks: Uint8Array = NOTHING;
  /** What the digest was before blanks were counted in that may turn out to be the end. */
  #before: Hash | null = null;

  feed(piece: Uint8Array): void {
    let end = piece.length;
    while (end > 0 && isBlank(piece[end - 1])) end -= 1;
    if (end > 0) {
      this.#count(Buffer.concat([this.#blanks, piece.subarray(0, end)]));
      this.#before = null;
      this.#blanks = piece.slice(end);
      return;
    }
    this.#blanks = Buffer.concat([this.#blanks, piece]);
    if (this.#blanks.length < BLANKS_MAX) return;
    this.#before ??= this.#hash.copy();
    // A CR at the end counts only when no LF follows it.
    const kept = this.#blanks.at(-1) === CR ? this.#blanks.length - 1 : this.#blanks.length;
    this.#count(this.#blanks.subarray(0, kept));
    this.#blanks = this.#blanks.slice(kept);
  }

  end(): string {
    return (this.#before ?? this.#hash).digest("hex");
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
