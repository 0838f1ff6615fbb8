/** Reads the public keys that check chat tokens. */

import { createPublicKey, type KeyObject } from "node:crypto";
import { z } from "zod";
import type { PublicKey } from "./identity.ts";

/** RFC 7518, section 3.3: a key of 2048 bits or larger must be used with RS256. */
const BITS_MIN = 2_048;

const KEYS_MAX = 20;

/** A key as in RFC 7517. A private key's members are refused, so that no private key is stored here. */
const Jwk = z.looseObject({
  kty: z.literal("RSA", { error: "is no RSA key" }),
  n: z.string(),
  e: z.string(),
  d: z.undefined({ error: "is a private key; only the public one belongs here" }).optional(),
  kid: z.string().optional(),
  use: z.literal("sig", { error: "is not for signatures" }).optional(),
  alg: z.literal("RS256", { error: "is not for RS256" }).optional(),
});
const Jwks = z.object({ keys: z.array(Jwk).min(1).max(KEYS_MAX) });

/** Reads RSA public keys from a JWKS (RFC 7517, section 5) or PEM blocks. Throws an error that says what is wrong. */
export function publicKeysIn(text: string): readonly PublicKey[] {
  const keys = text.trimStart().startsWith("{") ? fromJwks(text) : fromPem(text);
  for (const { key } of keys) {
    if (key.asymmetricKeyType !== "rsa") throw new Error("there is a key that is no RSA key");
    if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < BITS_MIN)
      throw new Error(`there is a key of less than ${BITS_MIN} bits`);
  }
  return keys;
}

function fromJwks(text: string): readonly PublicKey[] {
  const parsed = Jwks.safeParse(JSON.parse(text));
  if (!parsed.success)
    throw new Error(`it is no set of RSA public keys: ${z.prettifyError(parsed.error)}`);
  return parsed.data.keys.map(({ kty, n, e, kid = null }) => ({
    id: kid,
    key: createPublicKey({ key: { kty, n, e }, format: "jwk" }),
  }));
}

function fromPem(text: string): readonly PublicKey[] {
  if (text.includes("PRIVATE KEY"))
    throw new Error("it holds a private key; only the public one belongs here");
  const blocks = text.match(/-----BEGIN PUBLIC KEY-----[\s\S]+?-----END PUBLIC KEY-----/g) ?? [];
  if (blocks.length === 0 || blocks.length > KEYS_MAX)
    throw new Error(`it holds ${blocks.length} PEM blocks named PUBLIC KEY, and no JWKS`);
  return blocks.map((block): { id: null; key: KeyObject } => ({
    id: null,
    key: createPublicKey(block),
  }));
}
