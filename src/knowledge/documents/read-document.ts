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
import { readPdf } from "./pdf.ts";
import { posix } from "node:path";
import { splitFrontMatter } from "#knowledge/pages.ts";

// Reads Word documents.

/** First bytes of the container in which Word encrypts a document ([MS-CFB] 2.2). */
const ENCRYPTED = Buffer.from("d0cf11e0a1b11ae1", "hex");

/** Reads a .docx file. Comments and field codes are left out. Throws `Unreadable`. */
async function readDocx(bytes: Uint8Array): Promise<ReadDocument> {
  const buffer = Buffer.from(bytes);
  if (buffer.subarray(0, 8).equals(ENCRYPTED)) throw new Unreadable("it needs a password");
  try {
    const { value } = await mammoth.convertToHtml({ buffer }, { convertImage: NO_IMAGES });
    const text = markdownOfHtml(value);
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
/** A handbook of a thousand pages has two to three million. */
const TEXT_CHARACTERS_MAX = 4_000_000;

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
  if (kind === null)
    throw new Unreadable(
      "its kind of file is not read; save it as PDF, DOCX, Markdown, HTML or plain text",
    );
  // Its properties say what is a draft or for the team alone; read as plain text, such a page would be found for customers.
  if (NOTION.test(raw.path))
    throw new Unreadable("exports of Notion are not read; give it a name and a text of its own");
  const read = await READERS[kind](raw);
  if (read.text.trim() === "") throw new Unreadable("it has no text");
  if (read.text.length > TEXT_CHARACTERS_MAX)
    throw new Unreadable(
      `its text is longer than ${TEXT_CHARACTERS_MAX / 1_000_000} million characters`,
    );
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

// Reads Markdown, and MDX as far as it is text.

/** How deep a document may include parts of itself. */
const DEPTH_MAX = 3;

/** Reads a Markdown file. Components of MDX are replaced by what stands inside them; code is never run. */
async function readMarkdown(raw: RawDocument, file: string): Promise<ReadDocument> {
  const { fields: own, text } = splitFrontMatter(file);
  const fields = own ?? {};
  const isMdx = raw.path.endsWith(".mdx");
  const body = isMdx ? await withoutComponents(raw, text, DEPTH_MAX) : text;
  const plain = outside(CODE, body, withoutMarkup);
  const language = fields["lang"] ?? fields["language"] ?? fields["locale"];
  return fullDocument({
    title: documentTitle(fields, isMdx ? text : "", plain),
    language: typeof language === "string" ? language : "",
    fields,
    hidden: hiddenIn(text),
    text: tidied(plain.replace(/^#\s+\{.*\}\s*$/m, "")),
  });
}

/** From its fields, from what its code exports, or its first heading. */
function documentTitle(
  fields: Readonly<Record<string, unknown>>,
  code: string,
  plain: string,
): string {
  const named = fields["title"];
  if (typeof named === "string" && named.trim() !== "") return named.trim();
  const exported = /^[ \t]*title:\s*(?<quote>["'`])(?<title>.*?)\k<quote>/m.exec(code)?.groups;
  const heading = /^# +(?<title>[^{\n]+)$/m.exec(plain)?.groups?.["title"] ?? "";
  return (exported?.["title"] ?? heading.replace(/(?<!#)#+$/, "")).trim();
}

/** Comments: a reader of the published page never sees them. */
function hiddenIn(text: string): string {
  return [...text.matchAll(/<!--(?<html>[\s\S]*?)(?:-->|$)|\{\/\*(?<mdx>[\s\S]*?)(?:\*\/\}|$)/g)]
    .map(({ groups }) => (groups?.["html"] ?? groups?.["mdx"] ?? "").trim())
    .join("\n");
}

/** A block of code that is never closed goes on to the end (CommonMark 4.5). */
const FENCED = /(^[ \t]*(?:```|~~~)[\s\S]*?(?:^[ \t]*(?:```|~~~)[ \t]*$|(?![\s\S])))/m;
const CODE = /(^[ \t]*(?:```|~~~)[\s\S]*?(?:^[ \t]*(?:```|~~~)[ \t]*$|(?![\s\S]))|`[^`\n]+`)/m;

/** Applies a change to everything but code. */
function outside(code: RegExp, text: string, change: (prose: string) => string): string {
  return text
    .split(code)
    .map((part, at) => (at % 2 === 1 ? part : change(part)))
    .join("");
}

async function withoutComponents(raw: RawDocument, text: string, depth: number): Promise<string> {
  const parts = new Map<string, string>();
  for (const { groups } of text.matchAll(
    /^import\s+(?<name>\w+)\s+from\s+["'](?<path>[^"']+\.mdx?)["'];?\s*$/gm,
  )) {
    const { name = "", path = "" } = groups ?? {};
    const at = path.startsWith("/") ? path.slice(1) : posix.join(posix.dirname(raw.path), path);
    const part = depth === 0 ? null : await raw.part(at);
    if (part !== null)
      parts.set(
        name,
        await withoutComponents({ ...raw, path: at }, splitFrontMatter(part).text, depth - 1),
      );
  }
  // Code of the file may hold backticks of its own, so it goes before code in a line is told apart.
  const prose = outside(FENCED, text, (part) =>
    part
      .replaceAll(/^import\s(?:(?!^import\s)[\s\S])*?from\s+["'][^"'\n]*["'];?[ \t]*$/gm, "")
      .replaceAll(
        /^export\s+(?:const|default|function|let)(?:(?!^export\s)[\s\S])*?^[}\])]?\)?;?[ \t]*\n(?=\n|$)/gm,
        "",
      ),
  );
  return outside(CODE, prose, (part) =>
    part
      .replaceAll(/\{\/\*[\s\S]*?(?:\*\/\}|$)/g, "")
      .replaceAll(/<(?<name>[A-Z]\w*)\s*\/>/g, (tag, name: string) => parts.get(name) ?? tag)
      // What a component is called names its step, card or tab: it is read like a heading.
      .replaceAll(
        /<[A-Z][\w.]*\b[^<>]*?\btitle=(?:"(?<a>[^"]*)"|\{?["'`](?<b>[^"'`]*)["'`]\}?)[^<>]*>/g,
        (_tag, a?: string, b?: string) => `\n**${a ?? b ?? ""}**\n`,
      )
      .replaceAll(/<\/?(?:[A-Z][\w.]*)(?:\s(?:[^<>{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)?\/?>/g, "")
      .replaceAll(/<\/?>/g, "")
      .replaceAll(/\{["'`](?<text>[^"'`{}]*)["'`]\}/g, "$<text>"),
  );
}

/** Comments, images and the HTML that Markdown allows, all as plain Markdown. */
function withoutMarkup(text: string): string {
  return text
    .replaceAll(/<!--[\s\S]*?(?:-->|$)/g, "")
    .replaceAll(/!\[(?<alt>[^\][\n]*)\]\((?:(?!!\[)[^)\n])*\)/g, "$<alt>")
    .replaceAll(
      /<(?<name>table|details|ul|ol|dl)\b(?:(?!<\k<name>\b)[\s\S])*?<\/\k<name>>/gi,
      (html) => `\n\n${markdownOfHtml(html)}\n\n`,
    )
    .replaceAll(/<\/?[a-z][a-z0-9-]*(?:\s[^<>]*)?\/?>/gi, "");
}
