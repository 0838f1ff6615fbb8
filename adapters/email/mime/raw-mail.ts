/** The raw mail as it arrived, and how it is taken from stored data. */
import type { KeptBody } from "#core/contracts/channel.ts";
import { normalizeLineEnds } from "./headers.ts";
import { START_BYTES, normalizeLineEndsIn } from "./line-endings.ts";

/** The bytes of a mail, whole or as they come. */
export type MailSource = Uint8Array | AsyncIterable<Uint8Array>;

/** A raw mail, line ends in order, of which no more than the start is held when it is large. */
export interface RawMail {
  /** All of a small mail. Of a large one as much as headers and the marks of automatic mail are looked for in. */
  readonly start: Uint8Array;
  /** The whole mail, again each time. */
  readonly whole: () => MailSource;
  /** Where it is kept; null for bytes that are in no store. */
  readonly ref: string | null;
}

/** Opens a raw mail. Throws what its store throws. */
export async function rawMailOf(body: Uint8Array | KeptBody): Promise<RawMail> {
  if (body instanceof Uint8Array) {
    const bytes = normalizeLineEnds(body);
    return { start: bytes, whole: () => bytes, ref: null };
  }
  const { bytes, isAll } = await startOf(body.open());
  const start = normalizeLineEnds(bytes);
  return {
    start,
    whole: () => (isAll ? start : normalizeLineEndsIn(body.open())),
    ref: body.ref,
  };
}

async function startOf(
  pieces: AsyncIterable<Uint8Array>,
): Promise<{ readonly bytes: Uint8Array; readonly isAll: boolean }> {
  const start: Uint8Array[] = [];
  let missing = START_BYTES;
  for await (const piece of pieces) {
    start.push(piece.subarray(0, missing));
    if (piece.length > missing) return { bytes: Buffer.concat(start), isAll: false };
    missing -= piece.length;
  }
  return { bytes: Buffer.concat(start), isAll: true };
}
