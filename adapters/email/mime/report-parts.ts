/**
 * The parts of a mail, found without waiting and whatever is wrong with it: `receive` is synchronous, and which mails
 * machines wrote must not depend on what a full parser makes of a broken one. Only as much is read as tells that.
 */

import { decodeText } from "./charsets.ts";
import { decodeTransfer } from "./transfer-encoding.ts";
import { type Head, readHead, valueOf } from "./headers.ts";
import { visibleText } from "#text/visible-html.ts";

/** A part that holds no parts. A mail inside the mail is one such part: what it says is not what this mail says. */
export interface Part {
  /** Such as `text/plain`, in lower case; empty when nothing says so. */
  readonly type: string;
  readonly head: Head;
  /** As it travelled, one character a byte. */
  readonly raw: string;
}

const SCAN_BYTES_MAX = 384 * 1024;
const PARTS_MAX = 40;
const DEPTH_MAX = 5;
const TEXT_LENGTH_MAX = 4_000;
const HTML_LENGTH_MAX = 20_000;

/** The leaves in the order they stand, at most forty; the mail itself when it has no parts. */
export function partsOf(head: Head, bytes: Uint8Array): readonly Part[] {
  const body = bytes.subarray(head.bodyStart, head.bodyStart + SCAN_BYTES_MAX);
  const found: Part[] = [];
  collect({ head, raw: Buffer.from(body).toString("latin1") }, 0, found);
  return found;
}

function collect(
  { head, raw }: { readonly head: Head; readonly raw: string },
  depth: number,
  found: Part[],
): void {
  if (found.length >= PARTS_MAX) return;
  const contentType = valueOf(head, "content-type");
  const type = /^\s*([^\s;]{1,100})/.exec(contentType)?.[1]?.toLowerCase() ?? "";
  const boundary = depth < DEPTH_MAX ? boundaryOf(type, contentType, raw) : "";
  const pieces = boundary === "" ? [] : piecesOf(raw, boundary);
  if (pieces.length === 0) {
    found.push({ type, head, raw });
    return;
  }
  for (const piece of pieces) {
    const inner = readHead(Buffer.from(piece, "latin1"));
    collect({ head: inner, raw: piece.slice(inner.bodyStart) }, depth + 1, found);
  }
}

/** Some servers lose the header that names the boundary; the first lines of the body show it all the same. */
function boundaryOf(type: string, contentType: string, raw: string): string {
  const named = /\bboundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType);
  if (type.startsWith("multipart/") && named !== null) return named[1] ?? named[2] ?? "";
  if (type !== "" && !/^(?:multipart\/|text\/plain)/.test(type)) return "";
  return /^--([^\s-][^\s]{0,70})[ \t]{0,20}\r?\ncontent-/im.exec(raw.slice(0, 2_000))?.[1] ?? "";
}

function piecesOf(raw: string, boundary: string): readonly string[] {
  const pieces: string[] = [];
  const mark = `--${boundary}`;
  let from = -1;
  for (let at = markAt(raw, mark, 0); at !== -1; at = markAt(raw, mark, at + mark.length)) {
    if (from !== -1) pieces.push(raw.slice(from, at));
    const end = raw.indexOf("\n", at);
    from = end === -1 || raw.startsWith("--", at + mark.length) ? -1 : end + 1;
    if (from === -1 || pieces.length >= PARTS_MAX) return pieces;
  }
  if (from !== -1) pieces.push(raw.slice(from));
  return pieces;
}

function markAt(raw: string, mark: string, from: number): number {
  if (from === 0 && raw.startsWith(mark)) return 0;
  const at = raw.indexOf(`\n${mark}`, from);
  return at === -1 ? -1 : at + 1;
}

/** What stands first in the mail for a person to read, decoded; at most four thousand characters. */
export function firstText(parts: readonly Part[]): string {
  const plain = parts.find(({ type }) => type === "text/plain" || type === "" || type === "text");
  const text = plain === undefined ? "" : decodedPart(plain).trim();
  if (text !== "") return text.slice(0, TEXT_LENGTH_MAX);
  const html = parts.find(({ type }) => type === "text/html");
  if (html === undefined) return "";
  const { visible } = visibleText(decodedPart(html), { lengthMax: HTML_LENGTH_MAX });
  return visible.slice(0, TEXT_LENGTH_MAX);
}

/** The start of a part as text, of at most `lengthMax` characters as it travelled. */
export function decodedPart({ head, raw }: Part, lengthMax = 2 * HTML_LENGTH_MAX): string {
  const written = valueOf(head, "content-transfer-encoding").toLowerCase();
  // Some servers write more into the header than the encoding's name.
  const encoding = /base64|quoted-printable/.exec(written)?.[0] ?? "";
  const bytes = decodeTransfer(Buffer.from(raw.slice(0, lengthMax), "latin1"), encoding);
  const charset = /\bcharset\s*=\s*"?([\w.:-]{1,40})/i.exec(valueOf(head, "content-type"))?.[1];
  return decodeText(bytes, charset ?? null);
}
