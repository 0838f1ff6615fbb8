/** Documents as they are read: where they come from, what they may refer to, and the values in their bytes. */
import { open, realpath } from "node:fs/promises";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { CORE_SCHEMA, load, mergeTag } from "js-yaml";
import { DeskhandError, invalidInput } from "#core/values/errors.ts";
import { publicFetch } from "#http/public-fetch.ts";

const FETCH_TIMEOUT_MS = 30_000;
/** The largest document that is read, packed or unpacked: 20 MB are some 2,000 operations with all their texts. */
const DOCUMENT_BYTES_MAX = 20_000_000;
/** Honest documents are about 40 levels deep; each level costs a reader a frame of the stack. */
const DEPTH_MAX = 200;
/** A few lines of aliases of aliases can stand for more than memory holds; honest documents have dozens. */
const ALIASES_MAX = 2_000;
const MERGED_KEYS_MAX = 100_000;
/** Bytes looked at for what a document is instead. */
const BEGINNING = 400;

/** The first document's place, which bounds what it and the documents it refers to may refer to. */
type Place =
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
  if (!/^https?:\/\//i.test(named)) {
    const path = await realPath(resolve(named), named);
    return fromFile(path, named, { kind: "file", folder: dirname(path) });
  }
  const url = URL.parse(named);
  if (url === null) throw refusal(named, "this is no address");
  if (url.protocol !== "https:" && !isLocal)
    throw refusal(
      url.host,
      "a document is fetched over https, so that it is not changed on its way",
    );
  return fromAddress(url, { kind: "address", origin: url.origin, isLocal });
}

/**
 * Reads a document that another one refers to as `target`: a file in the folder of the first document or below, or an
 * address on the same host. Throws `input.invalid` for all others.
 */
export async function loadReferred(target: string, place: Place): Promise<Loaded> {
  if (place.kind === "address") {
    const url = URL.parse(target);
    if (url === null || url.origin !== place.origin)
      throw refusal(target, `it is not on ${place.origin} like the document that refers to it`);
    return fromAddress(url, place);
  }
  if (/^[a-z][a-z0-9+.-]+:/i.test(target))
    throw refusal(target, "a document in a file only refers to files in its own folder");
  const path = await realPath(target, target);
  const below = relative(place.folder, path);
  if (below === ".." || below.startsWith(`..${sep}`) || isAbsolute(below))
    throw refusal(target, "it lies outside the folder of the document that refers to it");
  return fromFile(path, below, place);
}

/** The address or path that a reference in the document at `base` means; null when it means none. */
export function referenceTarget(reference: string, base: string): string | null {
  if (/^https?:\/\//i.test(base)) return URL.parse(reference, base)?.href ?? null;
  if (/^[a-z][a-z0-9+.-]+:/i.test(reference)) return reference;
  return resolve(dirname(base), reference);
}

/** Links are followed before folders are compared, so that none leads out of the folder. */
async function realPath(path: string, name: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    throw refusal(name, "there is no such file");
  }
}

async function fromFile(path: string, name: string, place: Place): Promise<Loaded> {
  const bytes = await fileBytes(path, name);
  return { at: path, place, content: await contentIn(bytes, name), bytes: bytes.length };
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

/** The address that is kept has no user and no password, which stand in no file that is written. */
async function fromAddress(url: URL, place: Extract<Place, { kind: "address" }>): Promise<Loaded> {
  const name = `${url.host}${url.pathname}`;
  const { status, body } = await publicFetch(url, {
    headers: { accept: "application/json, application/yaml, */*" },
    bytesMax: DOCUMENT_BYTES_MAX,
    timeoutMs: FETCH_TIMEOUT_MS,
    isLocal: place.isLocal,
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
  }).catch((error: unknown) => {
    if (error instanceof DeskhandError && error.code === "input.too_large") throw tooLarge(name);
    throw refusal(name, firstMessageLine(error));
  });
  if (status !== 200) throw refusal(name, `the server answered with status ${status}`);
  const plain = new URL(url);
  plain.username = "";
  plain.password = "";
  return { at: plain.href, place, content: await contentIn(body, name), bytes: body.length };
}

/** The values in untrusted bytes: unpacked, decoded, and read as JSON or YAML. */
async function contentIn(bytes: Uint8Array, name: string): Promise<unknown> {
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const text = documentText(isPacked ? await unpacked(bytes, name) : bytes, name);
  const start = text.trimStart().slice(0, BEGINNING);
  if (start === "") throw refusal(name, "it is empty");
  if (start.startsWith("<"))
    throw refusal(
      name,
      "it is a page for people (HTML or XML); find the address of the JSON or YAML document",
    );
  return start.startsWith("{") ? fromJson(text, name) : fromYaml(text, name);
}

const unpack = promisify(gunzip);

async function unpacked(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  try {
    return await unpack(bytes, { maxOutputLength: DOCUMENT_BYTES_MAX });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(name);
    throw refusal(name, `it cannot be unpacked: ${firstMessageLine(error)}`);
  }
}

function documentText(bytes: Uint8Array, name: string): string {
  if (bytes.length > DOCUMENT_BYTES_MAX) throw tooLarge(name);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw refusal(name, "it is not UTF-8; save it with that encoding");
  }
}

function fromJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // A map in YAML's short form begins like JSON.
    if (!/^\s*\{\s*["}]/.test(text)) return fromYaml(text, name);
    throw refusal(name, `it is no JSON: ${firstMessageLine(error)}`);
  }
}

function fromYaml(text: string, name: string): unknown {
  try {
    return load(text, {
      schema: CORE_SCHEMA.withTags(mergeTag),
      maxDepth: DEPTH_MAX,
      maxAliases: ALIASES_MAX,
      maxTotalMergeKeys: MERGED_KEYS_MAX,
    });
  } catch (error) {
    throw refusal(name, `it is neither JSON nor YAML: ${firstMessageLine(error)}`);
  }
}

/** An error about a document, in words for the person who named it. */
export function refusal(name: string, why: string): DeskhandError {
  return invalidInput(`${name} was not read: ${why}. Nothing was written.`);
}

function tooLarge(name: string): DeskhandError {
  return new DeskhandError(
    "input.too_large",
    `${name} was not read: it is larger than ${DOCUMENT_BYTES_MAX / 1_000_000} MB. Nothing was written. ` +
      "Take a document with only the parts that are needed.",
  );
}

/** The message of anything thrown by a library, on one line and cut. */
export function firstMessageLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [line = ""] = message.split("\n", 1);
  return line.slice(0, 200).replace(/[.:]\s*$/, "");
}
