/**
 * Checks headers that say how to read the body where no signature covers them. DKIM signs the bytes of the body, not
 * what they mean, so an attacker who sends a signed mail on can have the same bytes read as something else: quoted text
 * as parts of their own, or as the sender's own text. Such a header is believed only where the body confirms it.
 */

import {
  valueOf,
  headerValues,
  type Head,
  parameterizedValue,
  decodeText,
  decodeTransfer,
} from "#email/mime/headers.ts";
import { isMimeNote } from "#email/mime/part.ts";

/** The bytes of a body as far as this looks at them. */
export interface BodyEdges {
  readonly start: Buffer;
  /** The last bytes; they may also be among the first. */
  readonly end: Buffer;
  /** True when the first bytes are all. */
  readonly isWhole: boolean;
}

/** A text whose signature leaves its type open is read up to this many bytes. */
const START_BYTES = 512 * 1024;
const END_BYTES = 4 * 1024;

/** A body while a mail passes by: read the mail through `source`, then take what was seen. */
export function captureBodyEdges(
  source: AsyncIterable<Uint8Array>,
  bodyStart: number,
): { readonly source: AsyncIterable<Uint8Array>; readonly seen: () => BodyEdges } {
  const state = { at: 0, start: Buffer.alloc(0), end: Buffer.alloc(0) };
  const watched = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of source) {
      const body = piece.subarray(Math.max(0, bodyStart - state.at));
      state.at += piece.length;
      if (body.length > 0) {
        const missing = START_BYTES - state.start.length;
        if (missing > 0) state.start = Buffer.concat([state.start, body.subarray(0, missing)]);
        state.end = Buffer.from(Buffer.concat([state.end, body]).subarray(-END_BYTES));
      }
      yield piece;
    }
  };
  return {
    source: watched(),
    seen: () => ({
      start: state.start,
      end: state.end,
      isWhole: state.at - bodyStart <= START_BYTES,
    }),
  };
}

/** Which header the signature leaves open while the body does not say the same by itself; null when there is none. */
export function unsignedHeadersProblem(
  head: Head,
  signed: readonly string[],
  body: BodyEdges,
): "content-type" | "content-transfer-encoding" | "content-disposition" | null {
  const { value: type, parameters } = parameterizedValue(valueOf(head, "content-type"));
  const encoding = parameterizedValue(valueOf(head, "content-transfer-encoding")).value;
  const isMultipart = type.startsWith("multipart/");
  if (!signed.includes("content-transfer-encoding") && !bearsEncoding(encoding, body, isMultipart))
    return "content-transfer-encoding";
  if (!signed.includes("content-type")) {
    const boundary = parameters.get("boundary") ?? "";
    const charset = parameters.get("charset") ?? null;
    const isBorne = isMultipart
      ? bearsBoundary(boundary, body)
      : bearsText(type, encoding, body) && keepsAscii(charset);
    if (!isBorne) return "content-type";
  }
  const disposition = parameterizedValue(valueOf(head, "content-disposition")).value;
  const isHidden = headerValues(head, "content-disposition").length > 0 && disposition !== "inline";
  return isHidden && !signed.includes("content-disposition") ? "content-disposition" : null;
}

/** The body begins with this delimiter and ends with the closing one, with no other text around them. */
function bearsBoundary(boundary: string, { start, end }: BodyEdges): boolean {
  if (boundary === "") return false;
  const lines = writtenLines(start);
  const [first = "", second] = lines;
  const begins = isMimeNote(first) ? second : first;
  return begins === `--${boundary}` && writtenLines(end).at(-1) === `--${boundary}--`;
}

/** Lines with something in them, without the blanks at their ends. */
function writtenLines(bytes: Buffer): readonly string[] {
  const lines = bytes.toString("latin1").split(/\r?\n/);
  return lines.flatMap((line) => (line.trim() === "" ? [] : [line.trimEnd()]));
}

/** A delimiter with the header of a part behind it. */
const PART_BEGINS = /^--\S[^\n]*\ncontent-[a-z-]{2,40}:/im;
const MARKUP_FIRST = /^\s*<(?:!doctype|!--|\?xml|[a-z][a-z0-9]*[\s>/])/i;
const MARKUP_CLOSED = /<\/[a-z][a-z0-9]*\s*>/i;

/** Plain words are no parts and no markup, and markup begins as such. What is neither is read by its header alone. */
function bearsText(type: string, encoding: string, { start, isWhole }: BodyEdges): boolean {
  if (!isWhole) return false;
  const text = Buffer.from(decodeTransfer(start, encoding)).toString("latin1");
  if (PART_BEGINS.test(text.replaceAll("\r", ""))) return false;
  if (type === "text/html") return MARKUP_FIRST.test(text);
  const isPlain = type === "" || type === "text/plain";
  return isPlain && !MARKUP_FIRST.test(text) && !MARKUP_CLOSED.test(text);
}

/** All signs that a keyboard has, and the marks behind which UTF-7 and HZ hide others. */
const PRINTABLE = Buffer.concat([
  Buffer.from(Array.from({ length: 95 }, (_, index) => index + 32)),
  Buffer.from("+AAo-~{!!~}"),
]);

/** In some charsets plain letters and signs stand for others, so that the mark of a quote is none. */
function keepsAscii(charset: string | null): boolean {
  return charset === null || decodeText(PRINTABLE, charset) === PRINTABLE.toString("latin1");
}

const AS_IT_IS = ["", "7bit", "8bit", "binary"];

function bearsEncoding(encoding: string, body: BodyEdges, isMultipart: boolean): boolean {
  if (AS_IT_IS.includes(encoding)) return isMultipart || !mayBeQuotedPrintable(body);
  if (isMultipart || !body.isWhole) return false;
  const text = body.start.toString("latin1").replaceAll("\r", "");
  if (encoding === "base64") return isBase64(text);
  // A line break of the text is written as one and never as a code (RFC 2045 section 6.7).
  return encoding === "quoted-printable" && isQuotedPrintable(text) && !/=0[AD]/i.test(text);
}

function isBase64(text: string): boolean {
  const lines = text.trim().split("\n");
  const width = lines[0]?.length ?? 0;
  return lines.every(
    (line, index) =>
      /^[A-Za-z0-9+/]*={0,2}$/.test(line) &&
      (index === lines.length - 1 ? line.length <= width : line.length === width),
  );
}

function isQuotedPrintable(text: string): boolean {
  return !/[\x80-\xff]/.test(text) && !/=(?![0-9A-F]{2}|[ \t]*(?:\n|$))/i.test(text);
}

/** Read as it is, a line that was only broken loses the mark of its quote, and so does one whose mark is a code. */
function mayBeQuotedPrintable({ start }: BodyEdges): boolean {
  const text = start.toString("latin1").replaceAll("\r", "");
  return isQuotedPrintable(text) && /=[ \t]*\n|^=3E/im.test(text);
}
