/**
 * A reader for the header section of a mail (RFC 5322 section 2.2) that takes any bytes, in one pass and without
 * waiting. It exists because `receive` is synchronous and because deduplication must not depend on what a full MIME
 * parser makes of a broken mail.
 */

import { utf8OrWindows } from "./decode-bytes.ts";

/** One header field; the name in lower case, the value unfolded. */
interface HeaderField {
  readonly name: string;
  readonly value: string;
}

/** The header section with the place where the body starts. */
export interface Head {
  readonly fields: readonly HeaderField[];
  readonly bodyStart: number;
  /** Lines of the header section, folded ones counted each. */
  readonly lines: number;
}

/** More header than this is hostile: the largest seen in public corpora are below 64 KB. */
export const HEAD_BYTES_MAX = 512 * 1024;
const FIELDS_MAX = 2_000;
const LF = 10;
const CR = 13;

/** U+FEFF as UTF-8 writes it. */
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Some systems end lines with a lone CR or with CR CR LF, or put empty lines or a byte order mark first: every parser
 * finds no header at all then. How the first line ends tells how all do; a mail in good order is returned as it is.
 */
export function normalizeLineEnds(bytes: Uint8Array): Uint8Array {
  const mail = bytes.subarray(blankStart(bytes));
  return repairLineEnds(mailLineEnds(mail), mail);
}

/** How the lines of a mail end: in good order, or with CR CR LF, or with a CR alone. */
export type LineEnds = "plain" | "doubled" | "lone";

/** Tells from the first line of a mail that begins with it. */
export function mailLineEnds(mail: Uint8Array): LineEnds {
  if (!hasBareReturns(mail)) return "plain";
  const end = mail.indexOf(CR);
  return mail[end + 1] === CR && mail[end + 2] === LF ? "doubled" : "lone";
}

/** Puts line ends in order; `next` is the byte behind these, if there is one. */
export function repairLineEnds(ends: LineEnds, bytes: Uint8Array, next?: number): Uint8Array {
  const after = (at: number): number | undefined =>
    at + 1 === bytes.length ? next : bytes[at + 1];
  switch (ends) {
    case "plain":
      return bytes;
    case "doubled":
      // Doubled CRs are one line end with the LF after them; the others are line ends of their own.
      return bytes.filter((byte, at) => byte !== CR || after(at) !== CR);
    case "lone":
      return bytes.map((byte, at) => (byte === CR && after(at) !== LF ? LF : byte));
    default:
      throw new Error(`unknown line ends ${String(ends satisfies never)}`);
  }
}

/** True when the first line ends with a CR that no LF follows at once. */
export function hasBareReturns(mail: Uint8Array): boolean {
  const start = mail.subarray(0, HEAD_BYTES_MAX);
  const end = start.indexOf(CR);
  const feed = start.indexOf(LF);
  return end !== -1 && start[end + 1] !== LF && (feed === -1 || feed > end);
}

/** How many bytes stand before the first header: a byte order mark, empty lines; none when there is nothing else. */
export function blankStart(bytes: Uint8Array): number {
  let at = BYTE_ORDER_MARK.equals(bytes.subarray(0, BYTE_ORDER_MARK.length))
    ? BYTE_ORDER_MARK.length
    : 0;
  while (at < bytes.length && (bytes[at] === CR || bytes[at] === LF)) at += 1;
  return at === bytes.length ? 0 : at;
}

/** Reads what can be read; lines that are no header field are skipped. */
export function readHead(bytes: Uint8Array): Head {
  const bodyStart = findBody(bytes);
  // Raw 8-bit headers are UTF-8 (RFC 6532) or, from old senders, a single-byte charset.
  const text = utf8OrWindows(bytes.subarray(0, Math.min(bodyStart, HEAD_BYTES_MAX)));
  const fields: { name: string; value: string }[] = [];
  let current: { name: string; parts: string[] } | null = null;
  const finish = (): void => {
    if (current !== null)
      fields.push({ name: current.name, value: current.parts.join(" ").trim() });
    current = null;
  };
  const lines = text.split(/\r?\n/);
  for (const line of lines) {
    if (line.startsWith(" ") || line.startsWith("\t")) {
      current?.parts.push(line.trim());
      continue;
    }
    finish();
    if (fields.length >= FIELDS_MAX) break;
    const colon = line.indexOf(":");
    const name = colon > 0 ? line.slice(0, colon).trimEnd().toLowerCase() : "";
    if (name !== "" && /^[\x21-\x7e]+$/.test(name))
      current = { name, parts: [line.slice(colon + 1).trim()] };
  }
  finish();
  return { fields, bodyStart, lines: lines.length };
}

/** All values of a field, in the order they stand. */
export function headerValues(head: Head, name: string): readonly string[] {
  return head.fields.filter((field) => field.name === name).map(({ value }) => value);
}

/** The first value of a field, empty when there is none. */
export function valueOf(head: Head, name: string): string {
  return head.fields.find((field) => field.name === name)?.value ?? "";
}

/** The moment a value names; null when it is no date. */
export function dateIn(value: string): Date | null {
  const date = new Date(value.trim());
  return Number.isNaN(date.getTime()) ? null : date;
}

/** The well-formed message ids in a value, without brackets: junk between them is dropped, order kept. */
export function messageIdsIn(value: string): readonly string[] {
  const ids = value.matchAll(/<([^<>\s@]{1,150}@[^<>\s@]{1,150})>/g);
  return [...ids].flatMap(([, id]) => (id === undefined ? [] : [id]));
}

/** The body begins after the first empty line; a mail without one is all header. */
function findBody(bytes: Uint8Array): number {
  for (let at = 0; at !== -1 && at < bytes.length;) {
    if (bytes[at] === LF) return at + 1;
    if (bytes[at] === CR && bytes[at + 1] === LF) return at + 2;
    const end = bytes.indexOf(LF, at);
    at = end === -1 ? bytes.length : end + 1;
  }
  return bytes.length;
}
