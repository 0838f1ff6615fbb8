/**
 * Splits the text of a mail into new text, quoted or forwarded text, and the signature, in one pass over the lines. Text
 * that is not new becomes a segment; none is dropped. A mail that is only a quote keeps it as its text, because the team
 * cannot work on an empty message.
 */

import type { Segment } from "#core/values/message.ts";
import {
  ATTRIBUTION_LINES_MAX,
  attributionAt,
  attributionInside,
  headerBlockAt,
  isEmpty,
  isForwardMark,
  isHeading,
  isOriginalMark,
  isQuoted,
  isRule,
  nextTextLine,
  quoteFollows,
  TIME,
  YEAR_OR_DATE,
} from "./quote-markers.ts";
import { isNeededByText, signatureStart } from "./signature-block.ts";

/** New words and the rest. */
export interface SplitReply {
  readonly text: string;
  readonly segments: readonly Segment[];
}

/** Lines from `from` up to, but not with, `to`. */
interface Range {
  readonly from: number;
  readonly to: number;
}

interface Part extends Range {
  readonly kind: "own" | "quote" | "attribution" | "rest" | "forward";
}

/** Lines of their own that are looked at for marks. People do not write more; below them all is taken as it is. */
const MARKED_LINES_MAX = 10_000;

/** More white space than a reader sees as a gap; it carries no text. */
const GAP = /\n[ \t\n]{20,}\n/g;

/** Lengths of lines that programs wrap: before a word that may begin a sentence, and before any other. */
const WRAPPED_FROM = 70;
const WRAPPED_INSIDE_FROM = 40;

/** Takes any text; the segments come in the order they stood. */
export function splitReply(text: string): SplitReply {
  const lines = replyLines(text);
  const parts = replyParts(lines);
  const lastAnswer = parts.findLastIndex((part) => part.kind === "own" && holdsWords(lines, part));
  const keepsQuotes = isInline(lines, parts);
  const own: Range[] = [];
  const segments: Segment[] = [];
  for (const [index, { kind, from, to }] of parts.entries()) {
    if (kind === "own") {
      const end = ownEnd(lines, from, to);
      const isCut = parts.length > index + 1 || end < to;
      keep(own, from, isCut ? withoutRules(lines, from, end) : end);
      segments.push({ kind: "signature", text: joined(lines, end, to) });
    } else if (kind === "quote" && keepsQuotes && index < lastAnswer) keep(own, from, to);
    else
      segments.push({
        kind: kind === "forward" ? "forwarded" : "quoted",
        text: joined(lines, from, to),
      });
  }
  const kept = segments.filter((segment) => segment.text !== "");
  const pieces = own.map(({ from, to }) => joined(lines, from, to));
  const reply = pieces.filter((piece) => piece !== "").join("\n\n");
  return reply === "" ? onlyQuoted(lines, parts, kept) : { text: reply, segments: kept };
}

/** Where the words end and the signature begins; one that they need is part of them. */
function ownEnd(lines: readonly string[], from: number, to: number): number {
  const end = from + signatureStart(lines.slice(from, to));
  return end < to && isNeededByText(joined(lines, from, end), joined(lines, end, to)) ? to : end;
}

/** Pieces that touch stay as close as they were written. */
function keep(own: Range[], from: number, to: number): void {
  const last = own.at(-1);
  if (last?.to === from) own.splice(-1, 1, { from: last.from, to });
  else own.push({ from, to });
}

/** The lines, with an answer that goes on into an attribution ("yes On Wed, … wrote:") parted from it. */
function replyLines(text: string): readonly string[] {
  const written = text
    .replaceAll("\r\n", "\n")
    .replaceAll("\r", "\n")
    .replaceAll(GAP, "\n\n\n")
    .split("\n");
  const lines = withCommonMarks(written);
  if (!text.includes(" On ")) return lines;
  return lines.flatMap((line, at) => {
    const inside =
      line.includes(" On ") && quoteFollows(lines, at + 1) ? attributionInside(line) : 0;
    return inside > 0 ? [line.slice(0, inside), line.slice(inside)] : [line];
  });
}

/** What stands below a forward or an attribution at the very top is all there is to read. */
function onlyQuoted(
  lines: readonly string[],
  parts: readonly Part[],
  segments: readonly Segment[],
): SplitReply {
  const below = parts.find(({ kind }) => kind === "forward" || kind === "rest");
  const rest = below === undefined ? [] : withoutHead(lines.slice(below.from, below.to));
  const body = joined(rest, 0, rest.length);
  if (body === "") return { text: lines.join("\n").trim(), segments: [] };
  return { text: body, segments: segments.filter(({ kind }) => kind === "signature") };
}

function withoutHead(lines: readonly string[]): readonly string[] {
  let at = 0;
  while (at < lines.length && isHeadLine(lines[at] ?? "")) at += 1;
  const block = headerBlockAt(lines, at);
  const attribution = block === 0 ? attributionAt(lines, at) : 0;
  return lines.slice(at + block + attribution);
}

function isHeadLine(line: string): boolean {
  return (
    isEmpty(line) || isForwardMark(line) || isOriginalMark(line) || isRule(line) || isHeading(line)
  );
}

function replyParts(lines: readonly string[]): readonly Part[] {
  const parts: Part[] = [];
  let looked = 0;
  for (let at = 0; at < lines.length;) {
    looked += isEmpty(lines[at]) ? 0 : 1;
    const found =
      looked > MARKED_LINES_MAX
        ? ({ kind: "own", from: at, to: lines.length } as const)
        : partAt(lines, at);
    const last = parts.at(-1);
    if (last?.kind === found.kind) parts.splice(-1, 1, { ...last, to: found.to });
    else parts.push(found);
    at = found.to;
  }
  return parts;
}

/** What starts here: one line, a whole run of quoted lines, or all the rest. */
function partAt(lines: readonly string[], from: number): Part {
  if (isEmpty(lines[from])) return { kind: "own", from, to: emptyEnd(lines, from) };
  const attribution = attributionAt(lines, from);
  const rest = restAt(lines, from, attribution);
  if (rest !== null) return { kind: rest, from, to: lines.length };
  if (attribution > 0)
    return { kind: "attribution", from, to: nextTextLine(lines, from + attribution) };
  if (!isQuoted(lines[from] ?? "")) return { kind: "own", from, to: from + 1 };
  const to = quoteEnd(lines, from);
  return { kind: isFigure(lines, from, to) ? "own" : "quote", from, to };
}

/** "> 5 pieces" right below other words says "more than". */
function isFigure(lines: readonly string[], from: number, end: number): boolean {
  const before = (lines[from - 1] ?? "").trim();
  if (end - from > 1 || before === "" || isQuoted(before) || /[:：]$/u.test(before)) return false;
  return attributionAt(lines, from - 1) === 0 && /^\s{0,3}>\s?[€$£]?\d/u.test(lines[from] ?? "");
}

/** What starts here and goes on to the end: a forward, an original mail, or a quote that is not marked line by line. */
function restAt(
  lines: readonly string[],
  at: number,
  attribution: number,
): "forward" | "rest" | null {
  const line = lines[at] ?? "";
  if (isForwardMark(line)) return "forward";
  if (isOriginalMark(line)) return "rest";
  if (attribution > 0) return quoteFollows(lines, at + attribution) ? null : "rest";
  return isHeadAt(lines, at) ? "rest" : null;
}

/** A header block without marks before its lines, or an attribution, below a rule or without one. */
function isHeadAt(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? "";
  const next = isRule(line) || isHeading(line) ? nextTextLine(lines, at + 1) : at;
  if (isQuoted(lines[next] ?? "")) return false;
  if (headerBlockAt(lines, next, next > at) > 0) return true;
  if (next > at && headerFieldsAt(lines, next) > 0) return true;
  const attribution = next > at ? attributionAt(lines, next) : 0;
  return attribution > 0 && !quoteFollows(lines, next + attribution);
}

/** A quote runs over empty lines, and over single lines without a mark that were wrapped on the way. */
function quoteEnd(lines: readonly string[], from: number): number {
  let end = from + 1;
  for (let at = end; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (isQuoted(line)) end = at + 1;
    else if (isEmpty(line)) {
      if (!quoteFollows(lines, at)) break;
    } else if (at > end || !isBroken(lines[at - 1] ?? "", line)) break;
  }
  return end;
}

function isBroken(above: string, line: string): boolean {
  return isWrapped(above, line) || isBrokenLink(above, line);
}

/** A line is wrapped where it is long, and what was wrapped begins in the middle of a sentence. */
function isWrapped(above: string, line: string): boolean {
  if (above.length < (/^[\p{Lu}\p{N}]/u.test(line) ? WRAPPED_FROM : WRAPPED_INSIDE_FROM))
    return false;
  return line.trim().length <= above.length;
}

/**
 * True when the writer answered between the quoted lines, which are then needed to understand the answer: there is text
 * after a quote without an attribution, or text between two quotes.
 */
function isInline(lines: readonly string[], parts: readonly Part[]): boolean {
  const lastQuote = parts.findLastIndex(({ kind }) => kind === "quote");
  return parts.some((part, index) => {
    const next = parts[index + 1];
    if (part.kind !== "quote" || next?.kind !== "own") return false;
    if (parts[index - 1]?.kind === "attribution" && index >= lastQuote) return false;
    return holdsWords(lines, next);
  });
}

function holdsWords(lines: readonly string[], { from, to }: Part): boolean {
  const end = from + signatureStart(lines.slice(from, to));
  for (let at = from; at < end; at += 1) if (!isEmpty(lines[at])) return true;
  return false;
}

/** A rule above what was cut off belongs to that; returns where the words end. */
function withoutRules(lines: readonly string[], from: number, to: number): number {
  let end = to;
  while (end > from && (isEmpty(lines[end - 1]) || isRule(lines[end - 1] ?? ""))) end -= 1;
  return end;
}

function emptyEnd(lines: readonly string[], from: number): number {
  let at = from + 1;
  while (at < lines.length && isEmpty(lines[at])) at += 1;
  return at;
}

function joined(lines: readonly string[], from: number, to: number): string {
  let [first, end] = [from, to];
  while (first < end && isEmpty(lines[first])) first += 1;
  while (end > first && isEmpty(lines[end - 1])) end -= 1;
  return lines
    .slice(first, end)
    .map((line) => line.trimEnd())
    .join("\n");
}

// Quotes told by their shape alone, where neither the mark nor the words are known ones.

/** Signs that some programs put before each quoted line. Below an attribution they are marks, anywhere else people's own. */
const RARE_MARK = /^[ \t]{0,2}(?:[|:#»›＞}]|[A-Za-z]{1,3}(?=>))>?/u;
const RARE_RUNS_MAX = 200;

/** The lines with marks that only few programs use written as ">", so that they are told like all others. */
function withCommonMarks(lines: readonly string[]): readonly string[] {
  const mended = [...lines];
  let runs = 0;
  for (let at = 1; at < lines.length && runs < RARE_RUNS_MAX; at += 1) {
    const mark = rareMark(lines[at]);
    if (mark === "" || rareMark(lines[at - 1]) !== "") continue;
    runs += 1;
    if (!isIntroduced(lines, at)) continue;
    const end = runEnd(lines, at, mark);
    for (let next = at; next < end; next += 1) {
      const line = lines[next] ?? "";
      if (line.trim() !== "") mended[next] = `>${line.trimStart().slice(mark.length)}`;
    }
    at = end - 1;
  }
  return mended;
}

function rareMark(line: string | undefined): string {
  const start = (line ?? "").slice(0, 8);
  return isQuoted(start) && !/^\s{0,2}[|A-Za-z]/.test(start)
    ? ""
    : (RARE_MARK.exec(start)?.[0].trimStart() ?? "");
}

function runEnd(lines: readonly string[], from: number, mark: string): number {
  let end = from + 1;
  for (let at = end; at < lines.length && at - end <= 2; at += 1) {
    if (rareMark(lines[at]) === mark) end = at + 1;
    else if ((lines[at] ?? "").trim() !== "") break;
  }
  return end;
}

/** Whether an attribution ends right above, with an empty line between or without. */
function isIntroduced(lines: readonly string[], at: number): boolean {
  const last = (lines[at - 1] ?? "").trim() === "" ? at - 2 : at - 1;
  if ((lines[last] ?? "").trim() === "") return false;
  for (let count = 1; count <= ATTRIBUTION_LINES_MAX && last - count + 1 >= 0; count += 1) {
    const above = [...lines.slice(last - count + 1, last + 1), "> quoted"];
    if (attributionAt(above, 0) === count) return true;
  }
  return false;
}

const FIELD = /^[\s*]{0,6}\p{L}[\p{L}\p{M} .'’-]{0,25}\*{0,2}[:：]\*{0,2}\s?\S/u;
const FIELD_LENGTH_MAX = 300;
const FIELDS_MIN = 3;
const FIELDS_MAX = 12;

/** How many lines the fields of a mail take that begin here, in whatever language; 0 without an address and a time. */
function headerFieldsAt(lines: readonly string[], at: number): number {
  let end = at;
  while (end - at < FIELDS_MAX && isField(lines[end])) end += 1;
  if (end - at < FIELDS_MIN) return 0;
  const fields = lines.slice(at, end);
  const isMail =
    fields.some((line) => /\S@\S/.test(line)) &&
    fields.some((line) => YEAR_OR_DATE.test(line) && TIME.test(line));
  return isMail ? end - at : 0;
}

function isField(line: string | undefined): boolean {
  return line !== undefined && line.length <= FIELD_LENGTH_MAX && FIELD.test(line);
}

/** A link that was too long for the quoted line above: in brackets, or in the middle of a sentence. */
function isBrokenLink(above: string, line: string): boolean {
  if (line.length > 4_000) return false;
  const link = line.trim();
  if (/^[<(]?https?:\/\/\S+$/.test(link) === false) return false;
  return link.startsWith("<") || /[\p{L},:(]$/u.test(above.trimEnd());
}
