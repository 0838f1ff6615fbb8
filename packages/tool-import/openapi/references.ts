/**
 * Reads an untrusted tree of values: every question has an answer, whatever the document holds. References are followed
 * one at a time and only where a wanted operation leads.
 */
import { firstMessageLine, type Loaded, loadReferred, referenceTarget } from "./document.ts";

/** A map of a document. Only its own keys are looked at, so that `constructor` is a name like any other. */
export type Node = Readonly<Record<string, unknown>>;

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What stands under a key; undefined where there is nothing or no map. */
export function valueAt(node: unknown, key: string): unknown {
  return isNode(node) && Object.hasOwn(node, key) ? node[key] : undefined;
}

/** The map under a key; null where there is none. */
export function nodeAt(node: unknown, key: string): Node | null {
  const value = valueAt(node, key);
  return isNode(value) ? value : null;
}

/** The text under a key; empty where there is none. */
export function textAt(node: unknown, key: string): string {
  const value = valueAt(node, key);
  return typeof value === "string" ? value : "";
}

/** The list under a key; empty where there is none. */
export function listAt(node: unknown, key: string): readonly unknown[] {
  const value = valueAt(node, key);
  return Array.isArray(value) ? value : [];
}

/** The texts of the list under a key; everything else in it is passed over. */
export function textsAt(node: unknown, key: string): readonly string[] {
  return listAt(node, key).filter((value): value is string => typeof value === "string");
}

/** The finite number under a key. */
export function numberAt(node: unknown, key: string): number | undefined {
  const value = valueAt(node, key);
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

export function isTrueAt(node: unknown, key: string): boolean {
  return valueAt(node, key) === true;
}

/** One step of a JSON pointer, escaped (RFC 6901, section 3). */
export function pointerStep(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** A part of a document, with the document it stands in. */
export interface Part {
  readonly node: Node;
  /** The document's path or address. */
  readonly base: string;
}

/** Told why a reference is broken or not allowed. */
type Broken = (because: string) => void;

/** Other documents that one document may refer to: some are kept as a file for each schema. */
const DOCUMENTS_MAX = 1_000;
const BYTES_MAX = 50_000_000;
/** References that lead only to references. */
const HOPS_MAX = 20;

/** The documents that have been read, by path or address. */
export class References {
  readonly #first: Loaded;
  readonly #contents = new Map<string, unknown>();
  readonly #refused = new Map<string, string>();
  readonly #missing = new Set<string>();
  #bytes: number;

  constructor(first: Loaded) {
    this.#first = first;
    this.#contents.set(first.at, first.content);
    this.#bytes = first.bytes;
  }

  /**
   * The part that `$ref` of a part means, through references to references; a part without one is itself. Null where the
   * reference is broken, and where another document has to be read first: ask again after `loadMissing`.
   */
  follow(part: Part, broken: Broken): Part | null {
    let at: Part | null = part;
    for (let hops = 0; hops < HOPS_MAX; hops += 1) {
      const reference: unknown = at.node["$ref"];
      if (typeof reference !== "string") return at;
      at = this.#target(reference, at.base, broken);
      if (at === null) return null;
    }
    broken("it only leads to further references");
    return null;
  }

  /** Reads the documents that were missing. False when there were none. */
  async loadMissing(): Promise<boolean> {
    const missing = [...this.#missing];
    this.#missing.clear();
    for (const target of missing) await this.#load(target);
    return missing.length > 0;
  }

  async #load(target: string): Promise<void> {
    if (this.#contents.size > DOCUMENTS_MAX || this.#bytes > BYTES_MAX) {
      this.#refused.set(target, "the document refers to more others than are read");
      return;
    }
    try {
      const { content, bytes } = await loadReferred(target, this.#first.place);
      this.#bytes += bytes;
      this.#contents.set(target, content);
    } catch (error) {
      this.#refused.set(target, firstMessageLine(error));
    }
  }

  #target(reference: string, base: string, broken: Broken): Part | null {
    const [file = "", pointer = ""] = reference.split("#", 2);
    const target = file === "" ? base : referenceTarget(file, base);
    const refused = target === null ? "it is no address" : this.#refused.get(target);
    if (target === null || refused !== undefined) {
      broken(refused ?? "");
      return null;
    }
    if (!this.#contents.has(target)) {
      this.#missing.add(target);
      return null;
    }
    const node = pointedAt(this.#contents.get(target), pointer);
    if (node === null) broken("there is nothing of that name");
    return node === null ? null : { node, base: target };
  }
}

/** The map that a JSON pointer in a fragment names (RFC 6901, section 6); null when there is none. */
function pointedAt(content: unknown, pointer: string): Node | null {
  let value = content;
  for (const step of pointer.split("/").slice(1)) {
    const key = unescaped(step);
    if (Array.isArray(value)) value = /^\d{1,6}$/.test(key) ? value[Number(key)] : undefined;
    else value = valueAt(value, key);
  }
  return isNode(value) ? value : null;
}

function unescaped(step: string): string {
  let text = step;
  try {
    text = decodeURIComponent(step);
  } catch {
    // A lone per cent sign is itself.
  }
  return text.replaceAll("~1", "/").replaceAll("~0", "~");
}
