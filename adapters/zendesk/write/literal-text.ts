/**
 * Zendesk replaces `{{ticket.…}}` and runs `{% … %}` in comments that agents write. Our text must stay literal: it
 * quotes customers, who must not be able to read account data through a placeholder.
 */

/** Invisible, and allows no line break. */
const WORD_JOINER = "\u2060";

/** The same text to read, in which Zendesk finds no placeholder. */
export function literalText(text: string): string {
  return text.replaceAll(/\{(?=[{%])/g, `{${WORD_JOINER}`);
}

/** A body in which every text is literal, but for its `metadata`, which people do not read and which we compare. */
export function literalBody(value: unknown): unknown {
  if (typeof value === "string") return literalText(value);
  if (Array.isArray(value)) return value.map(literalBody);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      name === "metadata" ? part : literalBody(part),
    ]),
  );
}
