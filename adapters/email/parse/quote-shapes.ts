/** Quotes told by their shape alone, where neither the mark nor the words are known ones. */

import { attributionAt, isQuoted } from "./quote-markers.ts";

/** Signs that some programs put before each quoted line. Below an attribution they are marks, anywhere else people's own. */
const RARE_MARK = /^[ \t]{0,2}(?:[|:#»›＞}]|[A-Za-z]{1,3}(?=>))>?/u;
const RARE_RUNS_MAX = 200;
const ATTRIBUTION_LINES_MAX = 7;

/** The lines with marks that only few programs use written as ">", so that they are told like all others. */
export function withCommonMarks(lines: readonly string[]): readonly string[] {
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
const DATE = /(?:^|\D)(?:19|20)\d{2}(?:\D|$)|\d{1,2}[./-]\d{1,2}[./-]\d{2}/u;
const TIME = /\d{1,2}[:.]\d{2}/u;

/** How many lines the fields of a mail take that begin here, in whatever language; 0 without an address and a time. */
export function headerFieldsAt(lines: readonly string[], at: number): number {
  let end = at;
  while (end - at < FIELDS_MAX && isField(lines[end])) end += 1;
  if (end - at < FIELDS_MIN) return 0;
  const fields = lines.slice(at, end);
  const isMail =
    fields.some((line) => /\S@\S/.test(line)) &&
    fields.some((line) => DATE.test(line) && TIME.test(line));
  return isMail ? end - at : 0;
}

function isField(line: string | undefined): boolean {
  return line !== undefined && line.length <= FIELD_LENGTH_MAX && FIELD.test(line);
}

/** A link that was too long for the quoted line above: in brackets, or in the middle of a sentence. */
export function isBrokenLink(above: string, line: string): boolean {
  if (line.length > 4_000) return false;
  const link = line.trim();
  if (/^[<(]?https?:\/\/\S+$/.test(link) === false) return false;
  return link.startsWith("<") || /[\p{L},:(]$/u.test(above.trimEnd());
}
