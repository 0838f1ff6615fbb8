/** Which files are read as documents. Known without the libraries that read them. */
import { z } from "zod";

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
export function kindOf(path: string): DocumentKind | null {
  const end = /\.(?<end>[a-z0-9]+)$/i.exec(path)?.groups?.["end"];
  return Kind.safeParse(end?.toLowerCase()).data ?? null;
}
