/**
 * Zendesk puts values in the place of `{{ticket.…}}` and carries `{% … %}` out in comments that agents write. Whatever we
 * write is read as it stands: customers are quoted, and nothing of an account is shown because one of them asked for it.
 */

/** Unseen, and no place to break a line. */
const WORD_JOINER = "\u2060";

/** The same text to read, in which Zendesk finds no placeholder. */
export function literal(text: string): string {
  return text.replaceAll(/\{(?=[{%])/g, `{${WORD_JOINER}`);
}

/** A body in which every text is literal, but for its `metadata`, which people do not read and which we compare. */
export function literalBody(value: unknown): unknown {
  if (typeof value === "string") return literal(value);
  if (Array.isArray(value)) return value.map(literalBody);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      name === "metadata" ? part : literalBody(part),
    ]),
  );
}
