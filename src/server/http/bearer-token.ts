/** Checks an operator's bearer token. */
import { createHash, timingSafeEqual } from "node:crypto";
import { acceptedKeys, type Keys } from "#core/connection/signing-keys.ts";

/**
 * Whether this header carries the token. Digests are compared, so that the timing reveals neither the token's length nor
 * its beginning. Without a token, no caller is the operator.
 */
export function isOperator(header: string | undefined, token: Keys | null): boolean {
  if (token === null || header === undefined) return false;
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  const given = digest(header);
  return acceptedKeys(token)
    .map((one) => timingSafeEqual(given, digest(`Bearer ${one}`)))
    .includes(true);
}
