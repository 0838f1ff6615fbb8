/** The readable words of a mail's parts: which of them a reader is shown, and whether two renderings agree. */

import { visibleText } from "#text/visible-html.ts";
import type { MimePart } from "#email/mime/part.ts";
import { textOf } from "#email/mime/part-text.ts";
import { splitReply } from "./split-reply.ts";

const TEXT_MAX = 1_000_000;
const HTML_MAX = 500_000;
const WORDS_COMPARED_MAX = 50_000;

/** The words of a mail, with what must not be taken for them. */
export interface MailBody {
  readonly text: string;
  readonly hidden: string;
  /** What a reader of the HTML sees when a reader of the text sees something else; empty when they agree. */
  readonly contradicting: string;
  readonly attached: readonly MimePart[];
}

/** One stretch of a mail: as plain text, as HTML, or as both for the reader to choose. */
interface Section {
  readonly plain: string;
  readonly html: string;
}

/** Reads the whole tree. The last of its multiparts may be deep, but `MimeReader` ends all of them at a fixed depth. */
export function bodyOf(root: MimePart): MailBody {
  const attached: MimePart[] = [];
  const read = sectionsOf(root, attached).map(readSection);
  return {
    text: joined(read.map(({ text }) => text)).slice(0, TEXT_MAX),
    hidden: joined(read.map(({ hidden }) => hidden)),
    contradicting: joined(read.map(({ contradicting }) => contradicting)),
    attached,
  };
}

function sectionsOf(part: MimePart, attached: MimePart[]): readonly Section[] {
  if (part.type.startsWith("multipart/") && part.children.length > 0) {
    const sections = part.children.flatMap((child) => sectionsOf(child, attached));
    return part.type === "multipart/alternative" ? [merged(sections)] : sections;
  }
  if (!isBody(part)) {
    attached.push(part);
    return [];
  }
  const text = textOf(part);
  return part.type === "text/html" ? [{ plain: "", html: text }] : [{ plain: text, html: "" }];
}

/** A text with a file name is a file, whatever its disposition; a multipart without parts is what stands in it. */
function isBody({ type, disposition, parameters }: MimePart): boolean {
  if (type.startsWith("multipart/")) return true;
  if (type !== "text/plain" && type !== "text/html") return false;
  const isFile = disposition.parameters.has("filename") || parameters.has("name");
  return ["", "inline"].includes(disposition.value) && !isFile;
}

function merged(sections: readonly Section[]): Section {
  return {
    plain: joined(sections.map(({ plain }) => plain)),
    html: joined(sections.map(({ html }) => html)),
  };
}

/** Some programs send an empty text part beside the HTML that holds the words. */
function readSection({ plain, html }: Section): Omit<MailBody, "attached"> {
  const { visible, hidden } = visibleText(html, { lengthMax: HTML_MAX });
  if (plain.trim() === "") return { text: visible, hidden, contradicting: "" };
  const isCut = plain.length > TEXT_MAX || html.length > HTML_MAX;
  const disagree = visible !== "" && !isCut && contradict(plain, visible);
  return { text: plain, hidden, contradicting: disagree ? visible : "" };
}

/** True when one of them says what the other does not; layout, links and a word or two do not count, numbers do. */
function contradict(plain: string, visible: string): boolean {
  const written = splitReply(plain).text;
  const shown = splitReply(visible).text;
  return saysMore(shown, plain) || saysMore(written, visible) || saysMuchMore(visible, plain);
}

function saysMore(text: string, other: string): boolean {
  const { words, strange } = strangeIn(text, other);
  return (
    strange.some((word) => /^\d{2,}$/.test(word)) ||
    (strange.length >= 3 && strange.length > words * 0.2)
  );
}

function saysMuchMore(text: string, other: string): boolean {
  const { words, strange } = strangeIn(text, other);
  return strange.length > 5 && strange.length > words * 0.2;
}

function strangeIn(text: string, other: string): { words: number; strange: readonly string[] } {
  const known = new Set(comparableWords(other));
  const words = comparableWords(text);
  // Languages without spaces are compared by what stands anywhere in the other text.
  const all = other.toLowerCase().replaceAll(/\s+/g, "");
  return {
    words: words.length,
    strange: words.filter((word) => !known.has(word) && !(isUnspaced(word) && all.includes(word))),
  };
}

function isUnspaced(word: string): boolean {
  return /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]/u.test(word);
}

/** Addresses of links and pictures stand in one rendering only. */
function comparableWords(text: string): readonly string[] {
  const plain = text
    .toLowerCase()
    .replace(/https?:\/\/[^\s<>"]+|\[(?:image|cid):[^\]]{0,300}\]/g, " ");
  const words = plain.match(/[\p{L}\p{M}\p{N}]{2,40}/gu) ?? [];
  return words.slice(0, WORDS_COMPARED_MAX);
}

function joined(texts: readonly string[]): string {
  return texts.filter((text) => text.trim() !== "").join("\n");
}
