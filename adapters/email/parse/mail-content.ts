/**
 * Reads what a mail says from its parts: which of them a reader is shown, whether two renderings agree, which mail it answers, and the files.
 * Runs on the parsing thread, without waiting and without input or output.
 */
import { visibleText } from "#text/visible-html.ts";
import { type MimePart, partText } from "#email/mime/part.ts";
import type { Segment } from "#core/values/message.ts";
import { dateIn, valueOf, safeFileName, cleanLine, decodeWords } from "#email/mime/headers.ts";
import { MimeReader, type MimeMail } from "#email/mime/parser.ts";
import { splitReply } from "./split-reply.ts";
import type { MailContent } from "./read-mail.ts";
import { attributionAt, headerBlockAt, isForwardMark, SENDER_LINE } from "./quote-markers.ts";

const TEXT_MAX = 1_000_000;
const HTML_MAX = 500_000;
const WORDS_COMPARED_MAX = 50_000;

/** The words of a mail, with what must not be taken for them. */
interface MailBody {
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
export function mailBody(root: MimePart): MailBody {
  const attached: MimePart[] = [];
  const read = bodySections(root, attached).map(readSection);
  return {
    text: joined(read.map(({ text }) => text)).slice(0, TEXT_MAX),
    hidden: joined(read.map(({ hidden }) => hidden)),
    contradicting: joined(read.map(({ contradicting }) => contradicting)),
    attached,
  };
}

function bodySections(part: MimePart, attached: MimePart[]): readonly Section[] {
  if (part.type.startsWith("multipart/") && part.children.length > 0) {
    const sections = part.children.flatMap((child) => bodySections(child, attached));
    return part.type === "multipart/alternative" ? [merged(sections)] : sections;
  }
  if (!isBody(part)) {
    attached.push(part);
    return [];
  }
  const text = partText(part);
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
  const { words, strange } = strangeIn(visible, plain);
  const saysMuchMore = strange.length > 5 && strange.length > words * 0.2;
  return saysMore(shown, plain) || saysMore(written, visible) || saysMuchMore;
}

function saysMore(text: string, other: string): boolean {
  const { words, strange } = strangeIn(text, other);
  return (
    strange.some((word) => /^\d{2,}$/.test(word)) ||
    (strange.length >= 3 && strange.length > words * 0.2)
  );
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

/** Beyond these the text is cut, with the rest still in the kept raw mail. Characters and counts. */
const LIMITS = {
  newText: 150_000,
  segment: 50_000,
  attachmentText: 20_000,
  attachments: 100,
  segments: 50,
  subject: 1_000,
  name: 200,
} as const;

/** Nested mails are read this deep; a forward of a forward stays an attachment. */
const NESTED_MAX = 1;
const NESTED_BYTES_MAX = 1024 * 1024;
/** Words that only their sender's program, or only a key, can open. */
const SEALED: ReadonlyMap<string, string> = new Map([
  ["application/ms-tnef", "its words are in a winmail.dat"],
  ["application/vnd.ms-tnef", "its words are in a winmail.dat"],
  ["application/pkcs7-mime", "it is encrypted"],
  ["application/x-pkcs7-mime", "it is encrypted"],
  ["application/pgp-encrypted", "it is encrypted"],
]);

/** Attachments whose words are given to the guard and the agent. */
const READ_AS_TEXT = /^(?:text\/|message\/|application\/(?:json|xml)$)/;

/** Puts the parts together; `depth` is that of a mail inside a mail. */
export function readContent({ root, problem }: MimeMail, depth = 0): MailContent {
  const body = mailBody(root);
  const reply = splitReply(body.text);
  const segments = [
    // First, since what does not fit is left out at the end.
    segment("contradicting", body.contradicting),
    segment("hidden", body.hidden),
    ...reply.segments.map(({ kind, text }) => segment(kind, text)),
    ...attachedTexts(body.attached, depth),
  ];
  return {
    subject: cleanLine(decodeWords(valueOf(root.head, "subject"))).slice(0, LIMITS.subject),
    senderName: senderName(root),
    date: dateIn(valueOf(root.head, "date").slice(0, 100)),
    text: withoutNul(reply.text).slice(0, LIMITS.newText).toWellFormed(),
    answered: depth === 0 ? answeredMail(body.text) : null,
    segments: segments.filter(({ text }) => text.trim() !== "").slice(0, LIMITS.segments),
    attachments: body.attached.slice(0, LIMITS.attachments).map((part, index) => ({
      name: safeName(part, index),
      mediaType: part.type,
      bytes: part.bytes,
      ...(isInSegments(part, index) ? { read: true } : {}),
    })),
    attachedParts: body.attached.slice(0, LIMITS.attachments).map(({ number }) => number),
    unreadable: problem ?? whyUnreadable(root, reply.text, body.attached),
  };
}

function whyUnreadable(root: MimePart, text: string, attached: readonly MimePart[]): string | null {
  if (root.head.fields.length === 0) return "it has no headers";
  if (text.trim() !== "") return null;
  return attached.map(({ type }) => SEALED.get(type)).find((why) => why !== undefined) ?? null;
}

function attachedTexts(attached: readonly MimePart[], depth: number): readonly Segment[] {
  return attached.slice(0, LIMITS.segments).flatMap((part): readonly Segment[] => {
    if (part.type === "message/rfc822" && depth < NESTED_MAX)
      return [segment("forwarded", nestedText(part, depth))];
    return READ_AS_TEXT.test(part.type)
      ? [segment("attachment", partText(part).slice(0, LIMITS.attachmentText))]
      : [];
  });
}

/** True for a text that stands among the segments from its first word to its last. */
function isInSegments(part: MimePart, index: number): boolean {
  if (index >= LIMITS.segments || part.isCut || !READ_AS_TEXT.test(part.type)) return false;
  const text = partText(part);
  return text.trim() !== "" && text.length <= LIMITS.attachmentText;
}

/** Its sender is shown as text only: a mail inside a mail proves nothing about its sender. */
function nestedText(part: MimePart, depth: number): string {
  const reader = new MimeReader(NESTED_BYTES_MAX);
  reader.feed(part.content());
  const mail = reader.end();
  const { subject, text, segments } = readContent(mail, depth + 1);
  const from = cleanLine(decodeWords(valueOf(mail.root.head, "from"))).slice(0, LIMITS.name);
  const head = [from === "" ? "" : `From: ${from}`, subject === "" ? "" : `Subject: ${subject}`];
  const words = [head.filter((line) => line !== "").join("\n"), text];
  return [...words, ...segments.map((inner) => inner.text)]
    .filter((one) => one !== "")
    .join("\n\n");
}

/** The name beside the address; one that only repeats an address in quotes is shown as it stands. */
function senderName({ head }: MimePart): string {
  const value = valueOf(head, "from");
  const angle = value.lastIndexOf("<");
  const written = angle > 0 ? value.slice(0, angle) : (/\(([^()]*)\)/.exec(value)?.[1] ?? "");
  const plain = written
    .trim()
    .replace(/^"(.*)"$/s, "$1")
    .replaceAll(/\\(.)/gs, "$1");
  return cleanLine(decodeWords(plain)).slice(0, LIMITS.name).toWellFormed();
}

function segment(kind: Segment["kind"], text: string): Segment {
  return { kind, text: withoutNul(text).slice(0, LIMITS.segment).toWellFormed() };
}

/** PostgreSQL text cannot hold NUL. */
function withoutNul(text: string): string {
  return text.replaceAll("\0", "");
}

function safeName({ type, disposition, parameters }: MimePart, index: number): string {
  const given = disposition.parameters.get("filename") ?? parameters.get("name") ?? "";
  return safeFileName(given, type, index);
}

/** Beyond these a quote is of no use. Lines and characters. */
const LINES_MAX = 2_000;
const HEAD_LINES_MAX = 20;
const QUOTE_MAX = 20_000;

/** The topmost quote, with what stands around it; null where nothing is quoted, where no line says of whom, and where the quote is told to be a forwarded mail. */
function answeredMail(text: string) {
  const lines = text.replaceAll("\r\n", "\n").split("\n", LINES_MAX);
  for (const [at, line] of lines.entries()) {
    if (isForwardMark(line)) return null;
    const isMarked = /^\s{0,3}>/.test(line);
    // Some programs mark the line that says who wrote as well.
    const head = lines.slice(at, at + HEAD_LINES_MAX).map(isMarked ? withoutMark : String);
    const block = headerBlockAt(head, 0);
    const length = block || attributionAt(head, 0);
    if (length > 0) {
      const named = head.slice(0, length);
      return {
        /** Where its writer stands: the sender's line of a header block, or the whole attribution. */
        by: (block > 0 ? named.find((field) => SENDER_LINE.test(field)) : named.join("\n")) ?? "",
        /** All down to the quoted words: the writer's own, and the whole header block or attribution. */
        above: lines.slice(0, at + length).join("\n"),
        text: lines
          .slice(at + length)
          .join("\n")
          .slice(0, QUOTE_MAX),
      };
    }
    if (isMarked) return null;
  }
  return null;
}

function withoutMark(line: string): string {
  return line.replace(/^\s{0,3}>[ \t]?/, "");
}
