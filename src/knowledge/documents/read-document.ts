/** Reads a document of any kind by its name and its first bytes. */
import { documentOf, type RawDocument, type ReadDocument, tidied, Unreadable } from "./document.ts";
import { readDocx } from "./docx.ts";
import { BYTES_MAX, type DocumentKind, kindOf } from "./kinds.ts";
import { readHtml } from "./html.ts";
import { readMarkdown } from "./markdown.ts";
import { readPdf } from "./pdf.ts";

/** Text beyond this is data that nobody reads. */
const TEXT_BYTES_MAX = 5_000_000;

type Reader = (raw: RawDocument) => Promise<ReadDocument>;

const READERS: Readonly<Record<DocumentKind, Reader>> = {
  md: async (raw) => readMarkdown(raw, textIn(raw.bytes)),
  mdx: async (raw) => readMarkdown(raw, textIn(raw.bytes)),
  markdown: async (raw) => readMarkdown(raw, textIn(raw.bytes)),
  adoc: refuseAsciidoc,
  asciidoc: refuseAsciidoc,
  html: async (raw) => readHtml(textIn(raw.bytes)),
  htm: async (raw) => readHtml(textIn(raw.bytes)),
  txt: async (raw) => documentOf({ text: tidied(textIn(raw.bytes)) }),
  pdf: async (raw) => readPdf(raw.bytes),
  docx: async (raw) => readDocx(raw.bytes),
};

/** A name that ends as Notion's exports do, in 32 hexadecimal digits. */
const NOTION = /[ _-][0-9a-f]{32}\.\w+$/;

/** Versions before read AsciiDoc, so its pages are named when they are left out, not passed over. */
async function refuseAsciidoc(): Promise<never> {
  throw new Unreadable("AsciiDoc is not read; convert it to Markdown or HTML");
}

/** Reads one document. Throws `Unreadable` with a reason for a person; never anything else for bad content. */
export async function readDocument(raw: RawDocument): Promise<ReadDocument> {
  if (raw.bytes.length > BYTES_MAX) throw new Unreadable("it is larger than 20 MB");
  const kind = kindOf(raw.path);
  if (kind === null) throw new Unreadable("its kind of file is not read");
  // Its properties say what is a draft or for the team alone; read as plain text, such a page would be found for customers.
  if (NOTION.test(raw.path))
    throw new Unreadable("exports of Notion are not read; give it a name and a text of its own");
  const read = await READERS[kind](raw);
  if (read.text.trim() === "") throw new Unreadable("it has no text");
  return read;
}

/**
 * UTF-8, UTF-16 with a mark at its beginning, else the usual western encoding. Throws `Unreadable` for what is no text or
 * too much of it.
 */
export function textIn(bytes: Uint8Array, bytesMax: number = TEXT_BYTES_MAX): string {
  if (bytes.length > bytesMax)
    throw new Unreadable(`its text is larger than ${bytesMax / 1_000_000} MB`);
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  if (bytes.subarray(0, 4_096).includes(0)) throw new Unreadable("it is no text");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
