/**
 * A reader for the header section of a mail (RFC 5322 section 2.2) that takes any bytes, in one pass and without
 * waiting, and for the text inside header values: encoded words (RFC 2047), parameters (RFC 2045 and 2231), and one
 * clean line; with the decoding of bytes, whose transfer encodings it undoes and whose charsets it reads. It exists
 * because `receive` is synchronous and because deduplication must not depend on what a full MIME parser makes of a
 * broken mail.
 */

import iconv from "iconv-lite";

/** One header field; the name in lower case, the value unfolded. */
interface HeaderField {
  readonly name: string;
  readonly value: string;
}

/** The header section with the place where the body starts. */
export interface Head {
  readonly fields: readonly HeaderField[];
  readonly bodyStart: number;
  /** Lines of the header section, folded ones counted each. */
  readonly lines: number;
  /** False when a line is no field or too many are there: another reader may find fields that are not among these. */
  readonly isWhole: boolean;
}

/** A field's name, with blanks before its colon as old programs write them (RFC 5322 section 4.5). */
const NAME = /^([\x21-\x7e]+)[ \t]*$/;

/** More header than this is hostile: the largest seen in public corpora are below 64 KB. */
export const HEAD_BYTES_MAX = 512 * 1024;
const FIELDS_MAX = 2_000;
const LF = 10;
const CR = 13;

/** Reads what can be read; lines that are no header field are skipped. */
export function readHead(bytes: Uint8Array): Head {
  const bodyStart = findBody(bytes);
  // Raw 8-bit headers are UTF-8 (RFC 6532) or, from old senders, a single-byte charset.
  const text = utf8OrWindows(bytes.subarray(0, Math.min(bodyStart, HEAD_BYTES_MAX)));
  const fields: { name: string; value: string }[] = [];
  let current: { name: string; parts: string[] } | null = null;
  const finish = (): void => {
    if (current !== null)
      fields.push({ name: current.name, value: current.parts.join(" ").trim() });
    current = null;
  };
  const lines = text.split(/\r?\n/);
  let isWhole = true;
  for (const line of lines) {
    if (line.startsWith(" ") || line.startsWith("\t")) {
      if (current !== null) current.parts.push(line.trim());
      else if (line.trim() !== "") isWhole = false;
      continue;
    }
    finish();
    if (fields.length >= FIELDS_MAX) {
      isWhole = false;
      break;
    }
    const colon = line.indexOf(":");
    const [, name] = NAME.exec(line.slice(0, Math.max(colon, 0))) ?? [];
    if (name !== undefined)
      current = { name: name.toLowerCase(), parts: [line.slice(colon + 1).trim()] };
    else if (line !== "") isWhole = false;
  }
  finish();
  return { fields, bodyStart, lines: lines.length, isWhole };
}

/** All values of these fields, one field after the other, each in the order they stand. */
export function headerValues({ fields }: Head, ...names: readonly string[]): readonly string[] {
  return names.flatMap((wanted) =>
    fields.flatMap(({ name, value }) => (name === wanted ? [value] : [])),
  );
}

/** The first value of a field, empty when there is none. */
export function valueOf(head: Head, name: string): string {
  return head.fields.find((field) => field.name === name)?.value ?? "";
}

/** The moment a value names; null when it is no date. */
export function dateIn(value: string): Date | null {
  const date = new Date(value.trim());
  return Number.isNaN(date.getTime()) ? null : date;
}

/** The well-formed message ids in a value, without brackets: junk between them is dropped, order kept. */
export function messageIdsIn(value: string): readonly string[] {
  const ids = value.matchAll(/<([^<>\s@]{1,150}@[^<>\s@]{1,150})>/g);
  return [...ids].flatMap(([, id]) => (id === undefined ? [] : [id]));
}

/** The body begins after the first empty line; a mail without one is all header. */
function findBody(bytes: Uint8Array): number {
  for (let at = 0; at !== -1 && at < bytes.length;) {
    if (bytes[at] === LF) return at + 1;
    if (bytes[at] === CR && bytes[at + 1] === LF) return at + 2;
    const end = bytes.indexOf(LF, at);
    at = end === -1 ? bytes.length : end + 1;
  }
  return bytes.length;
}

const VALUE_LENGTH_MAX = 20_000;
const PARAMETERS_MAX = 100;
const ENCODED_WORD = /=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,2000})\?=/g;

/** A decoded subject may hold line breaks, which would be a new header when written again. */
export function cleanLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, " ").trim();
}

/**
 * Replaces encoded words. Neighbours of one charset are read together, because programs cut a letter's bytes across
 * two words, and the blanks between them are no text.
 */
export function decodeWords(value: string): string {
  const cut = value.slice(0, VALUE_LENGTH_MAX);
  const out: string[] = [];
  let run: { readonly charset: string; readonly bytes: Uint8Array[] } | null = null;
  let end = 0;
  const finish = (): void => {
    if (run !== null) out.push(decodeText(Buffer.concat(run.bytes), run.charset));
    run = null;
  };
  for (const found of cut.matchAll(ENCODED_WORD)) {
    const [whole, label = "", encoding = "", content = ""] = found;
    const between = cut.slice(end, found.index);
    // RFC 2231 section 5 lets a language follow the charset.
    const charset = label.split("*")[0]?.toLowerCase() ?? "";
    if (run === null || between.trim() !== "") {
      finish();
      out.push(between);
    } else if (run.charset !== charset) finish();
    run ??= { charset, bytes: [] };
    run.bytes.push(wordBytes(encoding, content));
    end = found.index + whole.length;
  }
  finish();
  return `${out.join("")}${cut.slice(end)}`.toWellFormed();
}

function wordBytes(encoding: string, content: string): Uint8Array {
  if (encoding.toLowerCase() === "b") return decodeTransfer(headerBytes(content), "base64");
  return decodeTransfer(headerBytes(content.replaceAll("_", " ")), "quoted-printable");
}

/** Characters up to U+00FF stand for one byte each; a text with any other one becomes UTF-8. */
function headerBytes(text: string): Buffer {
  return Buffer.from(text, /[^\0-\xff]/.test(text) ? "utf8" : "latin1");
}

/** A value such as `text/plain; charset=utf-8`. */
export interface ParameterizedValue {
  /** What stands before the first semicolon, in lower case. */
  readonly value: string;
  /** By lower-case name, decoded. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Reads a value with parameters; the first of two with the same name counts. */
export function parameterizedValue(header: string): ParameterizedValue {
  const text = header.slice(0, VALUE_LENGTH_MAX);
  const value = (text.split(";", 1)[0] ?? "").trim().toLowerCase();
  const raw = new Map<string, string>();
  const pattern =
    /;\s{0,50}([^\s=;"]{1,80})\s{0,10}=\s{0,10}(?:"((?:[^"\\]|\\.)*)"?|([^;\r\n]*))/gs;
  for (const [, name = "", quoted, bare] of text.matchAll(pattern)) {
    const key = name.toLowerCase();
    if (raw.size >= PARAMETERS_MAX) break;
    if (!raw.has(key)) raw.set(key, quoted?.replace(/\\(.)/gs, "$1") ?? (bare ?? "").trim());
  }
  return { value, parameters: joined(raw) };
}

interface Piece {
  readonly index: number;
  readonly text: string;
  readonly isEncoded: boolean;
}

/** RFC 2231: `name*0*=utf-8''a%20b` and so on are one value; encoded words in quotes are against the rules and common. */
function joined(raw: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  const pieces = new Map<string, Piece[]>();
  for (const [key, text] of raw) {
    const [, name = "", index, star] = /^([^*]+)(?:\*(\d{1,3}))?(\*)?$/.exec(key) ?? [];
    if (name === "") continue;
    if (index === undefined && star === undefined) parameters.set(name, decodeWords(text));
    else {
      const piece = { index: Number(index ?? 0), text, isEncoded: star !== undefined };
      pieces.set(name, [...(pieces.get(name) ?? []), piece]);
    }
  }
  for (const [name, found] of pieces) parameters.set(name, extended(found));
  return parameters;
}

function extended(pieces: readonly Piece[]): string {
  const ordered = pieces.toSorted((a, b) => a.index - b.index);
  const first = ordered[0];
  const [, charset = null, rest = ""] =
    first?.isEncoded === true ? (/^([^']*)'[^']*'(.*)$/s.exec(first.text) ?? []) : [];
  const texts = ordered.map((piece) => {
    const text = piece === first && charset !== null ? rest : piece.text;
    return piece.isEncoded ? percentBytes(text) : Buffer.from(text);
  });
  return decodeText(Buffer.concat(texts), charset);
}

function percentBytes(text: string): Buffer {
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return headerBytes(bytes);
}

const NAME_MAX = 200;

/** A name to show, never a path to write to, and nothing that turns the reading order round ("gpj.exe"). */
export function safeFileName(given: string, mediaType: string, index: number): string {
  const shown = cleanLine(given.replaceAll("\0", "").replaceAll(/\p{Cf}/gu, ""));
  const last = (shown.split(/[/\\]/).at(-1) ?? "").trim();
  if (last !== "" && !/^\.+$/.test(last)) return last.slice(0, NAME_MAX).toWellFormed();
  return mediaType === "text/calendar" ? "invite.ics" : `attachment-${index + 1}`;
}

/** Labels outside the standard. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    cp936: "gbk",
    cp949: "euc-kr",
    ms949: "euc-kr",
    cp932: "shift_jis",
    cp950: "big5",
    cp1250: "windows-1250",
    cp1251: "windows-1251",
    cp1252: "windows-1252",
    cp65001: "utf-8",
    "iso-2022-jp-1": "iso-2022-jp",
    "iso-2022-jp-2": "iso-2022-jp",
    "iso-2022-jp-ms": "iso-2022-jp",
    "iso-2022-jp-3": "iso-2022-jp",
    "koi8-ru": "koi8-u",
    "unicode-1-1-utf-7": "utf-7",
  }),
);

/** They promise nothing about bytes above 127, so such bytes are guessed. */
const NO_PROMISE = /^(?:|us-?ascii|ascii|ansi_x3\.4-19\d\d|iso-ir-6|unknown.*|x-unknown|default)$/;

const REPLACEMENT = "\ufffd";

/**
 * Reads these bytes; never fails, whatever label and bytes are. The labels are those of the WHATWG Encoding Standard, which
 * Node knows, and the few others that mail programs write; without a label, or with an unknown one, the charset is guessed.
 */
export function decodeText(bytes: Uint8Array, label: string | null): string {
  const given = (label ?? "").trim().toLowerCase().replaceAll(/["']/g, "");
  const name = OTHER_NAMES.get(given) ?? given;
  if (NO_PROMISE.test(name)) return guessed(bytes);
  if (name === "utf-7") return iconv.decode(bytes, name);
  const decoder = decoderFor(name);
  if (decoder === null) return guessed(bytes);
  // Mail programs write the Windows code page 949, which has more syllables, under the names of EUC-KR.
  if (decoder.encoding === "euc-kr") return iconv.decode(bytes, "cp949");
  const text = decoder.decode(decoder.encoding === "iso-2022-jp" ? withoutIdle(bytes) : bytes);
  if (!text.includes(REPLACEMENT)) return text;
  // A program that says UTF-8 and writes its own code page: no letter beyond ASCII was read.
  const isMislabelled = decoder.encoding === "utf-8" && !/[^\0-\x7f\ufffd]/.test(text);
  return isMislabelled ? new TextDecoder("windows-1252").decode(bytes) : text;
}

/** UTF-8 proves itself, ISO-2022-JP shows by its escapes; anything else is most often what Windows writes. */
function guessed(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 100_000));
  if (start.includes("\x1b$B") || start.includes("\x1b$@"))
    return new TextDecoder("iso-2022-jp").decode(withoutIdle(bytes));
  return utf8OrWindows(bytes);
}

/** The bytes as UTF-8 when they are that, else as Windows writes a single-byte charset. */
function utf8OrWindows(bytes: Uint8Array): string {
  try {
    // A cut in the middle of a letter must not make the whole look like no UTF-8.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** A change of alphabet with nothing in it, as where two encoded words meet, is an error to the standard's decoder. */
function withoutIdle(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString("latin1");
  const busy = text.replaceAll("\x1b(B\x1b", "\x1b").replaceAll("\x1b(J\x1b", "\x1b");
  return Buffer.from(busy, "latin1");
}

function decoderFor(name: string): InstanceType<typeof TextDecoder> | null {
  try {
    return new TextDecoder(name);
  } catch {
    return null;
  }
}

// Content-Transfer-Encoding (RFC 2045 section 6) undone, in one pass and without failing.

/** The bytes that were encoded; an unknown encoding is taken as none. */
export function decodeTransfer(bytes: Uint8Array, encoding: string): Uint8Array {
  if (encoding === "base64") return fromBase64(bytes);
  return encoding === "quoted-printable" ? fromQuotedPrintable(bytes) : bytes;
}

/** Padding in the middle belongs to pieces that were encoded one by one, and each of them is read. */
function fromBase64(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString("latin1");
  const inside = text.trimEnd().replace(/(?<!=)=+$/, "");
  if (!inside.includes("=")) return Buffer.from(inside, "base64");
  return Buffer.concat(inside.split(/=+/).map((piece) => Buffer.from(piece, "base64")));
}

/** A soft line break may have blanks before it, which some servers add; a code that is none stays as it is written. */
const CODE = /=(?:[ \t]{0,10}(?:\r\n?|\n|$)|([0-9a-f]{2}))/gi;

function fromQuotedPrintable(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString("latin1");
  const plain = text.replace(CODE, (_, hex?: string) =>
    hex === undefined ? "" : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(plain, "latin1");
}
