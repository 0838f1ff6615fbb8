/**
 * Room: reads the format of mail (RFC 5322 and MIME): headers, addresses, parts, transfer encodings and charsets.
 * In: the bytes of any mail, whole or in pieces, however broken.
 * Out: headers, the tree of parts, decoded text, and the bytes of one attachment.
 * May touch: nothing. It never throws because of what a mail holds, and each byte costs a bounded amount of work.
 *
 * `MimeReader` reads the parts (RFC 2046) line by line. It keeps only text, up to a limit, and skips the content of
 * attachments, so that a mail of any size costs little memory. It reads what it can of a broken mail and reports what
 * it left out.
 */

import { HEAD_BYTES_MAX } from "./headers.ts";
import { hasBareReturns } from "./raw-mail.ts";
import { OpenPart, type MimePart } from "./part.ts";

/** What was read. */
export interface MimeMail {
  readonly root: MimePart;
  /** Why this is not all the mail says; null when it is. */
  readonly problem: string | null;
}

/** A hundred is more than any mail program writes; each costs the parts inside it one more step. */
const DEPTH_MAX = 100;
const PARTS_MAX = 1_000;
/** A longer line is no boundary, and its pieces are content. */
const LINE_MAX = 64 * 1024;
const BOUNDARY_MAX = 300;
const LF = 10;
const CR = 13;
const DASH = 45;
/** Bytes kept of a text that is attached, and of what stands before the first part. */
const ATTACHED_TEXT_MAX = 256 * 1024;
const PREAMBLE_MAX = 256 * 1024;
/** Types whose words are read; everything else is an attachment whose bytes are passed over. */
const READABLE = /^(?:text\/|message\/|multipart\/|application\/(?:json|xml)$)/;

interface Level {
  readonly part: OpenPart;
  /** Null when its header names none; then the first line that looks like one is taken. */
  boundary: string | null;
  readonly isDigest: boolean;
}

/** Takes the bytes of one mail in pieces of any size. */
export class MimeReader {
  readonly #bytesMax: number;
  readonly #wanted: number | null;
  /** The multiparts we are inside of, outermost first. */
  readonly #levels: Level[] = [];
  /** The part whose lines come in; null between the parts of the innermost multipart. */
  #leaf: OpenPart | null = new OpenPart(1);
  #inHead = true;
  #leafBytesMax = 0;
  #keptBytes = 0;
  #parts = 1;
  /** A line before the first part that may be a delimiter, should headers follow it. */
  #candidate: string | null = null;
  #rest: Uint8Array | null = null;
  #isMidLine = false;
  #hasLoneReturns: boolean | null = null;
  #problem: string | null = null;

  /**
   * `bytesMax`: of all texts together, before their transfer encoding is undone; or of the part with the number `wanted`,
   * which is then all that is kept.
   */
  constructor(bytesMax: number, wanted: number | null = null) {
    this.#bytesMax = bytesMax;
    this.#wanted = wanted;
  }

  feed(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#hasLoneReturns ??= hasBareReturns(chunk);
    const bytes = this.#hasLoneReturns ? chunk.map((byte) => (byte === CR ? LF : byte)) : chunk;
    let at = 0;
    for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, at)) {
      this.#line(this.#withRest(bytes.subarray(at, end + 1)));
      this.#isMidLine = false;
      at = end + 1;
    }
    if (at < bytes.length) this.#keep(this.#withRest(bytes.subarray(at)));
  }

  /** Ends the mail; what is open ends with it. */
  end(): MimeMail {
    if (this.#rest !== null) this.#line(this.#withRest(new Uint8Array()));
    const last = this.#closeTo(0);
    if (last === null) throw new Error("a mail has a part");
    return { root: last, problem: this.#problem };
  }

  #withRest(line: Uint8Array): Uint8Array {
    if (this.#rest === null) return line;
    const whole = Buffer.concat([this.#rest, line]);
    this.#rest = null;
    return whole;
  }

  #keep(rest: Uint8Array): void {
    if (rest.length <= LINE_MAX) {
      this.#rest = rest.slice();
      return;
    }
    this.#line(rest);
    this.#isMidLine = true;
  }

  #line(line: Uint8Array): void {
    if (!this.#isMidLine && line[0] === DASH && line[1] === DASH && this.#delimiter(line)) return;
    if (this.#candidate !== null && this.#adopt(line)) return;
    if (this.#leaf !== null && this.#inHead) this.#headLine(this.#leaf, line);
    else this.#contentLine(line);
  }

  #headLine(leaf: OpenPart, line: Uint8Array): void {
    const isEmpty = line[0] === LF || (line[0] === CR && line[1] === LF);
    if (isEmpty && !this.#isMidLine) this.#openLeaf(leaf);
    else leaf.addHeadLine(line, HEAD_BYTES_MAX);
  }

  #openLeaf(leaf: OpenPart): void {
    const about = leaf.open(this.#levels.at(-1)?.isDigest ?? false);
    const { type, parameters } = about;
    this.#inHead = false;
    this.#leafBytesMax = this.#keptMax(leaf.number, about);
    if (!type.startsWith("multipart/")) return;
    if (this.#levels.length >= DEPTH_MAX) {
      this.#problem ??= `it has more than ${DEPTH_MAX} parts inside one another`;
      return;
    }
    const boundary = (parameters.get("boundary") ?? "").trimEnd().slice(0, BOUNDARY_MAX);
    const isDigest = type === "multipart/digest";
    this.#levels.push({ part: leaf, boundary: boundary === "" ? null : boundary, isDigest });
    this.#leaf = null;
  }

  /** How much is kept of the content of a part. */
  #keptMax(number: number, { type, disposition }: Pick<MimePart, "type" | "disposition">): number {
    if (this.#wanted !== null) return number === this.#wanted ? this.#bytesMax : 0;
    if (!READABLE.test(type)) return 0;
    const isAttached = disposition.value === "attachment" && type !== "message/rfc822";
    return isAttached ? Math.min(this.#bytesMax, ATTACHED_TEXT_MAX) : this.#bytesMax;
  }

  /** Between the parts only the lines before the first one count: they are all there is when no part follows. */
  #contentLine(line: Uint8Array): void {
    const top = this.#levels.at(-1);
    const part = this.#leaf ?? (top?.part.hasChildren === false ? top.part : null);
    if (part === null) return;
    const preambleMax = this.#wanted === null ? PREAMBLE_MAX : 0;
    const most = this.#leaf === null ? preambleMax : this.#leafBytesMax;
    const left = this.#bytesMax - this.#keptBytes;
    this.#keptBytes += part.addContent(line, Math.min(left, most - part.keptBytes));
  }

  /** True when this line parts the parts of a multipart, whichever of the open ones. */
  #delimiter(line: Uint8Array): boolean {
    if (line.length > BOUNDARY_MAX + 20) return false;
    const name = Buffer.from(line.buffer, line.byteOffset, line.length)
      .toString("latin1")
      .slice(2)
      .trimEnd();
    const found = this.#levelOf(name);
    if (found !== null) {
      this.#candidate = null;
      this.#closeTo(found + 1);
      if (name === this.#levels[found]?.boundary) this.#start();
      return true;
    }
    if (this.#isBeforeParts()) this.#candidate = /^\S/.test(name) ? name : null;
    return false;
  }

  /** Some servers lose the Content-Type of a mail; a body that begins with a delimiter has parts all the same. */
  #isBeforeParts(): boolean {
    return this.#leaf === null
      ? this.#levels.at(-1)?.part.hasChildren === false
      : this.#leaf.isUntyped;
  }

  /** The innermost multipart whose parts this delimiter begins or ends; null when it is none. */
  #levelOf(name: string): number | null {
    for (let index = this.#levels.length - 1; index >= 0; index -= 1) {
      const boundary = this.#levels[index]?.boundary ?? null;
      if (boundary === null || !name.startsWith(boundary)) continue;
      if (name === boundary || name === `${boundary}--`) return index;
    }
    return null;
  }

  /** A cut or missing boundary shows by headers of a part right below a line of its form. */
  #adopt(line: Uint8Array): boolean {
    const candidate = this.#candidate;
    const start = Buffer.from(line.subarray(0, 100)).toString("latin1");
    if (start.startsWith("--")) return false;
    this.#candidate = null;
    if (!/^content-[a-z-]{2,40}:/i.test(start)) return false;
    if (this.#leaf !== null) {
      this.#leaf.becomeMultipart();
      this.#levels.push({ part: this.#leaf, boundary: null, isDigest: false });
      this.#leaf = null;
    }
    const top = this.#levels.at(-1);
    if (top === undefined) return false;
    top.boundary = candidate;
    this.#start();
    this.#line(line);
    return true;
  }

  #start(): void {
    this.#parts += 1;
    if (this.#parts > PARTS_MAX) {
      this.#problem ??= `it has more than ${PARTS_MAX} parts`;
      return;
    }
    this.#leaf = new OpenPart(this.#parts);
    this.#inHead = true;
  }

  /** Closes what is open below this many levels, innermost first; the last one closed is returned. */
  #closeTo(levels: number): MimePart | null {
    let closed = this.#leaf?.close() ?? null;
    this.#leaf = null;
    while (this.#levels.length > levels) {
      const level = this.#levels.pop();
      if (closed !== null) level?.part.addChild(closed);
      closed = level?.part.close() ?? null;
    }
    const parent = this.#levels.at(-1);
    if (closed !== null) parent?.part.addChild(closed);
    return closed;
  }
}
