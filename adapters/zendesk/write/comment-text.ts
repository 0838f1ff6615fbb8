/**
 * Text as a comment takes it: HTML in which nothing of it is markup or a placeholder, and a reply that is too long with
 * its rest as a file. Zendesk reads a comment's `body` as Markdown and its `html_body` as HTML, so every text of ours goes
 * out as `html_body`: what a person approved is what is read.
 */

import { escapeText } from "entities";

/** Invisible, and allows no line break. */
const WORD_JOINER = "\u2060";

/** The same text to read, in which Zendesk finds no placeholder. */
function literalText(text: string): string {
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

/**
 * The text as HTML that shows these characters, lines and spaces and nothing else. A blank line is a line end of its own
 * instead of a paragraph, so that `plain_body` has the same lines whatever Zendesk makes of paragraphs there. A tab, which
 * HTML has none of, is four spaces.
 */
function commentHtml(text: string): string {
  return escapeText(literalText(text))
    .replaceAll("\t", "    ")
    .replaceAll(/\r\n?|\n/g, "\n")
    .replaceAll(/ +/g, shownSpaces)
    .replaceAll("\n", "<br>");
}

/** Spaces that HTML would join or drop as ones it keeps, but for those at a line's end, which no reader sees. */
function shownSpaces({ length }: string, at: number, whole: string): string {
  const after = whole[at + length];
  if (after === undefined || after === "\n") return " ".repeat(length);
  const isFirst = at === 0 || whole[at - 1] === "\n";
  return isFirst ? "\u00A0".repeat(length) : `${"\u00A0".repeat(length - 1)} `;
}

/** "Bodies are limited to 64kB": what is above is cut, and no error tells. The rest is left for what Zendesk adds itself. */
const HTML_BYTES_MAX = 63_500;

function htmlBytes(text: string): number {
  return Buffer.byteLength(commentHtml(text));
}

/** The comment with a text for the team. It may be shortened, saying so; a reply never is. */
export function internalComment(text: string): {
  readonly html_body: string;
  readonly public: false;
} {
  const isWhole = htmlBytes(text) <= HTML_BYTES_MAX;
  const kept = isWhole ? text : cutBetweenWords(text, HTML_BYTES_MAX - 100);
  const cut = Buffer.byteLength(text) - Buffer.byteLength(kept);
  const shown = isWhole ? text : `${kept}\n\n[${cut} more bytes were cut]`;
  return { html_body: commentHtml(shown), public: false };
}

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
  readonly html: string;
  readonly files: readonly NewFile[];
} {
  if (htmlBytes(text) <= HTML_BYTES_MAX) return { html: commentHtml(text), files: [] };
  const start = cutBetweenWords(text, HTML_BYTES_MAX - htmlBytes(POINTER));
  const rest = text.slice(start.length);
  return {
    html: commentHtml(`${start}${POINTER}`),
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

/** As much of the beginning as fits into `bytesMax` bytes of HTML. */
function cutBetweenWords(text: string, bytesMax: number): string {
  const start = text.slice(0, fittingLength(text, bytesMax));
  const near = Math.max(start.lastIndexOf("\n"), start.lastIndexOf(" "));
  if (near > start.length - LOOK_BACK_MAX) return start.slice(0, near + 1);
  return start.slice(0, lastWholeCharacter(text, start.length));
}

/** By halves: a longer beginning is never shorter as HTML, and each character takes a byte at least. */
function fittingLength(text: string, bytesMax: number): number {
  let [fitting, tooLong] = [0, Math.min(text.length, bytesMax) + 1];
  while (tooLong - fitting > 1) {
    const middle = Math.floor((fitting + tooLong) / 2);
    if (htmlBytes(text.slice(0, middle)) <= bytesMax) fitting = middle;
    else tooLong = middle;
  }
  return fitting;
}

/** One visible character may be several code points: a letter with its accent, a family emoji. */
function lastWholeCharacter(text: string, end: number): number {
  const from = Math.max(0, end - 100);
  const around = text.slice(from, end + 100);
  const starts = [...new Intl.Segmenter().segment(around)].map(({ index }) => from + index);
  return starts.findLast((index) => index <= end && index > from) ?? end;
}
