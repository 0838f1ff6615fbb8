/** What every reader of documents takes and returns, and which files are read. Known without the libraries that read them. */
import { z } from "zod";

/** A document as it came from a source, before it is read. */
export interface RawDocument {
  /** Its path within its source, such as `orders/returns.md`; its extension says how it is read. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Another file of the same source, for formats that include parts; null when there is none. */
  readonly part: (path: string) => Promise<string | null>;
}

/** A document as text that can be cut into passages. */
export const ReadDocument = z
  .strictObject({
    /** Empty when the document does not say. */
    title: z.string(),
    /** The language it declares, such as `de`; empty when it declares none. */
    language: z.string(),
    /** Markdown: headings, lists, tables, links and code; nothing else is kept. */
    text: z.string(),
    /** What its front matter says besides the title. */
    fields: z.record(z.string(), z.unknown()).readonly(),
    /** Text that a person who opens the document would not see; never part of `text`. */
    hidden: z.string(),
    /** Parts that could not be read, each in words for a person, such as "page 7 is damaged". */
    remarks: z.array(z.string()).readonly(),
  })
  .readonly();
export type ReadDocument = z.infer<typeof ReadDocument>;

/** What a page says besides its text. */
export const PageSigns = z.strictObject({
  /** Where its links lead, as they are written. */
  links: z.array(z.string()).readonly(),
  /** True where it asks not to be found by machines (Google's documentation of the robots meta tag). */
  isUnlisted: z.boolean(),
});
export type PageSigns = z.infer<typeof PageSigns>;

/** Whether words of the robots meta tag or header ask for that, of all machines or of one it names. */
export function asksUnlisted(words: string): boolean {
  return words
    .split(",")
    .some((one) => !/preview/i.test(one) && /^(?:[\w-]+:)?\s*(?:noindex|none)$/i.test(one.trim()));
}

/** The addresses a sitemap names, and whether it is one of sitemaps. */
export const Sitemap = z.strictObject({
  isIndex: z.boolean(),
  addresses: z.array(z.string()).readonly(),
});
export type Sitemap = z.infer<typeof Sitemap>;

/** A reader's result for a document without text: why it cannot be used, in words for a person. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
}

/** The document with what most formats do not have left empty. */
export function fullDocument(
  given: Partial<ReadDocument> & Pick<ReadDocument, "text">,
): ReadDocument {
  return { title: "", language: "", fields: {}, hidden: "", remarks: [], ...given };
}

/** Normal line ends, no soft hyphens and other invisible characters, at most one empty line in a row. */
export function tidied(text: string): string {
  return text
    .replaceAll(/\r\n?/g, "\n")
    .replaceAll(/[\u00AD\u200B\u2060\uFEFF]/g, "")
    .replaceAll(/[\u00A0\u2007\u202F]/g, " ")
    .replaceAll(/(?<![ \t])[ \t]+$/gm, "")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
}

/** Larger files are books or pictures; a page of help text has some kilobytes. */
export const BYTES_MAX = 20_000_000;

const Kind = z.enum([
  "md",
  "mdx",
  "markdown",
  "adoc",
  "asciidoc",
  "html",
  "htm",
  "txt",
  "pdf",
  "docx",
]);
/** A kind of document, by the end of its name. */
export type DocumentKind = z.infer<typeof Kind>;

/** Null for files that are not read at all, such as pictures, and are passed over without a word. */
export function documentKind(path: string): DocumentKind | null {
  const end = /\.(?<end>[a-z0-9]+)$/i.exec(path)?.groups?.["end"];
  return Kind.safeParse(end?.toLowerCase()).data ?? null;
}
