/** A folder of documents, or one document, as a source of help pages. */
import { digest } from "#core/values/canonical-json.ts";
import { utcDay } from "#core/values/moment.ts";
import { createHash } from "node:crypto";
import { lstat, readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { z } from "zod";
import type { SourcePage, SourceReading } from "#core/contracts/knowledge.ts";
import { reasonOf } from "#core/values/errors.ts";
import { attributesIn, knownAttributes, languageTag } from "#knowledge/pages.ts";
import {
  type ReadDocument,
  Unreadable,
  BYTES_MAX,
  documentKind,
} from "#knowledge/documents/document.ts";
import type { DocumentReader } from "#knowledge/documents/reading-thread.ts";

const FILES_MAX = 20_000;
const CHARACTERS_MAX = 60_000_000;
const DEPTH_MAX = 20;
const ID_CHARACTERS_MAX = 200;
/** The longest title that is kept. */
export const TITLE_CHARACTERS_MAX = 200;

/** Folders that hold no text for people. */
const SKIPPED = /^(?:\.|node_modules$|__MACOSX$)/;

/** Where Confluence's export puts files: they have numbers for names, and their pages say what they are. */
const ATTACHMENT = /(?:^|\/)attachments\/\d+\/\d+\.\w+$/;

/** Told after each file: how many are done, of how many. */
export type Progress = (done: number, all: number) => void;

/**
 * Reads all documents of a folder. A file that cannot be used is named with its reason, and the rest goes on. Throws
 * where the folder itself cannot be read: an empty list would look like deletions.
 */
export async function readFolder(
  location: string,
  reader: DocumentReader,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: Progress },
): Promise<SourceReading> {
  const isFile = (await stat(location)).isFile();
  const root = await realpath(isFile ? dirname(location) : location);
  const files = isFile ? [basename(location)] : await filesUnder(root, "", DEPTH_MAX);
  const leftOut = files.slice(FILES_MAX).map((id) => ({
    id,
    title: id,
    reason: `it is beyond the first ${FILES_MAX} files`,
  }));
  const pages: SourcePage[] = [];
  const texts = sourceTexts(CHARACTERS_MAX);
  const wanted = files.slice(0, FILES_MAX);
  for (const [at, path] of wanted.entries()) {
    signal.throwIfAborted();
    try {
      if (ATTACHMENT.test(path)) throw new Unreadable("it is an attachment of a page");
      const page = await folderPage(root, path, { reader, signal });
      const reason = texts(pageContentDigest(page), { ...page, id: path });
      if (reason === null) pages.push(page);
      else leftOut.push({ id: path, title: page.title, reason });
    } catch (error) {
      signal.throwIfAborted();
      leftOut.push({ id: path, title: path, reason: unreadableReason(error) });
    }
    progress(at + 1, wanted.length);
  }
  return { pages, leftOut };
}

function unreadableReason(error: unknown): string {
  return error instanceof Unreadable ? error.message : `it cannot be opened: ${reasonOf(error)}`;
}

/** In the order of names, so that of two files with the same text always the same one is kept. */
async function filesUnder(root: string, path: string, depth: number): Promise<readonly string[]> {
  const entries = await readdir(join(root, path), { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    if (SKIPPED.test(entry.name) || found.length > FILES_MAX) continue;
    const inner = path === "" ? entry.name : `${path}/${entry.name}`;
    // A link may lead out of the folder or round in a circle.
    if (entry.isDirectory() && depth > 0) found.push(...(await filesUnder(root, inner, depth - 1)));
    else if (entry.isFile() && documentKind(inner) !== null) found.push(inner);
  }
  return found;
}

async function folderPage(
  root: string,
  path: string,
  { reader, signal }: { readonly reader: DocumentReader; readonly signal: AbortSignal },
): Promise<SourcePage> {
  const whole = join(root, path);
  const { size, mtime } = await lstat(whole);
  if (size > BYTES_MAX) throw new Unreadable("it is larger than 20 MB");
  const bytes = await readFile(whole, { signal });
  const document = await reader.read(
    { path, bytes, part: (name) => documentPart(root, name) },
    signal,
  );
  return sourcePage(path, document, mtime);
}

/**
 * Takes the texts of a source, each once, up to `charactersMax` together, since a process holds a whole reading in memory.
 * Gives why one is left out, or null for one that is taken.
 */
export function sourceTexts(charactersMax: number) {
  const taken = new Map<string, string>();
  let characters = 0;
  return (content: string, { id, text, hidden = "" }: SourcePage): string | null => {
    const twin = taken.get(content);
    if (twin !== undefined) return `it says the same as ${twin}`;
    characters += text.length + hidden.length;
    if (characters > charactersMax)
      return `it is beyond the first ${charactersMax / 1_000_000} million characters`;
    taken.set(content, id);
    return null;
  };
}

/** The same words for another brand or another time are another page. */
function pageContentDigest({ text, brands, audience, validFrom, validUntil }: SourcePage): string {
  const words = text.replaceAll(/\s+/g, " ");
  return digest({ words, brands, audience, validFrom, validUntil });
}

/** A part of a document may lie anywhere in its source, and nowhere else. */
async function documentPart(root: string, name: string): Promise<string | null> {
  const whole = resolve(root, name);
  if (!whole.startsWith(root + sep)) return null;
  const real = await realpath(whole).catch(() => null);
  if (real === null || !real.startsWith(root + sep)) return null;
  return readFile(real, "utf8").catch(() => null);
}

/** One document that a person uploads, as a page. Throws `Unreadable` with a reason for a person. */
export async function uploadedPage(
  path: string,
  bytes: Uint8Array,
  {
    reader,
    at,
    signal,
  }: { readonly reader: DocumentReader; readonly at: Date; readonly signal: AbortSignal },
): Promise<SourcePage> {
  return sourcePage(path, await reader.read({ path, bytes, part: async () => null }, signal), at);
}

const PublicUrl = z.url({ protocol: /^https$/ });

function sourcePage(path: string, document: ReadDocument, changed: Date): SourcePage {
  const named = PublicUrl.safeParse(document.fields["url"]);
  const updated = z.iso.date().safeParse(document.fields["updated"]);
  const title = document.title === "" ? titleFrom(path) : document.title;
  return {
    id: pageId(path),
    title: title.slice(0, TITLE_CHARACTERS_MAX),
    updated: updated.success ? updated.data : utcDay(changed),
    text: document.text,
    hidden: document.hidden,
    ...knownAttributes({ language: languageTag(document.language) }),
    ...attributesIn(document.fields),
    ...(named.success ? { url: named.data } : {}),
  };
}

/** The path; a very long one keeps its end, which tells pages apart, and a digest, which tells them apart for certain. */
export function pageId(path: string): string {
  if (path.length <= ID_CHARACTERS_MAX) return path;
  const hash = createHash("sha256").update(path).digest("hex").slice(0, 16);
  return `${hash}-${path.slice(17 - ID_CHARACTERS_MAX)}`;
}

/** Between the words of a name such as GiftCards: a question names them apart. */
const RUN_TOGETHER = /(?<=\p{Ll})(?=\p{Lu}\p{Ll})/gu;

function titleFrom(path: string): string {
  const name = basename(path).replace(/\.\w+$/, "");
  // Documentation sites call each page "page" or "index" and name the folder instead.
  const telling = /^(?:page|index|readme)$/i.test(name)
    ? (relative("", dirname(path)).split(sep).at(-1) ?? name)
    : name;
  return (telling === "" ? name : telling)
    .replaceAll(/[-_]+/g, " ")
    .replaceAll(RUN_TOGETHER, " ")
    .trim();
}
