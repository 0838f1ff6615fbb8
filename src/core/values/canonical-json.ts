/** Plain JSON, its canonical form, and digests of it. */
import { z } from "zod";

export { canonical, digest, isRecord, keyedDigest } from "#gate/kernel/canonical-json.ts";

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
