/** One part of a mail (RFC 2045): its headers, what is kept of its content as bytes and as text, and the parts inside it. */

import {
  readHead,
  valueOf,
  type Head,
  parameterizedValue,
  type ParameterizedValue,
  decodeTransfer,
  decodeText,
} from "./headers.ts";

/** A part as it was read. */
export interface MimePart {
  /** The parts counted as they begin, the mail itself being the first; the same for the same bytes. */
  readonly number: number;
  readonly head: Head;
  /** Such as `text/plain`; the default of RFC 2045 section 5.2 when it has none that can be read. */
  readonly type: string;
  readonly parameters: ParameterizedValue["parameters"];
  readonly disposition: ParameterizedValue;
  /** The start of the content, transfer encoding undone; empty for what is not read. */
  readonly content: () => Uint8Array;
  /** Of the whole content, transfer encoding undone. */
  readonly bytes: number;
  readonly isCut: boolean;
  readonly children: readonly MimePart[];
}

const CR = 13;
const LF = 10;
const EQUALS = 61;

/** No note is as long. */
const NOTE_BYTES_MAX = 200;

/** True for nothing, or for the line that mail programs write before the first part for readers without MIME. */
export function isMimeNote(text: string): boolean {
  return /^(?:this is an? .{0,60}\bMIME\b.{0,40})?$/i.test(text.trim());
}

/** A part while its lines come in. */
export class OpenPart {
  readonly number: number;
  readonly #headLines: Uint8Array[] = [];
  #headBytes = 0;
  readonly #kept: Uint8Array[] = [];
  readonly #blocks: Uint8Array[] = [];
  #keptBytes = 0;
  #encodedBytes = 0;
  #isCut = false;
  #about: Omit<MimePart, "content" | "bytes" | "isCut" | "children"> | null = null;
  #encoding = "";
  #isUntyped = false;
  readonly #children: MimePart[] = [];

  constructor(number: number) {
    this.number = number;
  }

  /** More header than `bytesMax` is read over. */
  addHeadLine(line: Uint8Array, bytesMax: number): void {
    this.#headBytes += line.length;
    if (this.#headBytes <= bytesMax) this.#headLines.push(line.slice());
  }

  /** Ends the header section; `digest` is true inside a multipart/digest, whose parts are mails. */
  open(digest: boolean): Pick<MimePart, "type" | "parameters" | "disposition"> {
    const head = readHead(Buffer.concat(this.#headLines));
    this.#headLines.length = 0;
    const { value: given, parameters } = parameterizedValue(valueOf(head, "content-type"));
    const [value = ""] = given.split(/\s/, 1);
    const isNamed = /^[a-z0-9.+-]{1,80}\/[a-z0-9.+-]{1,80}$/.test(value);
    const fallback = digest ? "message/rfc822" : "text/plain";
    // Some servers write more into the header than the encoding's name.
    const encoding = valueOf(head, "content-transfer-encoding").toLowerCase();
    this.#encoding = /^\W{0,3}(base64|quoted-printable)\b/.exec(encoding)?.[1] ?? "";
    this.#isUntyped = this.number === 1 && given === "" && this.#encoding === "";
    this.#about = {
      number: this.number,
      head,
      type: isNamed ? value : value === "text" || value === "" ? fallback : "text/plain",
      parameters,
      disposition: parameterizedValue(valueOf(head, "content-disposition")),
    };
    return this.#about;
  }

  /** True while nothing says what this mail (not a part of one) holds: none of its headers, and no text so far. */
  get isUntyped(): boolean {
    return this.#isUntyped;
  }

  /** For a mail whose body shows that it has parts. */
  becomeMultipart(): void {
    if (this.#about !== null) this.#about = { ...this.#about, type: "multipart/mixed" };
  }

  /** Takes content in and returns how many of its bytes it kept, at most `bytesMax`. */
  addContent(line: Uint8Array, bytesMax: number): number {
    this.#encodedBytes += encodedLength(line, this.#encoding);
    if (this.#isUntyped && line.length > 2)
      this.#isUntyped = isMimeNote(
        Buffer.from(line.subarray(0, NOTE_BYTES_MAX)).toString("latin1"),
      );
    const kept = Math.min(line.length, Math.max(0, bytesMax));
    if (kept < line.length) this.#isCut = true;
    if (kept === 0) return 0;
    this.#kept.push(line.slice(0, kept));
    this.#keptBytes += kept;
    // Many short lines would cost more in their objects than in their bytes.
    if (this.#kept.length >= 4_096) this.#blocks.push(Buffer.concat(this.#kept.splice(0)));
    return kept;
  }

  addChild(child: MimePart): void {
    this.#children.push(child);
  }

  /** Of its content, before the transfer encoding is undone. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  get hasChildren(): boolean {
    return this.#children.length > 0;
  }

  close(): MimePart {
    if (this.#about === null) this.open(false);
    if (this.#about === null) throw new Error("a part was opened and is not open");
    const raw = Buffer.concat([...this.#blocks, ...this.#kept], this.#keptBytes);
    // The line break before a boundary belongs to the boundary (RFC 2046 section 5.1.1).
    const content = this.#isCut ? raw : raw.subarray(0, withoutLineBreak(raw));
    const encoding = this.#encoding;
    const isBase64 = encoding === "base64";
    return {
      ...this.#about,
      content: () => decodeTransfer(content, encoding),
      bytes: isBase64 ? Math.floor((this.#encodedBytes * 3) / 4) : this.#sizeWithoutEnd(raw),
      isCut: this.#isCut,
      children: this.#children,
    };
  }

  #sizeWithoutEnd(raw: Uint8Array): number {
    const lineBreak = this.#isCut ? 2 : raw.length - withoutLineBreak(raw);
    return Math.max(0, this.#encodedBytes - lineBreak);
  }
}

function withoutLineBreak(bytes: Uint8Array): number {
  const end = bytes.length;
  if (bytes[end - 1] !== LF) return end;
  return bytes[end - 2] === CR ? end - 2 : end - 1;
}

/** How much of the decoded size this line stands for, in characters of its encoding. */
function encodedLength(line: Uint8Array, encoding: string): number {
  if (encoding === "base64") {
    let end = line.length;
    while (end > 0 && ((line[end - 1] ?? 0) <= 32 || line[end - 1] === EQUALS)) end -= 1;
    return end;
  }
  if (encoding !== "quoted-printable") return line.length;
  let length = withoutLineBreak(line);
  const isSoft = line[length - 1] === EQUALS;
  let escapes = 0;
  for (let at = line.indexOf(EQUALS); at !== -1; at = line.indexOf(EQUALS, at + 1)) escapes += 1;
  length = isSoft ? length - 1 - (escapes - 1) * 2 : line.length - escapes * 2;
  return Math.max(0, length);
}

/** The text of a part, whatever its charset; of its content at most the first `bytesMax` bytes. */
export function partText(part: MimePart, bytesMax = Number.POSITIVE_INFINITY): string {
  const { type, parameters } = part;
  const bytes = part.content().subarray(0, bytesMax);
  const label = parameters.get("charset") ?? (type === "text/html" ? labelInside(bytes) : null);
  const text = decodeText(bytes, label);
  const isFlowed = parameters.get("format")?.toLowerCase() === "flowed" && type === "text/plain";
  return isFlowed ? unflow(text, parameters.get("delsp")?.toLowerCase() === "yes") : text;
}

function labelInside(bytes: Uint8Array): string | null {
  const start = Buffer.from(bytes.subarray(0, 2_048)).toString("latin1");
  return /<meta\b[^>]{0,200}charset\s{0,5}=\s{0,5}["']?([\w:.-]{1,40})/i.exec(start)?.[1] ?? null;
}

const SIGNATURE = "-- ";

interface FlowedLine {
  readonly quotes: string;
  readonly words: string;
  /** The paragraph goes on in the next line of the same quote. */
  readonly isSoft: boolean;
}

/** `deleteSpace` is DelSp: the space before a soft line break is no part of the text. */
function unflow(text: string, deleteSpace: boolean): string {
  const out: string[] = [];
  let before: FlowedLine | null = null;
  for (const written of text.split("\n")) {
    const line = flowedLine(written.endsWith("\r") ? written.slice(0, -1) : written);
    const words = line.isSoft && deleteSpace ? line.words.slice(0, -1) : line.words;
    const goesOn =
      before?.isSoft === true && before.quotes === line.quotes && line.words !== SIGNATURE;
    if (!goesOn)
      out.push(out.length === 0 ? "" : "\n", line.quotes === "" ? "" : `${line.quotes} `);
    out.push(words);
    before = line;
  }
  return out.join("");
}

function flowedLine(line: string): FlowedLine {
  const quotes = line.startsWith(">") ? (/^>*/.exec(line)?.[0] ?? "") : "";
  const rest = line.slice(quotes.length);
  // A space was put before lines that begin with a space, a quote mark or "From".
  const words = rest.startsWith(" ") ? rest.slice(1) : rest;
  return { quotes, words, isSoft: words.endsWith(" ") && words !== SIGNATURE };
}
