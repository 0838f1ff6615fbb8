/** Reads which mail a mail answers, as far as it quotes it. Runs on the parsing thread. */
import {
  attributionAt,
  headerBlockAt,
  isForwardMark,
  isQuoted,
  SENDER_LINE,
} from "./quote-markers.ts";

/** The topmost quote. */
interface AnsweredMail {
  /** Where its writer stands: the sender's line of a header block, or the whole attribution. */
  readonly by: string;
  /** With what it quotes in turn. */
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
    const by = block > 0 ? head.find((field) => SENDER_LINE.test(field)) : head.join("\n");
    return { by: by ?? "", text: lines.slice(end).join("\n").slice(0, TEXT_MAX) };
  }
  return null;
}
