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
  return utf8OrWindows(bytes);
}

/** The bytes as UTF-8 when they are that, else as Windows writes a single-byte charset. */
export function utf8OrWindows(bytes: Uint8Array): string {
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
