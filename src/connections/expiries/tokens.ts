/** Tokens that name their own end. */

import { z } from "zod";
import type { Expiry } from "#core/connection/expiry.ts";
import { Secret } from "#config/secret.ts";

/** What a token of the form of RFC 7519 says about itself. */
const Payload = z.object({ exp: z.number().positive().max(8_640_000_000_000) });

/** The tokens among these variables that name their own end. */
export function tokensOf(environment: Readonly<Record<string, unknown>>): readonly Expiry[] {
  return Object.entries(environment).flatMap(([name, value]): readonly Expiry[] => {
    const at = value instanceof Secret ? value.told(tokenEnd) : null;
    return at === null ? [] : [{ kind: "token", what: `The token in ${name}`, at }];
  });
}

/** The end (`exp`) of a token of the form of RFC 7519, whoever signed it; null for any other text. Never throws. */
export function tokenEnd(token: string): Date | null {
  const payload = /^[\w-]{4,}\.([\w-]{4,})\.[\w-]*$/.exec(token)?.[1];
  if (payload === undefined) return null;
  try {
    const read: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    const parsed = Payload.safeParse(read);
    return parsed.success ? new Date(parsed.data.exp * 1_000) : null;
  } catch {
    return null;
  }
}
