/** Paragraphs that a program cut into lines and marked as one (RFC 3676) are put together again. */

const SIGNATURE = "-- ";

interface FlowedLine {
  readonly quotes: string;
  readonly words: string;
  /** The paragraph goes on in the next line of the same quote. */
  readonly isSoft: boolean;
}

/** `deleteSpace` is DelSp: the space before a soft line break is no part of the text. */
export function unflow(text: string, deleteSpace: boolean): string {
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
