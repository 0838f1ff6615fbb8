/** Content-Transfer-Encoding (RFC 2045 section 6) undone, in one pass and without failing. */

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
