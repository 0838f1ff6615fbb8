import { simpleParser } from "mailparser";
import type { Segment } from "#core/message.ts";
import { reasonOf } from "#core/errors.ts";
import { visibleText } from "./html.ts";
import { splitReply } from "./quotes.ts";
import { ParsedMail } from "./schema.ts";

/** Beyond these the text is cut, with the rest still in the kept raw mail. Characters and counts. */
const LIMITS = {
  text: 1_000_000,
  newText: 150_000,
  segment: 50_000,
  html: 500_000,
  attachmentText: 20_000,
  attachments: 100,
  segments: 50,
  subject: 1_000,
} as const;

/** Nested mails are read this deep; a forward of a forward stays an attachment. */
const NESTED_MAX = 1;
const OPTIONS = {
  skipHtmlToText: true,
  skipTextToHtml: true,
  skipTextLinks: true,
  skipImageLinks: true,
  keepCidLinks: true,
  keepDeliveryStatus: true,
};

/** A mail as a person reads it. */
export interface ReadMail {
  readonly subject: string;
  /** Decoded display names of From by address, for showing only. */
  readonly names: ReadonlyMap<string, string>;
  readonly date: Date | null;
  readonly text: string;
  readonly segments: readonly Segment[];
  readonly attachments: readonly { name: string; mediaType: string; bytes: number }[];
  /** METHOD of a calendar part, such as `REPLY`; null without one. */
  readonly calendarMethod: string | null;
  /** Set when the structure could not be read; the text then says so in our words. */
  readonly unreadable: string | null;
}

/** Reads a whole mail. Never throws: what cannot be parsed is handed on as unreadable, for a person. */
export async function readMail(bytes: Uint8Array): Promise<ReadMail> {
  try {
    const parsed = ParsedMail.parse(await simpleParser(Buffer.from(bytes), OPTIONS));
    return await read(parsed, 0);
  } catch (error) {
    return {
      subject: "",
      names: new Map(),
      date: null,
      text: "(This mail could not be read.)",
      segments: [segment("hidden", Buffer.from(bytes.subarray(0, 20_000)).toString("latin1"))],
      attachments: [],
      calendarMethod: null,
      unreadable: reasonOf(error),
    };
  }
}

async function read(parsed: ParsedMail, depth: number): Promise<ReadMail> {
  const plain = (parsed.text ?? "").slice(0, LIMITS.text);
  const html = visibleText(typeof parsed.html === "string" ? parsed.html : "", LIMITS.html);
  // Some programs send an empty text part beside the HTML that holds the words.
  const usesPlain = plain.trim() !== "";
  const reply = splitReply(usesPlain ? plain : html.visible);
  const segments = [
    ...reply.segments,
    segment("hidden", html.hidden),
    // A reader of HTML sees other words than a reader of text: both must be looked at.
    segment("hidden", usesPlain && differs(plain, html.visible) ? html.visible : ""),
    ...(await attachedTexts(parsed, depth)),
  ];
  return {
    subject: cleanLine(parsed.subject ?? "").slice(0, LIMITS.subject),
    names: new Map(
      parsed.from?.value.map(({ address, name }) => [address.toLowerCase(), cleanLine(name)]),
    ),
    date: parsed.date ?? null,
    text: withoutNul(reply.text).slice(0, LIMITS.newText),
    segments: segments.filter(({ text }) => text.trim() !== "").slice(0, LIMITS.segments),
    attachments: parsed.attachments.slice(0, LIMITS.attachments).map((attached, index) => ({
      name: safeName(attached.filename, index),
      mediaType: attached.contentType.slice(0, 200),
      bytes: attached.content.length,
    })),
    calendarMethod: calendarMethodOf(parsed),
    unreadable: null,
  };
}

async function attachedTexts(parsed: ParsedMail, depth: number): Promise<readonly Segment[]> {
  const segments: Segment[] = [];
  for (const { contentType, content } of parsed.attachments.slice(0, LIMITS.segments)) {
    if (contentType === "message/rfc822" && depth < NESTED_MAX) {
      const inner = ParsedMail.safeParse(await simpleParser(Buffer.from(content), OPTIONS));
      if (!inner.success) continue;
      const { subject, text, segments: innerSegments } = await read(inner.data, depth + 1);
      const whole = [subject, text, ...innerSegments.map((part) => part.text)].join("\n\n");
      segments.push(segment("forwarded", whole));
    } else if (/^(?:text\/|message\/|application\/(?:json|xml))/.test(contentType)) {
      const start = Buffer.from(content.subarray(0, LIMITS.attachmentText));
      segments.push(segment("attachment", start.toString("utf8")));
    }
  }
  return segments;
}

/** True when the HTML says something the text does not; layout, punctuation and a few words more do not count. */
function differs(plain: string, visible: string): boolean {
  if (visible === "") return false;
  const known = new Set(wordsOf(plain));
  const words = wordsOf(visible);
  const strange = words.filter((word) => !known.has(word)).length;
  return strange > 5 && strange > words.length * 0.2;
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]{2,40}/gu) ?? [];
}

function calendarMethodOf({ attachments }: ParsedMail): string | null {
  const calendar = attachments.find(({ contentType }) => contentType === "text/calendar");
  if (calendar === undefined) return null;
  const start = Buffer.from(calendar.content.subarray(0, 4_000)).toString("utf8");
  return /^METHOD:([A-Z]{1,20})/im.exec(start)?.[1]?.toUpperCase() ?? null;
}

function segment(kind: Segment["kind"], text: string): Segment {
  return { kind, text: withoutNul(text).slice(0, LIMITS.segment) };
}

/** A decoded subject may hold line breaks, which would be a new header when written again. */
export function cleanLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, " ").trim();
}

/** PostgreSQL text cannot hold NUL, and lone surrogates are no Unicode text. */
function withoutNul(text: string): string {
  return text.replaceAll("\0", "").toWellFormed();
}

/** A name to show, never a path to write to. */
function safeName(name: string | undefined, index: number): string {
  const last =
    cleanLine((name ?? "").replaceAll("\0", ""))
      .split(/[/\\]/)
      .at(-1) ?? "";
  return last === "" || last === "." || last === ".."
    ? `attachment-${index + 1}`
    : last.slice(0, 200);
}
