/** The text of one part: its charset decoded, and paragraphs that were cut into lines (RFC 3676) put together again. */

import { decodeText } from "./charsets.ts";
import type { MimePart } from "./part.ts";

/** The text of a part, whatever its charset; of its content at most the first `bytesMax` bytes. */
export function textOf(part: MimePart, bytesMax = Number.POSITIVE_INFINITY): string {
  const { type, parameters } = part;
  const bytes = part.content().subarray(0, bytesMax);
  const label = parameters.get("charset") ?? (type === "text/html" ? labelInside(bytes) : null);
  const text = decodeText(bytes, label);
  const isFlowed = parameters.get("format")?.toLowerCase() === "flowed" && type === "text/plain";
  return isFlowed ? unflow(text, parameters.get("delsp")?.toLowerCase() === "yes") : text;
}

function labelInside(bytes: Uint8Array): string | null {
  const start = Buffer.from(bytes.subarray(0, 2_048)).toString("latin1");
  return /<meta\b[^>]{0,200}charset\s{0,5}=\s{0,5}["']?([\w:.-]{1,40})/i.exec(start)?.[1] ?? null;
}

const SIGNATURE = "-- ";

interface FlowedLine {
  readonly quotes: string;
  readonly words: string;
  /** The paragraph goes on in the next line of the same quote. */
  readonly isSoft: boolean;
}

/** `deleteSpace` is DelSp: the space before a soft line break is no part of the text. */
function unflow(text: string, deleteSpace: boolean): string {
  const out: string[] = [];
  let before: FlowedLine | null = null;
  for (const written of text.split("\n")) {
    const line = lineOf(written.endsWith("\r") ? written.slice(0, -1) : written);
    const words = line.isSoft && deleteSpace ? line.words.slice(0, -1) : line.words;
    const goesOn =
      before?.isSoft === true && before.quotes === line.quotes && line.words !== SIGNATURE;
    if (!goesOn) out.push(out.length === 0 ? "" : "\n", shownQuotes(line.quotes));
    out.push(words);
    before = line;
  }
  return out.join("");
}

function lineOf(line: string): FlowedLine {
  const quotes = line.startsWith(">") ? (/^>*/.exec(line)?.[0] ?? "") : "";
  const rest = line.slice(quotes.length);
  // A space was put before lines that begin with a space, a quote mark or "From".
  const words = rest.startsWith(" ") ? rest.slice(1) : rest;
  return { quotes, words, isSoft: words.endsWith(" ") && words !== SIGNATURE };
}

function shownQuotes(quotes: string): string {
  return quotes === "" ? "" : `${quotes} `;
}
