/** The bytes of one part of a mail, its transfer encoding undone as they pass. Runs on the parsing thread. */

import { decodeTransfer } from "./decode-bytes.ts";

const LF = 10;
const CR = 13;
const EQUALS = 61;
/** Decoded at a time; a longer line is decoded in pieces, which only broken ones are. */
const BLOCK_BYTES = 192 * 1024;
/** Characters of base64 that stand for whole bytes. */
const QUANTUM = 4;

/** Takes the lines of a part and gives its bytes, holding little more than those. */
export class PartDecoder {
  readonly #bytesMax: number;
  #encoding: string | null = null;
  readonly #decoded: Uint8Array[] = [];
  #decodedBytes = 0;
  #block = Buffer.alloc(BLOCK_BYTES);
  #blockBytes = 0;
  #isCut = false;

  /** `bytesMax`: of a larger part nothing is given. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** The part was found, and this is its transfer encoding. */
  open(encoding: string): void {
    this.#encoding = encoding;
  }

  /** A line of its content with its line end, or a piece of a long one. */
  add(line: Uint8Array): void {
    if (this.#isCut) return;
    if (this.#encoding === "base64") this.#addBase64(line);
    else this.#addLine(line);
  }

  /** Null when the part never came; cut when it is larger than was asked for. */
  end(): { readonly file: Uint8Array<ArrayBuffer> | null; readonly isCut: boolean } {
    if (this.#encoding === null) return { file: null, isCut: false };
    // The line break before a boundary belongs to the boundary (RFC 2046 section 5.1.1).
    if (this.#encoding !== "base64") this.#blockBytes -= lineBreakAtEnd(this.#held());
    this.#decode(this.#blockBytes);
    if (this.#isCut) return { file: null, isCut: true };
    // In memory of its own, which can be handed to another thread.
    const file = new Uint8Array(this.#decodedBytes);
    let at = 0;
    for (const bytes of this.#decoded) {
      file.set(bytes, at);
      at += bytes.length;
    }
    return { file, isCut: false };
  }

  #held(): Buffer {
    return this.#block.subarray(0, this.#blockBytes);
  }

  #addLine(line: Uint8Array): void {
    for (let at = 0; at < line.length;) {
      // What the last line ends with is kept back until it is known to be the last.
      if (this.#blockBytes + line.length - at > BLOCK_BYTES) this.#decode(this.#beforeLineEnd());
      const piece = line.subarray(at, at + BLOCK_BYTES - this.#blockBytes);
      this.#block.set(piece, this.#blockBytes);
      this.#blockBytes += piece.length;
      at += piece.length;
    }
  }

  #beforeLineEnd(): number {
    return this.#blockBytes - lineBreakAtEnd(this.#held());
  }

  /** Without its line ends; pieces that were encoded one by one, each with its padding, are decoded one by one. */
  #addBase64(line: Uint8Array): void {
    for (const byte of line) {
      if (byte === EQUALS) this.#decode(this.#blockBytes);
      else if (byte > 32) {
        this.#block[this.#blockBytes] = byte;
        this.#blockBytes += 1;
        if (this.#blockBytes === BLOCK_BYTES) this.#decode(BLOCK_BYTES - (BLOCK_BYTES % QUANTUM));
      }
    }
  }

  /** Decodes as much of the block and keeps the rest in it. */
  #decode(length: number): void {
    const bytes = decodeTransfer(this.#block.subarray(0, length), this.#encoding ?? "");
    this.#decodedBytes += bytes.length;
    this.#isCut ||= this.#decodedBytes > this.#bytesMax;
    if (this.#isCut) this.#decoded.length = 0;
    else if (bytes.length > 0) this.#decoded.push(Uint8Array.from(bytes));
    this.#block.copyWithin(0, length, this.#blockBytes);
    this.#blockBytes -= length;
  }
}

function lineBreakAtEnd(bytes: Uint8Array): number {
  if (bytes.at(-1) !== LF) return 0;
  return bytes.at(-2) === CR ? 2 : 1;
}
