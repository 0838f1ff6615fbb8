/** The canonical form of JSON, and digests of it: seals, chains and marks are computed over this. */
import { createHmac, hash, timingSafeEqual } from "node:crypto";

/** A map of names, no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The same value always gives the same text: keys sorted by code unit, no white space, absent keys left out. Seals and
 * digests are computed over this, so it follows the ordering of RFC 8785 (JSON canonicalisation).
 */
export function canonical(value: unknown): string {
  if (value === undefined) throw new Error("undefined has no canonical form");
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item)).join(",")}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  let text = "";
  // Without a function to compare by, strings are sorted by code unit.
  for (const key of Object.keys(value).toSorted())
    if (value[key] !== undefined)
      text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${canonical(value[key])}`;
  return `{${text}}`;
}

/** SHA-256 of the canonical form, in hex. */
export function digest(value: unknown): string {
  return hash("sha256", canonical(value));
}

/**
 * A digest only the holder of the key can recompute: the audit can be verified, but the text cannot be guessed from it.
 */
export function keyedDigest(key: string, value: unknown): string {
  return createHmac("sha256", key).update(canonical(value)).digest("hex");
}

/** Compares two digests in a time that does not depend on where they differ. */
export function isSameDigest(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
