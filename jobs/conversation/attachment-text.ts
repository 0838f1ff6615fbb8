/** Reads the text of attached text files. */

/** Plain-text file types that people attach to say something. */
const TEXT_TYPES = new Set(["text/plain", "text/csv", "text/markdown", "application/json"]);

const BYTES_MAX = 200_000;
const CHARACTERS_MAX = 20_000;

/**
 * The text of a text file; null for any other type, for one that is too large to be a message, and for bytes that are
 * not UTF-8 text. It stays third-party data: the guard reads it, and it cannot ask for anything.
 */
export function attachmentText(mediaType: string, bytes: Uint8Array): string | null {
  const [type = ""] = mediaType.toLowerCase().split(";");
  if (!TEXT_TYPES.has(type.trim()) || bytes.byteLength > BYTES_MAX) return null;
  const text = decoded(bytes);
  if (text === null || text.includes("\u0000")) return null;
  if (text.length <= CHARACTERS_MAX) return text;
  const kept = text.slice(0, CHARACTERS_MAX).toWellFormed();
  return `${kept}\n[${text.length - kept.length} more characters of this file were left out]`;
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
