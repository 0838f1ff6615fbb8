/** Tells a picture by its first bytes. */

/** The kinds a browser shows as pixels and nothing else; SVG is not among them, since it can hold scripts. */
const KINDS = [
  { type: "image/png", begins: "89504e470d0a1a0a", at: 0 },
  { type: "image/jpeg", begins: "ffd8ff", at: 0 },
  { type: "image/gif", begins: "474946383761", at: 0 },
  { type: "image/gif", begins: "474946383961", at: 0 },
  { type: "image/webp", begins: "57454250", at: 8 },
] as const;

/** The media type of a picture by its bytes, whatever its name and its sender say; null for anything else. */
export function pictureTypeOf(bytes: Uint8Array): (typeof KINDS)[number]["type"] | null {
  const head = Buffer.from(bytes.subarray(0, 12)).toString("hex");
  return KINDS.find(({ begins, at }) => head.startsWith(begins, at * 2))?.type ?? null;
}
