/** U+FFFD: what a reader sees where something stood that could not be kept. */
const REPLACEMENT = "\uFFFD";

/**
 * PostgreSQL holds neither NUL nor half of a surrogate pair, and refuses the whole statement. A message is kept all the
 * same: each gets the replacement character, as browsers do it, so that no two words grow together unseen.
 */
export function storable(text: string): string {
  return text.replaceAll("\0", REPLACEMENT).toWellFormed();
}

/** The same for every string and every key of a JSON value; gives its text. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === "string") return storable(item);
    if (typeof item !== "object" || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).map(([key, inner]) => [storable(key), inner]));
  });
}
