/** Plain JSON, its canonical form, and digests of it. */
import { createHash, createHmac } from "node:crypto";
import { z } from "zod";

/** Plain JSON, the only kind of value that is stored, sealed or passed between modules. */
export const Json = z.json();
export type Json = z.infer<typeof Json>;
export const JsonObject = z.record(z.string(), z.json());
export type JsonObject = z.infer<typeof JsonObject>;

/** What the text holds as JSON, or null where it is none: parse it against what is expected. Never throws. */
export function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

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
  return createHash("sha256").update(canonical(value)).digest("hex");
}

/**
 * A digest only the holder of the key can recompute: the audit can be verified, but the text cannot be guessed from it.
 */
export function keyedDigest(key: string, value: unknown): string {
  return createHmac("sha256", key).update(canonical(value)).digest("hex");
}
