/** Content as it travels, turned back into bytes and text. Nothing here throws, whatever comes. */

/** The bytes a quoted-printable text stands for (RFC 2045 section 6.7); a stray `=` stays one. */
export function bytesOfQuotedPrintable(text: string): Buffer {
  const joined = text.replaceAll(/=[ \t]{0,20}\r?\n/g, "");
  return Buffer.from(
    joined.replaceAll(/=([0-9a-f]{2})/gi, (_whole, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
    "latin1",
  );
}

/** Text in a charset; one nobody knows is read as the single-byte one most mail without a right name is in. */
export function textIn(charset: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder(charset === "" ? "utf-8" : charset).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
