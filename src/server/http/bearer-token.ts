/** Checks an operator's bearer token. */
import { createHash, timingSafeEqual } from "node:crypto";

/**
 * Whether this header carries the token. Digests are compared, so that the timing reveals neither the token's length nor
 * its beginning. Without a token, no caller is the operator.
 */
export function isOperator(header: string | undefined, token: string | null): boolean {
  if (token === null || header === undefined) return false;
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(header), digest(`Bearer ${token}`));
}
