/** Reading an untrusted tree of values: every question has an answer, whatever the document holds. */

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
