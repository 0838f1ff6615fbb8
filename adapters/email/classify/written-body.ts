/** What the writer of a mail put into it, without what is quoted or forwarded: its words, links and pictures. */

import { type MimePart, textOf } from "#email/mime/part.ts";
import { visibleText } from "#text/visible-html.ts";
import { headerBlockAt, isForwardMark, isOriginalMark } from "#email/parse/quote-markers.ts";
import { splitReply } from "#email/parse/split-reply.ts";

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
const TEXT_LENGTH_MAX = 60_000;

/** Where mail programs begin what they quote or forward. */
const QUOTE_BEGINS =
  /<blockquote\b|\b(?:class|id)\s{0,3}=\s{0,3}["']?[^"'>]{0,80}\b(?:gmail_(?:quote|attr)|moz-(?:cite|forward)|yahoo_quoted|divRplyFwdMsg|appendonsend|OutlookMessageHeader|protonmail_quote|zmail_extra|WordSection1_quote)/i;

/** Reads the parts that are shown. */
export function writtenBodyOf(parts: readonly MimePart[]): WrittenBody {
  const plain = parts.find(({ type }) => type === "text/plain");
  const page = parts.find(({ type }) => type === "text/html");
  const html = page === undefined ? "" : ownHtml(textOf(page, LENGTH_MAX));
  const words = plain === undefined ? "" : textOf(plain, LENGTH_MAX).trim();
  const shown =
    html === "" ? { visible: "", hidden: "" } : visibleText(html, { lengthMax: LENGTH_MAX });
  const text = ownText(words === "" ? shown.visible : words);
  return {
    text,
    links: Math.max(
      matches(html, /<a\s[^>]{0,200}?href\s{0,3}=\s{0,3}["']?https?:/gi),
      linksIn(text),
    ),
    words: matches(text.replaceAll(LINK, ""), /\p{L}{2,}/gu),
    remoteImages: imagesOf(html).length,
    hasPixel: imagesOf(html).some(isPixel),
    hasPreheader: shown.hidden.trim().length > 20 && HIDDEN_FIRST.test(html.slice(0, 40_000)),
  };
}

function ownHtml(html: string): string {
  const end = html.search(QUOTE_BEGINS);
  return end === -1 ? html : html.slice(0, end);
}

/** The signature is the writer's own. A forward and what stands below it is another's. */
function ownText(text: string): string {
  const lines = text.slice(0, TEXT_LENGTH_MAX).split("\n");
  const end = lines.findIndex(
    (line, at) => isForwardMark(line) || isOriginalMark(line) || headerBlockAt(lines, at) > 0,
  );
  const { text: own, segments } = splitReply((end === -1 ? lines : lines.slice(0, end)).join("\n"));
  const signatures = segments.filter(({ kind }) => kind === "signature");
  const tail =
    end === -1 && segments.length === signatures.length ? text.slice(TEXT_LENGTH_MAX) : "";
  return [own, ...signatures.map((segment) => segment.text), tail].join("\n").trim();
}

const LINK = /\bhttps?:\/\/[^\s<>"')\]]{4,2000}/g;

function linksIn(text: string): number {
  return matches(text, LINK);
}

function matches(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

const IMAGES_MAX = 500;

function imagesOf(html: string): readonly string[] {
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
