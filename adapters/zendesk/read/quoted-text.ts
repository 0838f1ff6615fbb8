/** Separates new text in a comment from quotations and the signature. */
import type { Segment } from "#core/values/message.ts";

interface CommentText {
  readonly text: string;
  readonly segments: readonly Segment[];
}

/** "Ann wrote:" in the languages mail programs speak most. */
const ATTRIBUTION_LINE =
  /^\s*\S.{0,300}\b(wrote|writes|schrieb|a écrit|escribió|ha scritto|schreef|escreveu|napisał|napisała|skrev|kirjoitti|написал|написала|пише)(\s.{0,200})?:\s*$/iu;
/** Below such a line all is an older mail: the divider Outlook shows, or the line Zendesk puts into its mails. */
const HISTORY_DIVIDER =
  /^\s*(-{2,}\s*(original message|ursprüngliche nachricht|message d'origine|mensaje original|messaggio originale|oorspronkelijk bericht)\s*-{2,}|##-.{0,200}-##)\s*$/i;
const FROM_HEADER = /^\s*\*?(from|von|de|da|van)\*?\s*:\s*(?:\*\s*)?\S/i;
const OTHER_HEADER =
  /^\s*\*?(sent|date|to|subject|gesendet|datum|an|betreff|envoyé|à|objet|enviado|para|asunto|inviato|oggetto|verzonden|aan|onderwerp)\*?\s*:/i;
const SIGNATURE_LINES_MAX = 12;

/** People write fewer lines than that; what comes after them is left as it is. */
const LINES_MAX = 20_000;

/**
 * Takes what was written before, and the signature, out of the new words. A message that is nothing but a quotation was
 * passed on: its words are shown, as another person's.
 */
export function splitQuotes(words: CommentText): { text: string; segments: Segment[] } {
  const { own, quoted, signature } = splitParts(words);
  const segments = [...words.segments];
  if (quoted !== "") segments.push({ kind: "quoted", text: quoted });
  if (signature !== "") segments.push({ kind: "signature", text: signature });
  if (own !== "") return { text: own, segments };
  return {
    text: own,
    segments: segments.map((segment) =>
      segment.kind === "quoted" ? { ...segment, kind: "forwarded" } : segment,
    ),
  };
}

function splitParts({ text, segments }: CommentText): {
  own: string;
  quoted: string;
  signature: string;
} {
  const all = text.split("\n");
  const lines = all.slice(0, LINES_MAX);
  const history = historyStart(lines);
  const above = lines.slice(0, history);
  const quoteFollows = segments.some(({ kind }) => kind === "quoted");
  const isQuote = above.map((line, index) => {
    if (line.trimStart().startsWith(">")) return true;
    if (!ATTRIBUTION_LINE.test(line)) return false;
    const next = above.slice(index + 1).find((later) => later.trim() !== "");
    return next === undefined
      ? quoteFollows || history < lines.length
      : next.trimStart().startsWith(">");
  });
  const own = above.filter((_, index) => isQuote[index] !== true);
  const rule = own.findLastIndex((line) => /^-- ?$/.test(line));
  const signs = rule > 0 && own.length - rule <= SIGNATURE_LINES_MAX;
  const before = above.filter((_, index) => isQuote[index] === true);
  return {
    own: [...(signs ? own.slice(0, rule) : own), ...all.slice(LINES_MAX)].join("\n").trim(),
    quoted: [...before, ...lines.slice(history)].join("\n").trim(),
    signature: signs
      ? own
          .slice(rule + 1)
          .join("\n")
          .trim()
      : "",
  };
}

/** The line where an older mail begins with its own header; the number of lines when there is none. */
function historyStart(lines: readonly string[]): number {
  const at = lines.findIndex((line, index) => {
    if (HISTORY_DIVIDER.test(line)) return true;
    if (!FROM_HEADER.test(line)) return false;
    return lines.slice(index + 1, index + 5).filter((next) => OTHER_HEADER.test(next)).length >= 2;
  });
  return at === -1 ? lines.length : at;
}
