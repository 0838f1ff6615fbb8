/** Reads a document of any kind by its name and its first bytes. */

import mammoth from "mammoth";
import { reasonOf } from "#core/values/errors.ts";
import {
  fullDocument,
  type RawDocument,
  type ReadDocument,
  tidied,
  Unreadable,
  BYTES_MAX,
  type DocumentKind,
  documentKind,
} from "./document.ts";
import { readHtml, markdownOfHtml } from "./html.ts";
import { readMarkdown } from "./markdown.ts";
import { readPdf } from "./pdf.ts";

// Reads Word documents.

/** What a document may unpack to; a person's documents are mostly pictures, which are not read. */
const UNPACKED_MAX = 200_000_000;
/** First bytes of the container in which Word encrypts a document ([MS-CFB] 2.2). */
const ENCRYPTED = Buffer.from("d0cf11e0a1b11ae1", "hex");

/** Reads a .docx file. Comments and field codes are left out. Throws `Unreadable`. */
async function readDocx(bytes: Uint8Array): Promise<ReadDocument> {
  const buffer = Buffer.from(bytes);
  if (buffer.subarray(0, 8).equals(ENCRYPTED)) throw new Unreadable("it needs a password");
  const size = unpackedZipSize(buffer);
  if (size === null) throw new Unreadable("it is damaged: its list of parts is missing");
  if (size > UNPACKED_MAX) throw new Unreadable("it would unpack to more than 200 MB");
  try {
    const { value } = await mammoth.convertToHtml({ buffer }, { convertImage: NO_IMAGES });
    const { text } = markdownOfHtml(value);
    return fullDocument({
      text,
      title: /^#+\s+(?<title>.+)$/m.exec(text)?.groups?.["title"] ?? "",
    });
  } catch (error) {
    throw new Unreadable(`it is damaged: ${reasonOf(error)}`);
  }
}

const NO_IMAGES = mammoth.images.imgElement(async () => ({ src: "" }));

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
  txt: async (raw) => fullDocument({ text: tidied(textIn(raw.bytes)) }),
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
  const kind = documentKind(raw.path);
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

// The size of a ZIP file's content, read before anything is unpacked.

const END_OF_LIST = 0x06_05_4b_50;
const ENTRY = 0x02_01_4b_50;
const ENTRIES_MAX = 10_000;

/**
 * The sum of the sizes its list of entries names (APPNOTE.TXT 4.3.12, 4.3.16), or null where there is no such list.
 * Unpacking may find more than an entry says; readers of entries stop at the size named here.
 */
function unpackedZipSize(zip: Buffer): number | null {
  const from = Math.max(0, zip.length - 66_000);
  for (let at = zip.length - 22; at >= from; at -= 1)
    if (zip.readUInt32LE(at) === END_OF_LIST)
      return entrySizeSum(zip, zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 16));
  return null;
}

function entrySizeSum(zip: Buffer, count: number, offset: number): number | null {
  if (count > ENTRIES_MAX) return Number.POSITIVE_INFINITY;
  let sum = 0;
  let at = offset;
  for (let left = count; left > 0; left -= 1) {
    if (at + 46 > zip.length || zip.readUInt32LE(at) !== ENTRY) return null;
    sum += zip.readUInt32LE(at + 24);
    at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return sum;
}
