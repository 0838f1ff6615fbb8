/** The values in the bytes of a document: unpacked, decoded, and read as JSON or YAML. */
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { CORE_SCHEMA, load, mergeTag } from "js-yaml";
import { DeskhandError } from "#core/values/errors.ts";

/** The largest document that is read, packed or unpacked: 20 MB are some 2,000 operations with all their texts. */
export const DOCUMENT_BYTES_MAX = 20_000_000;
/** Honest documents are about 40 levels deep; each level costs a reader a frame of the stack. */
const DEPTH_MAX = 200;
/** A few lines of aliases of aliases can stand for more than memory holds; honest documents have dozens. */
const ALIASES_MAX = 2_000;
const MERGED_KEYS_MAX = 100_000;
/** Bytes looked at for what a document is instead. */
const BEGINNING = 400;

const packed = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;
const unpack = promisify(gunzip);

/**
 * Reads a document of untrusted bytes; `name` is how errors call it. Throws `input.invalid` or `input.too_large` with a
 * sentence for the person who named it, and nothing else.
 */
export async function readDocument(bytes: Uint8Array, name: string): Promise<unknown> {
  const text = documentText(packed(bytes) ? await unpacked(bytes, name) : bytes, name);
  const start = text.trimStart().slice(0, BEGINNING);
  if (start === "") throw refusal(name, "it is empty");
  if (start.startsWith("<"))
    throw refusal(
      name,
      "it is a page for people (HTML or XML); find the address of the JSON or YAML document",
    );
  return start.startsWith("{") ? fromJson(text, name) : fromYaml(text, name);
}

/** An error about a document, in words for the person who named it. */
export function refusal(name: string, why: string): DeskhandError {
  return new DeskhandError("input.invalid", `${name} was not read: ${why}. Nothing was written.`);
}

export function tooLarge(name: string): DeskhandError {
  return new DeskhandError(
    "input.too_large",
    `${name} was not read: it is larger than ${DOCUMENT_BYTES_MAX / 1_000_000} MB. Nothing was written. ` +
      "Take a document with only the parts that are needed.",
  );
}

/** The message of anything thrown by a library, on one line and cut. */
export function firstMessageLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (
    message
      .split("\n", 1)[0]
      ?.slice(0, 200)
      .replace(/[.:]\s*$/, "") ?? ""
  );
}

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
    if (/^\s*\{\s*["}]/.test(text))
      throw refusal(name, `it is no JSON: ${firstMessageLine(error)}`);
    return fromYaml(text, name);
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
