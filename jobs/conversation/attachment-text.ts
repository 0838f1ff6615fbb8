/** Kinds of files that are nothing but text, and that people send to say something. */
const TEXT_TYPES = new Set(["text/plain", "text/csv", "text/markdown", "application/json"]);

const BYTES_MAX = 200_000;
const CHARACTERS_MAX = 20_000;

/**
 * What a text file says; null for any other kind, for one that is too large to be a word to us, and for what only calls
 * itself text. It stays somebody else's words: the guard reads it, and it asks for nothing.
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
