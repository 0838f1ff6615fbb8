/** The key of an effect in a form that systems take. */

import { createHash } from "node:crypto";

/**
 * The same key always becomes the same UUID of version 8 (RFC 9562, 5.8), made from its SHA-256: systems limit their keys
 * to 36 characters or less, and some take nothing but UUIDs.
 */
export function keyInSystem(key: string): string {
  const hex = createHash("sha256").update(key).digest("hex");
  // The highest two bits of this digit are the variant: 8, 9, a or b.
  const variant = (8 + (Number.parseInt(hex.charAt(16), 16) % 4)).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
