/** One part of a mail as a file. Runs on the parsing thread. */

import type { MimeMail } from "./mime.ts";
import type { ParserAnswer, ParserTask } from "./parse-messages.ts";
import type { MimePart } from "./part.ts";

/** Quoted-printable needs three characters for a byte at most, base64 fewer; line ends come on top. */
const ENCODED_FACTOR = 3;
const LINE_ENDS_BYTES = 64 * 1024;

/** How many bytes of a mail hold a part of this size, whatever its transfer encoding. */
export function encodedMost(bytesMax: number): number {
  return bytesMax * ENCODED_FACTOR + LINE_ENDS_BYTES;
}

/** The part the task names, out of a mail of which the reader kept only that. */
export function fileIn(
  { root }: MimeMail,
  { part, bytesMax }: Extract<ParserTask, { kind: "file" }>,
): ParserAnswer {
  const found = partIn(root, part);
  if (found === null) return { kind: "file", file: null, isCut: false };
  const bytes = found.isCut ? new Uint8Array() : found.content();
  return bytes.length > bytesMax || found.isCut
    ? { kind: "file", file: new Uint8Array(), isCut: true }
    : { kind: "file", file: new Uint8Array(bytes), isCut: false };
}

function partIn(part: MimePart, number: number): MimePart | null {
  if (part.number === number) return part;
  for (const child of part.children) {
    const found = partIn(child, number);
    if (found !== null) return found;
  }
  return null;
}
