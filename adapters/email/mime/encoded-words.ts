/**
 * Encoded words of headers (RFC 2047), for telling what a subject says without a whole parse of the mail. What is no
 * encoded word, or a broken one, stays as it stands.
 */

import { bytesOfQuotedPrintable, textIn } from "./decoded-part.ts";

/** Of one header; no subject anybody reads is longer. Characters. */
const VALUE_LENGTH_MAX = 4_000;
const WORD = /=\?([\w.:-]{1,40})(?:\*[\w-]{1,20})?\?([bq])\?([^?\s]{0,400})\?=/gi;

/** The value as a person reads it. */
export function decodedWords(value: string): string {
  return value
    .slice(0, VALUE_LENGTH_MAX)
    .replaceAll(/\?=\s{1,20}=\?/g, "?==?")
    .replaceAll(WORD, (_word, charset: string, encoding: string, text: string) =>
      textIn(
        charset,
        encoding.toLowerCase() === "b"
          ? Buffer.from(text, "base64")
          : bytesOfQuotedPrintable(text.replaceAll("_", " ")),
      ),
    );
}
