/** Reads which mail a mail answers, as far as it quotes it. Runs on the parsing thread. */
import { attributionAt, headerBlockAt, isForwardMark, SENDER_LINE } from "./quote-markers.ts";

/** The topmost quote, with what stands around it. */
interface AnsweredMail {
  /** Where its writer stands: the sender's line of a header block, or the whole attribution. */
  readonly by: string;
  /** All down to the quoted words: the writer's own, and the whole header block or attribution. */
  readonly above: string;
  readonly text: string;
}

/** Beyond these a quote is of no use. Lines and characters. */
const LINES_MAX = 2_000;
const HEAD_LINES_MAX = 20;
const TEXT_MAX = 20_000;

/** Null where nothing is quoted, where no line says of whom, and where the quote is told to be a forwarded mail. */
export function answeredMail(text: string): AnsweredMail | null {
  const lines = text.replaceAll("\r\n", "\n").split("\n", LINES_MAX);
  for (const [at, line] of lines.entries()) {
    if (isForwardMark(line)) return null;
    const isMarked = /^\s{0,3}>/.test(line);
    // Some programs mark the line that says who wrote as well.
    const head = lines.slice(at, at + HEAD_LINES_MAX).map(isMarked ? withoutMark : String);
    const block = headerBlockAt(head, 0);
    const length = block || attributionAt(head, 0);
    if (length > 0) {
      const named = head.slice(0, length);
      return {
        by: (block > 0 ? named.find((field) => SENDER_LINE.test(field)) : named.join("\n")) ?? "",
        above: lines.slice(0, at + length).join("\n"),
        text: lines
          .slice(at + length)
          .join("\n")
          .slice(0, TEXT_MAX),
      };
    }
    if (isMarked) return null;
  }
  return null;
}

function withoutMark(line: string): string {
  return line.replace(/^\s{0,3}>[ \t]?/, "");
}
