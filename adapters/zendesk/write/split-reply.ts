/** Zendesk takes 65,535 bytes; some are left for what it adds itself. */
export const COMMENT_BYTES_MAX = 65_000;

/** A file that goes out with a comment. */
export interface NewFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

const REST_NAME = "answer.txt";
/** Says where the rest is, in no language. */
const POINTER = `\n\n[… ${REST_NAME}]`;

/**
 * A reply that is longer than a comment may be, counted in bytes: as much as fits, cut between two lines, words or at
 * least characters, and the rest as a text file. Both together are the whole text, each word once.
 */
export function fitted(text: string): {
  readonly body: string;
  readonly files: readonly NewFile[];
} {
  if (Buffer.byteLength(text) <= COMMENT_BYTES_MAX) return { body: text, files: [] };
  const start = startOf(text, COMMENT_BYTES_MAX - Buffer.byteLength(POINTER));
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

/** Further back than this no line end or space is looked for. */
const BACK_MAX = 2_000;

/** As much of the beginning as has at most so many bytes. */
export function startOf(text: string, bytesMax: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(bytesMax));
  if (read === text.length) return text;
  const start = text.slice(0, read);
  const near = Math.max(start.lastIndexOf("\n"), start.lastIndexOf(" "));
  if (near > start.length - BACK_MAX) return start.slice(0, near + 1);
  return start.slice(0, lastWholeCharacter(text, start.length));
}

/** What people see as one character may be several: a letter with its accent, a family of emoji. */
function lastWholeCharacter(text: string, end: number): number {
  const from = Math.max(0, end - 100);
  const around = text.slice(from, end + 100);
  const starts = [...new Intl.Segmenter().segment(around)].map(({ index }) => from + index);
  return starts.findLast((index) => index <= end && index > from) ?? end;
}
