/** Where documents come from: the file or address that a person named, and what that document may refer to. */
import { open, realpath } from "node:fs/promises";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { DeskhandError } from "#core/values/errors.ts";
import { publicFetch } from "#http/public-fetch.ts";
import {
  DOCUMENT_BYTES_MAX,
  firstMessageLine,
  readDocument,
  refusal,
  tooLarge,
} from "./read-document.ts";

const FETCH_TIMEOUT_MS = 30_000;

/** The first document's place, which bounds what it and the documents it refers to may refer to. */
export type Place =
  | { readonly kind: "file"; readonly folder: string }
  | { readonly kind: "address"; readonly origin: string; readonly isLocal: boolean };

/** A document that has been read. */
export interface Loaded {
  /** Its full path or address, without credentials; references are relative to it. */
  readonly at: string;
  readonly place: Place;
  readonly content: unknown;
  /** Unpacked or not, as it came. */
  readonly bytes: number;
}

/**
 * Reads the document that a person named. `isLocal` allows http and addresses of their own network. Throws
 * `input.invalid` or `input.too_large` with a sentence for that person.
 */
export async function loadNamed(named: string, isLocal: boolean): Promise<Loaded> {
  if (!/^https?:\/\//i.test(named)) return loadNamedFile(named);
  const url = URL.parse(named);
  if (url === null) throw refusal(named, "this is no address");
  if (url.protocol !== "https:" && !isLocal)
    throw refusal(
      url.host,
      "a document is fetched over https, so that it is not changed on its way",
    );
  const place: Place = { kind: "address", origin: url.origin, isLocal };
  return { at: plain(url), place, ...(await fetched(url, isLocal)) };
}

async function loadNamedFile(named: string): Promise<Loaded> {
  const path = await found(resolve(named), named);
  const place: Place = { kind: "file", folder: dirname(path) };
  return { at: path, place, ...(await fromFile(path, named)) };
}

/**
 * Reads a document that another one refers to as `target`: a file in the folder of the first document or below, or an
 * address on the same host. Throws `input.invalid` for all others.
 */
export async function loadReferred(target: string, place: Place): Promise<Loaded> {
  if (place.kind === "file") return loadBeside(target, place);
  const url = URL.parse(target);
  if (url === null || url.origin !== place.origin)
    throw refusal(target, `it is not on ${place.origin} like the document that refers to it`);
  return { at: plain(url), place, ...(await fetched(url, place.isLocal)) };
}

async function loadBeside(
  target: string,
  place: Extract<Place, { kind: "file" }>,
): Promise<Loaded> {
  if (/^[a-z][a-z0-9+.-]+:/i.test(target))
    throw refusal(target, "a document in a file only refers to files in its own folder");
  const path = await found(target, target);
  const below = relative(place.folder, path);
  if (below === ".." || below.startsWith(`..${sep}`) || isAbsolute(below))
    throw refusal(target, "it lies outside the folder of the document that refers to it");
  return { at: path, place, ...(await fromFile(path, below)) };
}

/** The address or path that a reference in the document at `base` means; null when it means none. */
export function referenceTarget(reference: string, base: string): string | null {
  if (/^https?:\/\//i.test(base)) return URL.parse(reference, base)?.href ?? null;
  if (/^[a-z][a-z0-9+.-]+:/i.test(reference)) return reference;
  return resolve(dirname(base), reference);
}

/** Links are followed before folders are compared, so that none leads out of the folder. */
async function found(path: string, name: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    throw refusal(name, "there is no such file");
  }
}

type Read = Pick<Loaded, "content" | "bytes">;

async function fromFile(path: string, name: string): Promise<Read> {
  const bytes = await fileBytes(path, name);
  return { content: await readDocument(bytes, name), bytes: bytes.length };
}

async function fileBytes(path: string, name: string): Promise<Buffer> {
  try {
    await using file = await open(path);
    const stats = await file.stat();
    if (!stats.isFile()) throw refusal(name, "it is no file");
    if (stats.size > DOCUMENT_BYTES_MAX) throw tooLarge(name);
    return await file.readFile();
  } catch (error) {
    if (error instanceof DeskhandError) throw error;
    throw refusal(name, firstMessageLine(error));
  }
}

async function fetched(url: URL, isLocal: boolean): Promise<Read> {
  const name = `${url.host}${url.pathname}`;
  const answer = await publicFetch(url, {
    headers: { accept: "application/json, application/yaml, */*" },
    bytesMax: DOCUMENT_BYTES_MAX,
    timeoutMs: FETCH_TIMEOUT_MS,
    isLocal,
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
  }).catch((error: unknown) => {
    if (error instanceof DeskhandError && error.code === "input.too_large") throw tooLarge(name);
    throw refusal(name, firstMessageLine(error));
  });
  if (answer.status !== 200)
    throw refusal(name, `the server answered with status ${answer.status}`);
  return { content: await readDocument(answer.body, name), bytes: answer.body.length };
}

/** The address without user and password, which stand in no file that is written. */
function plain(url: URL): string {
  const copy = new URL(url);
  copy.username = "";
  copy.password = "";
  return copy.href;
}
