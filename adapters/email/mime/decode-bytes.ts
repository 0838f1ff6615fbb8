/**
 * Decodes the bytes of a mail: its transfer encodings undone, its charsets read as text. The labels are those of the
 * WHATWG Encoding Standard, which Node knows, and the few others that mail programs write; without a label, or with an
 * unknown one, the charset is guessed.
 */

import iconv from "iconv-lite";

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

/** Reads these bytes; never fails, whatever label and bytes are. */
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

const EQUALS = 61;
const LF = 10;
const CR = 13;

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

function fromQuotedPrintable(bytes: Uint8Array): Uint8Array {
  const out = Buffer.alloc(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    const skipped = byte === EQUALS ? lineBreakAt(bytes, at + 1) : 0;
    if (skipped > 0) {
      at += skipped;
      continue;
    }
    const value = byte === EQUALS ? hexAt(bytes, at + 1) : -1;
    out[length] = value === -1 ? byte : value;
    length += 1;
    if (value !== -1) at += 2;
  }
  return out.subarray(0, length);
}

/** The length of a soft line break after `=`, with the blanks some servers add before it; 0 when there is none. */
function lineBreakAt(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < from + 10 && (bytes[at] === 32 || bytes[at] === 9)) at += 1;
  if (at >= bytes.length) return at - from || 1;
  if (bytes[at] === CR && bytes[at + 1] === LF) return at + 2 - from;
  return bytes[at] === LF || bytes[at] === CR ? at + 1 - from : 0;
}

function hexAt(bytes: Uint8Array, at: number): number {
  const high = hexDigit(bytes[at] ?? 0);
  const low = hexDigit(bytes[at + 1] ?? 0);
  return high === -1 || low === -1 ? -1 : high * 16 + low;
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  if (byte >= 65 && byte <= 70) return byte - 55;
  return byte >= 97 && byte <= 102 ? byte - 87 : -1;
}
