/** Verifies who a chat visitor is, by a signed token, and reads the public keys that check it. */

import { type KeyObject, createPublicKey } from "node:crypto";
import { decodeProtectedHeader, jwtVerify } from "jose";
import { DeskhandError } from "#core/values/errors.ts";
import { z } from "zod";

/**
 * The header in which the chat route passes on the subject the token proves. Only the route sets it; a visitor's own is
 * dropped.
 */
export const SUBJECT_HEADER = "x-chat-subject";

/** Likewise the network an unsigned visitor writes from, as a keyed digest. */
export const NETWORK_HEADER = "x-chat-network";

/** The difference allowed between clocks that follow the time servers of their own networks. */
const CLOCK_TOLERANCE_S = 30;

/** Subjects become part of names in the database, which stores neither NUL nor half of a surrogate pair. */
const SUBJECT = /^[^\p{Cc}\p{Cs}]{1,200}$/u;

/** A key that checks the shop's signature. */
interface PublicKey {
  /** The name by which a token can refer to this key; null for a key without one. */
  readonly id: string | null;
  readonly key: KeyObject;
}

/** Which tokens are accepted. */
export interface TokenRules {
  /** For HS256, several while the shop changes its secret; without any, no such token is accepted. */
  readonly secrets: readonly string[];
  /** For RS256; without any, no such token is accepted. */
  readonly publicKeys: readonly PublicKey[];
  /** The required value in `aud`; null when it is not checked. */
  readonly audience: string | null;
  /** The required value of `iss`; null when it is not checked. */
  readonly issuer: string | null;
  /** How far ahead `exp` may be, in milliseconds: a copied token must not open a chat for years. */
  readonly lifetimeMsMax: number;
}

/** The identity a token proves. */
export interface ChatIdentity {
  readonly subject: string;
  readonly expiresAt: Date;
}

/**
 * Checks a visitor's token: a JWT (RFC 7519) with `sub` and `exp`, signed with HS256 or RS256. Without a header there
 * is no identity (null); an invalid header is refused as `input.unverified`, never ignored.
 *
 * The algorithm in the token only chooses among keys of its own kind, so that a public key is never taken for a shared
 * secret (RFC 8725, section 3.1). All candidate keys are tried even after one fits, so that the time reveals nothing.
 */
export async function verifyChatToken(
  authorization: string | undefined,
  rules: TokenRules,
  now: Date,
): Promise<ChatIdentity | null> {
  if (authorization === undefined || authorization === "") return null;
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.[1];
  if (token === undefined) throw invalid("the Authorization header holds no bearer token");
  const { algorithm, keys } = keysFor(token, rules);
  const tried = await Promise.allSettled(
    keys.map((key) =>
      jwtVerify(token, key, {
        algorithms: [algorithm],
        requiredClaims: ["exp", "sub"],
        currentDate: now,
        clockTolerance: CLOCK_TOLERANCE_S,
        ...(rules.audience === null ? {} : { audience: rules.audience }),
        ...(rules.issuer === null ? {} : { issuer: rules.issuer }),
      }),
    ),
  );
  const held = tried.find((one) => one.status === "fulfilled");
  if (held === undefined) throw invalid("the token is not valid");
  return identityIn(held.value.payload, rules, now);
}

function keysFor(
  token: string,
  { secrets, publicKeys }: TokenRules,
): { readonly algorithm: string; readonly keys: readonly (Uint8Array | KeyObject)[] } {
  const { alg: algorithm, kid } = tokenHeader(token);
  if (algorithm === "HS256")
    return { algorithm, keys: secrets.map((secret) => new TextEncoder().encode(secret)) };
  if (algorithm !== "RS256") throw invalid("the token is not signed with HS256 or RS256");
  const named = publicKeys.filter(({ id }) => id !== null && id === kid);
  // A token without a key name may be signed by any of our keys; one with an unknown name only by a key without a name.
  const others = publicKeys.filter(({ id }) => kid === undefined || id === null);
  return { algorithm, keys: (named.length > 0 ? named : others).map(({ key }) => key) };
}

function tokenHeader(token: string): ReturnType<typeof decodeProtectedHeader> {
  try {
    return decodeProtectedHeader(token);
  } catch (cause) {
    throw invalid("the token is not valid", cause);
  }
}

function identityIn(
  { sub, exp, iat }: Readonly<Record<string, unknown>>,
  { lifetimeMsMax }: TokenRules,
  now: Date,
): ChatIdentity {
  if (typeof sub !== "string" || !SUBJECT.test(sub)) throw invalid("it names no user");
  const endsMs = Number(exp) * 1_000;
  if (typeof iat === "number" && iat * 1_000 > now.getTime() + CLOCK_TOLERANCE_S * 1_000)
    throw invalid("the token is from the future");
  const beganMs = typeof iat === "number" ? Math.min(now.getTime(), iat * 1_000) : now.getTime();
  if (!(endsMs - beganMs <= lifetimeMsMax + CLOCK_TOLERANCE_S * 1_000))
    throw invalid("the token is valid for longer than is allowed here");
  return { subject: sub, expiresAt: new Date(endsMs) };
}

function invalid(reason: string, cause?: unknown): DeskhandError {
  return new DeskhandError("input.unverified", reason, { cause });
}

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
  const blocks = text.match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g) ?? [];
  if (blocks.length === 0 || blocks.length > KEYS_MAX)
    throw new Error(`it holds ${blocks.length} PEM blocks named PUBLIC KEY, and no JWKS`);
  return blocks.map((block): { id: null; key: KeyObject } => ({
    id: null,
    key: createPublicKey(block),
  }));
}
