/** Text as a comment takes it: without placeholders, and a reply that is too long with its rest as a file. */

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

/** Zendesk accepts 65,535 bytes; the rest is left for what it adds itself. */
export const COMMENT_BYTES_MAX = 65_000;

/** A file that goes out with a comment. */
export interface NewFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

const REST_NAME = "answer.txt";
/** Points to the file with the rest, in any language. */
const POINTER = `\n\n[… ${REST_NAME}]`;

/**
 * Splits a reply that exceeds a comment's limit in bytes: as much as fits, cut between lines, words or at least
 * characters, and the rest as a text file. Together they are the whole text, without repetition.
 */
export function splitReply(text: string): {
  readonly body: string;
  readonly files: readonly NewFile[];
} {
  if (Buffer.byteLength(text) <= COMMENT_BYTES_MAX) return { body: text, files: [] };
  const start = cutBetweenWords(text, COMMENT_BYTES_MAX - Buffer.byteLength(POINTER));
  const rest = text.slice(start.length);
  return {
    body: `${start}${POINTER}`,
    files: [
      {
        name: REST_NAME,
        mediaType: "text/plain; charset=utf-8",
        bytes: new TextEncoder().encode(rest),
      },
    ],
  };
}

/** How far back to look for a line end or space. */
const LOOK_BACK_MAX = 2_000;

/** As much of the beginning as fits into `bytesMax` bytes. */
export function cutBetweenWords(text: string, bytesMax: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(bytesMax));
  if (read === text.length) return text;
  const start = text.slice(0, read);
  const near = Math.max(start.lastIndexOf("\n"), start.lastIndexOf(" "));
  if (near > start.length - LOOK_BACK_MAX) return start.slice(0, near + 1);
  return start.slice(0, lastWholeCharacter(text, start.length));
}

/** One visible character may be several code points: a letter with its accent, a family emoji. */
function lastWholeCharacter(text: string, end: number): number {
  const from = Math.max(0, end - 100);
  const around = text.slice(from, end + 100);
  const starts = [...new Intl.Segmenter().segment(around)].map(({ index }) => from + index);
  return starts.findLast((index) => index <= end && index > from) ?? end;
}
