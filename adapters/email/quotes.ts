/**
 * Splits the text of a mail into the new words, what is quoted or forwarded, and the signature. One walk over the
 * lines. Nothing is thrown away: what is no new text becomes a segment. A mail that is only a quote keeps it, since an
 * empty message helps nobody.
 */

import type { Segment } from "#core/message.ts";
import {
  attributionAt,
  attributionInside,
  headerBlockAt,
  isClosing,
  isDeviceLine,
  isForwardMark,
  isOriginalMark,
  isQuoted,
  isRule,
  isSignatureRule,
} from "./quote-marks.ts";

/** New words and the rest. */
export interface SplitReply {
  readonly text: string;
  readonly segments: readonly Segment[];
}

interface Part {
  readonly kind: "own" | "quote" | "attribution" | "rest" | "forward";
  readonly lines: string[];
}

/** People do not write more; below it nothing is told apart any more. */
const MARKED_LINES_MAX = 20_000;
const SIGNATURE_LINES_MAX = 12;
const CLOSING_LINES_MAX = 6;
const CLOSING_LINE_LENGTH_MAX = 60;

/** Takes any text; the segments come in the order they stood. */
export function splitReply(text: string): SplitReply {
  const { lines, tail } = linesOf(text);
  const parts = partsOf(lines);
  const keepsQuotes = isInline(parts);
  const own: string[] = [];
  const segments: Segment[] = [];
  for (const { kind, lines: found } of parts) {
    if (kind === "own") {
      const at = tail === "" ? signatureStart(found) : found.length;
      own.push(...found.slice(0, at));
      segments.push({ kind: "signature", text: joined(found.slice(at)) });
    } else if (kind === "quote" && keepsQuotes) own.push(...found);
    else segments.push({ kind: kind === "forward" ? "forwarded" : "quoted", text: joined(found) });
  }
  const kept = segments.filter((segment) => segment.text !== "");
  const reply = `${joined(own)}${tail}`;
  return reply === "" ? onlyQuoted(text, parts, kept) : { text: reply, segments: kept };
}

/** The lines that are looked at, and what stands below them. */
function linesOf(text: string): { readonly lines: readonly string[]; readonly tail: string } {
  const unified = text.replaceAll("\r\n", "\n").replaceAll("\r", "\n");
  let end = -1;
  for (let count = 0; count < MARKED_LINES_MAX; count += 1) {
    const next = unified.indexOf("\n", end + 1);
    if (next === -1) return { lines: unified.split("\n"), tail: "" };
    end = next;
  }
  return { lines: unified.slice(0, end).split("\n"), tail: unified.slice(end).trimEnd() };
}

/** What stands below a forward or an attribution at the very top is all there is to read. */
function onlyQuoted(
  text: string,
  parts: readonly Part[],
  segments: readonly Segment[],
): SplitReply {
  const below = parts.find(({ kind }) => kind === "forward" || kind === "rest");
  const body = below === undefined ? "" : joined(withoutHead(below.lines));
  if (body === "") return { text: text.trim(), segments: [] };
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
  return line.trim() === "" || isForwardMark(line) || isOriginalMark(line) || isRule(line);
}

function partsOf(lines: readonly string[]): readonly Part[] {
  const parts: Part[] = [];
  const add = (kind: Part["kind"], added: readonly string[]): void => {
    const last = parts.at(-1);
    if (last?.kind !== kind) parts.push({ kind, lines: [...added] });
    else last.lines.push(...added);
  };
  for (let at = 0; at < lines.length;) {
    const attribution = attributionAt(lines, at);
    const rest = restAt(lines, at, attribution);
    if (rest !== null) {
      parts.push({ kind: rest, lines: lines.slice(at) });
      break;
    }
    if (attribution > 0) {
      const quote = nextText(lines, at + attribution);
      add("attribution", lines.slice(at, quote));
      at = quote;
      continue;
    }
    at += addLine(lines, at, add);
  }
  return parts;
}

/** Adds one line, or the whole run of quoted lines that starts here; returns how many lines it took. */
function addLine(
  lines: readonly string[],
  at: number,
  add: (kind: Part["kind"], added: readonly string[]) => void,
): number {
  const line = lines[at] ?? "";
  if (isQuoted(line)) {
    const end = quoteEnd(lines, at);
    add("quote", lines.slice(at, end));
    return end - at;
  }
  const inside = attributionInside(line);
  if (inside > 0 && quoteFollows(lines, at + 1)) {
    add("own", [line.slice(0, inside)]);
    add("attribution", [line.slice(inside)]);
  } else add("own", [line]);
  return 1;
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
  const next = isRule(line) ? nextText(lines, at + 1) : at;
  return !isQuoted(lines[next] ?? "") && headerBlockAt(lines, next) > 0 ? "rest" : null;
}

function nextText(lines: readonly string[], from: number): number {
  let at = from;
  while (at < Math.min(lines.length, from + 3) && (lines[at] ?? "").trim() === "") at += 1;
  return at;
}

function quoteFollows(lines: readonly string[], from: number): boolean {
  return isQuoted(lines[nextText(lines, from)] ?? "");
}

/**
 * A quote runs over empty lines and over single unmarked lines between marked ones: those are marked lines that were
 * wrapped on the way.
 */
function quoteEnd(lines: readonly string[], from: number): number {
  let end = from + 1;
  for (let at = end; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (isQuoted(line)) end = at + 1;
    else if (at - end >= 1 || line.trim() === "") {
      if (!quoteFollows(lines, at) || line.trim() !== "") break;
    }
  }
  return end;
}

/**
 * True when the writer answered between the quoted lines, which then are needed to understand the answer: a quote that
 * nobody introduced with words after it, or more than one quote with words after each.
 */
function isInline(parts: readonly Part[]): boolean {
  let answered = 0;
  let unintroduced = false;
  for (const [index, part] of parts.entries()) {
    const next = parts[index + 1];
    if (part.kind !== "quote" || next?.kind !== "own") continue;
    if (joined(next.lines.slice(0, signatureStart(next.lines))) === "") continue;
    answered += 1;
    unintroduced ||= parts[index - 1]?.kind !== "attribution";
  }
  return answered > 1 || unintroduced;
}

function signatureStart(lines: readonly string[]): number {
  const filled = lines.filter((line) => line.trim() !== "").length;
  let seen = 0;
  for (const [at, line] of lines.entries()) {
    if (line.trim() === "") continue;
    seen += 1;
    const left = filled - seen;
    if (isSignatureRule(line) && left <= SIGNATURE_LINES_MAX) return at;
    if (isDeviceLine(line) && (lines[at - 1] ?? "").trim() === "") return at;
    if (seen > 1 && isClosing(line) && left <= CLOSING_LINES_MAX && areShort(lines.slice(at + 1)))
      return at;
  }
  return lines.length;
}

function areShort(lines: readonly string[]): boolean {
  return lines.every((line) => line.trim().length <= CLOSING_LINE_LENGTH_MAX);
}

function joined(lines: readonly string[]): string {
  const isFilled = (line: string): boolean => line.trim() !== "";
  const first = lines.findIndex(isFilled);
  if (first === -1) return "";
  return lines
    .slice(first, lines.findLastIndex(isFilled) + 1)
    .map((line) => line.trimEnd())
    .join("\n");
}
