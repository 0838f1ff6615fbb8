/** What the rules look at to tell people from machines: our own names, and the mail as far as its class depends on it, read by the same reader as its content. */

import type { Head } from "#email/mime/headers.ts";
import { type MimePart, partText } from "#email/mime/part.ts";
import { MimeReader } from "#email/mime/parser.ts";
import { visibleText } from "#text/visible-html.ts";
import { headerBlockAt, isForwardMark, isOriginalMark } from "#email/parse/quote-markers.ts";
import { splitReply } from "#email/parse/split-reply.ts";

/** By what we know our own mail when it comes back. */
export interface OwnNames {
  readonly messageIdDomain: string;
  /** Addresses in lower case. */
  readonly inboxes: readonly string[];
}

/** What of a mail the rules look at. */
export interface ClassifierInput {
  readonly head: Head;
  /** Decoded, as a person reads it. */
  readonly subject: string;
  /** Of the first part with text, decoded. */
  readonly text: string;
  readonly parts: readonly MimePart[];
}

/** The class must be known before the source is acknowledged, so only the start of a large mail is read for it. */
const SCAN_BYTES_MAX = 384 * 1024;
const TEXT_LENGTH_MAX = 4_000;
const HTML_LENGTH_MAX = 20_000;

/** The parts that hold no parts, in their order; a mail inside the mail is one such part. */
export function mimeParts(head: Head, bytes: Uint8Array): readonly MimePart[] {
  const reader = new MimeReader(SCAN_BYTES_MAX);
  reader.feed(bytes.subarray(0, head.bodyStart + SCAN_BYTES_MAX));
  return leafParts(reader.end().root);
}

function leafParts(part: MimePart): readonly MimePart[] {
  return part.children.length === 0 ? [part] : part.children.flatMap(leafParts);
}

/** What stands first in the mail for a person to read, decoded; at most four thousand characters. */
export function firstText(parts: readonly MimePart[]): string {
  const plain = parts.find(({ type }) => type === "text/plain");
  const text = plain === undefined ? "" : partText(plain, 2 * HTML_LENGTH_MAX).trim();
  if (text !== "") return text.slice(0, TEXT_LENGTH_MAX);
  const html = parts.find(({ type }) => type === "text/html");
  if (html === undefined) return "";
  const { visible } = visibleText(partText(html, 2 * HTML_LENGTH_MAX), {
    lengthMax: HTML_LENGTH_MAX,
  });
  return visible.trim().slice(0, TEXT_LENGTH_MAX);
}

/** Of one mail. */
export interface WrittenBody {
  readonly text: string;
  readonly links: number;
  readonly words: number;
  /** Pictures that are fetched from elsewhere. */
  readonly remoteImages: number;
  /** True for an invisible picture, fetched so that its sender learns who reads. */
  readonly hasPixel: boolean;
  /** Text that is hidden from readers at the very top, for the list of mails to show. */
  readonly hasPreheader: boolean;
}

/** Of one part: the rest of a longer one is left out. */
const LENGTH_MAX = 400_000;
/** Of the text in which quotes are looked for. */
const WRITTEN_LENGTH_MAX = 60_000;

/** Where mail programs begin what they quote or forward. */
const QUOTE_BEGINS =
  /<blockquote\b|\b(?:class|id)\s{0,3}=\s{0,3}["']?[^"'>]{0,80}\b(?:gmail_(?:quote|attr)|moz-(?:cite|forward)|yahoo_quoted|divRplyFwdMsg|appendonsend|OutlookMessageHeader|protonmail_quote|zmail_extra|WordSection1_quote)/i;

/** Reads the parts that are shown. */
export function writtenBody(parts: readonly MimePart[]): WrittenBody {
  const plain = parts.find(({ type }) => type === "text/plain");
  const page = parts.find(({ type }) => type === "text/html");
  const html = page === undefined ? "" : ownHtml(partText(page, LENGTH_MAX));
  const words = plain === undefined ? "" : partText(plain, LENGTH_MAX).trim();
  const shown =
    html === "" ? { visible: "", hidden: "" } : visibleText(html, { lengthMax: LENGTH_MAX });
  const text = ownText(words === "" ? shown.visible : words);
  return {
    text,
    links: Math.max(
      matches(html, /<a\s[^>]{0,200}?href\s{0,3}=\s{0,3}["']?https?:/gi),
      matches(text, LINK),
    ),
    words: matches(text.replaceAll(LINK, ""), /\p{L}{2,}/gu),
    remoteImages: remoteImageTags(html).length,
    hasPixel: remoteImageTags(html).some(isPixel),
    hasPreheader: shown.hidden.trim().length > 20 && HIDDEN_FIRST.test(html.slice(0, 40_000)),
  };
}

function ownHtml(html: string): string {
  const end = html.search(QUOTE_BEGINS);
  return end === -1 ? html : html.slice(0, end);
}

/** The signature is the writer's own. A forward and what stands below it is another's. */
function ownText(text: string): string {
  const lines = text.slice(0, WRITTEN_LENGTH_MAX).split("\n");
  const end = lines.findIndex(
    (line, at) => isForwardMark(line) || isOriginalMark(line) || headerBlockAt(lines, at) > 0,
  );
  const { text: own, segments } = splitReply((end === -1 ? lines : lines.slice(0, end)).join("\n"));
  const signatures = segments.filter(({ kind }) => kind === "signature");
  const tail =
    end === -1 && segments.length === signatures.length ? text.slice(WRITTEN_LENGTH_MAX) : "";
  return [own, ...signatures.map((segment) => segment.text), tail].join("\n").trim();
}

const LINK = /\bhttps?:\/\/[^\s<>"')\]]{4,2000}/g;

function matches(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

const IMAGES_MAX = 500;

function remoteImageTags(html: string): readonly string[] {
  const all = html.match(/<img\s[^>]{0,4000}/gi) ?? [];
  return all.slice(0, IMAGES_MAX).filter((tag) => /\ssrc\s{0,3}=\s{0,3}["']?https?:/i.test(tag));
}

function isPixel(tag: string): boolean {
  const small = (side: string): boolean =>
    new RegExp(
      `\\s${side}\\s{0,3}=\\s{0,3}["']?[012](?:px)?(?![\\d%])|\\b${side}\\s{0,3}:\\s{0,3}[012]px`,
      "i",
    ).test(tag);
  return (small("width") && small("height")) || /display\s{0,3}:\s{0,3}none/i.test(tag);
}

/** Shown by no reader, and above everything that is. */
const HIDDEN_FIRST =
  /<body\b[^<>]{0,2000}>(?:\s|<!--[^<>]{0,500}-->|<(?:table|tbody|tr|td|center|div)\b[^<>]{0,1000}>){0,8}<(?:div|span|p|td)\b[^<>]{0,1000}(?:display\s{0,3}:\s{0,3}none|preheader|max-height\s{0,3}:\s{0,3}0|font-size\s{0,3}:\s{0,3}[01]px)/i;
