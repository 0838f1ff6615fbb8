/** What the rules look at to tell people from machines: our own names, and the mail as far as its class depends on it, read by the same reader as its content. */

import type { Head } from "#email/mime/headers.ts";
import { type MimePart, textOf } from "#email/mime/part.ts";
import { MimeReader } from "#email/mime/parser.ts";
import { visibleText } from "#text/visible-html.ts";

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
export function partsOf(head: Head, bytes: Uint8Array): readonly MimePart[] {
  const reader = new MimeReader(SCAN_BYTES_MAX);
  reader.feed(bytes.subarray(0, head.bodyStart + SCAN_BYTES_MAX));
  return leavesOf(reader.end().root);
}

function leavesOf(part: MimePart): readonly MimePart[] {
  return part.children.length === 0 ? [part] : part.children.flatMap(leavesOf);
}

/** What stands first in the mail for a person to read, decoded; at most four thousand characters. */
export function firstText(parts: readonly MimePart[]): string {
  const plain = parts.find(({ type }) => type === "text/plain");
  const text = plain === undefined ? "" : textOf(plain, 2 * HTML_LENGTH_MAX).trim();
  if (text !== "") return text.slice(0, TEXT_LENGTH_MAX);
  const html = parts.find(({ type }) => type === "text/html");
  if (html === undefined) return "";
  const { visible } = visibleText(textOf(html, 2 * HTML_LENGTH_MAX), {
    lengthMax: HTML_LENGTH_MAX,
  });
  return visible.trim().slice(0, TEXT_LENGTH_MAX);
}
