/** Finds links, images and markup in a text. */
import { MONTH_WORDS } from "./calendar-words.ts";
import { decodeHTML } from "entities";
import { lookingLatin, allMatches } from "#text/normalize.ts";
import { pattern, spelled } from "#text/spelling.ts";

/** Endings of file names that are not top-level domains, so that no program makes a link of them. */
const FILES = "pdf|jpe?g|png|gif|txt|docx?|xlsx?|csv|eml|html?|json";

/** A link extends to the next white space, or to where Markdown puts the address after the link text. */
const REST = String.raw`(?:(?!\]\()\S)`;
const ADDRESSED = new RegExp(
  String.raw`(?:[a-z0-9+.-]{0,40}:[/\\]{2}|(?<![:/\\])//|\\\\(?=[\w-]+\.)|\bhttps?:[/\\]?(?=[\w-]))${REST}{1,2000}`,
  "gi",
);
/** Anything that ends like a host name counts as one: no list could hold all endings, and new ones appear each year. */
const BARE = new RegExp(
  String.raw`(?<![@\p{L}\p{N}_.:/\\-])(?:(?:[\p{L}\p{N}-]{1,63}\.){1,6}(?!(?:${FILES})(?![\p{L}\p{N}-]))(?:\p{L}{2,24}|xn--[a-z0-9-]{2,30})(?![\p{L}\p{N}_-])|\d{1,3}(?:\.\d{1,3}){3}(?=[:/]))(?![@\p{L}\p{N}_.-]*@)(?:[:/?#]${REST}{0,2000})?`,
  "giu",
);
/** "22.Februar" is a day without its space: no month is a top-level domain. */
const DAY_OF_MONTH = pattern(String.raw`^\d{1,2}\.(?:${MONTH_WORDS})\.?$`);
/** Schemes that carry or run content instead of pointing to a page, or that start a call or a message. */
const CARRIERS =
  /\b(?:javascript|vbscript|data|file|blob|intent|sms|whatsapp|tg|slack):(?=[^\s])[^\s]{0,60}/gi;
const IMAGES =
  /!\[[^\]\n]{0,200}\](?:\((?:(?!!\[)[^)\n]){0,2000}\)|\[[^\]\n]{0,200}\])|<(?:img|image|picture|video|audio|svg|source)\b[^>]{0,2000}>?/gi;
const TAGS =
  /<\/?(?:script|iframe|object|embed|form|input|style|link|meta|base|a)\b[^>]{0,500}>?/gi;

/** A link as it stands in the text; `url` is null when it cannot be parsed or leads nowhere harmless. */
export interface Link {
  readonly words: string;
  readonly start: number;
  readonly url: URL | null;
}

/**
 * Every link in a text: with a scheme, without one, and bare host names as mail programs make clickable. Letters of
 * other alphabets that look like Latin ones are read as Latin, and such a link counts as leading nowhere harmless.
 */
export function linksIn(text: string): readonly Link[] {
  const looks = lookingLatin(text);
  if (!IN_LINKS.test(looks)) return [];
  const addressed = /[:/\\]/.test(looks) ? allMatches(looks, ADDRESSED) : [];
  // Blanked instead of cut out, so that positions stay the same.
  const blanked =
    addressed.length === 0 ? looks : looks.replace(ADDRESSED, (words) => " ".repeat(words.length));
  const bare = allMatches(blanked, BARE).filter(([words]) => !DAY_OF_MONTH.test(spelled(words)));
  return [
    ...[...addressed, ...bare].map((match) => matchedLink(match, text)),
    ...(blanked.includes(":") ? allMatches(blanked, CARRIERS) : []).map(({ 0: words, index }) => ({
      words: text.slice(index, index + words.length),
      start: index,
      url: null,
    })),
    ...entityLinks(text),
  ];
}

/** Each kind of link has one of these signs: a host's dot, a scheme's colon, slashes, an entity. */
const IN_LINKS = /[.:/\\&]/;

/** Links written in HTML entities, whole or in part. */
function entityLinks(text: string): readonly Link[] {
  const entity = ENTITY.exec(text);
  if (entity === null) return [];
  const decoded = decodeHTML(text);
  const more = [ADDRESSED, BARE, CARRIERS].some(
    (form) => (decoded.match(form) ?? []).length > (text.match(form) ?? []).length,
  );
  return more ? [{ words: entity[0], start: entity.index, url: null }] : [];
}

const ENTITY =
  /&(?:#\d{1,7}|#x[0-9a-f]{1,6}|(?:sol|colon|period|lt|gt|amp|lpar|rpar|tab|newline));?/i;

/** Images load when displayed, so an address in one can carry data away without a click. */
export function imagesIn(text: string): readonly string[] {
  return text.match(IMAGES) ?? [];
}

/** Markup is not allowed in a reply, which is plain text. */
export function tagsIn(text: string): readonly string[] {
  return text.match(TAGS) ?? [];
}

/** Markdown links whose address cannot be parsed: a renderer still makes them clickable. */
export function markdownLinksIn(text: string): readonly string[] {
  return (text.match(MARKDOWN) ?? []).filter((words) => linksIn(words).length === 0);
}

const MARKDOWN = /\]\([^)\n]{0,500}\)?/g;

/** The normalised form that links are compared by: without scheme, user part and a last slash. */
export function linkKey({ host, pathname, search, hash }: URL): string {
  return `${host}${pathname.replace(/\/$/, "")}${search}${hash}`;
}

function matchedLink({ 0: looks, index: start }: RegExpExecArray, text: string): Link {
  const [whole] = UP_TO_SCRIPT.exec(looks) ?? [looks];
  const plain = whole.slice(0, whole.length - tailLength(whole));
  const words = text.slice(start, start + plain.length);
  const withScheme = /^(?:\/\/|\\\\)/.test(plain)
    ? `https:${plain}`
    : /^(?:[a-z][a-z0-9+.-]*:[/\\]|https?:)/i.test(plain)
      ? plain
      : `https://${plain}`;
  const url = URL.parse(withScheme);
  const harmless =
    words === plain &&
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    url.username === "" &&
    url.password === "";
  return { words, start, url: harmless ? url : null };
}

/** Japanese and Chinese go on behind a path without a space; in a host such letters may be its own. */
const UP_TO_SCRIPT =
  /^(?:[^/\\]{0,40}\/\/)?[^/\\?#]+\/[^\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}（）「」『』、。]*/u;

/**
 * The number of closing punctuation marks at the end that are not part of the link. A loop, because a pattern would
 * test each position again.
 */
function tailLength(words: string): number {
  let tail = 0;
  while (TAIL.includes(words.at(-1 - tail) ?? " ")) tail += 1;
  return tail;
}

const TAIL = ".,;:!?*_~)]}>\"'`|»”“";
