/** Reads which mail a mail answers, as far as it quotes it. Runs on the parsing thread. */
import {
  attributionAt,
  headerBlockAt,
  isForwardMark,
  isOriginalMark,
  isQuoted,
  quoteFollows,
} from "./quote-markers.ts";

/** The topmost mail in the quote, without what that quotes in turn. */
export interface AnsweredMail {
  /** Where its sender stands: the line of the header block that names an address first, or the whole attribution. */
  readonly by: string;
  readonly text: string;
}

/** As far as marks are looked for in a mail, and characters of the quote that are of use. */
const LINES_MAX = 10_000;
const TEXT_MAX = 20_000;

/** Null where nothing is quoted, where no line says of whom, and where the quote is told to be a forwarded mail. */
export function answeredMail(text: string): AnsweredMail | null {
  const lines = text.replaceAll("\r\n", "\n").split("\n").slice(0, LINES_MAX);
  for (const [at, line] of lines.entries()) {
    if (isForwardMark(line) || isQuoted(line)) return null;
    const block = headerBlockAt(lines, at);
    const end = at + (block || attributionAt(lines, at));
    if (end === at) continue;
    const head = lines.slice(at, end);
    const by = block > 0 ? head.find((field) => field.includes("@")) : head.join("\n");
    return { by: by ?? "", text: quoteAt(lines, end).slice(0, TEXT_MAX) };
  }
  return null;
}

/** The quote that begins here, up to where an older mail begins in it. */
function quoteAt(lines: readonly string[], from: number): string {
  const isMarked = quoteFollows(lines, from);
  const quote = lines
    .slice(from)
    .map((line) => (isMarked ? line.replace(/^\s{0,3}>[ \t]?/, "") : line));
  const end = quote.findIndex(
    (line, at) =>
      isQuoted(line) ||
      isForwardMark(line) ||
      isOriginalMark(line) ||
      headerBlockAt(quote, at) + attributionAt(quote, at) > 0,
  );
  return quote.slice(0, end === -1 ? quote.length : end).join("\n");
}
