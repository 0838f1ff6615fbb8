import type { KeyObject } from "node:crypto";
import { decodeProtectedHeader, jwtVerify } from "jose";
import { DeskhandError } from "#core/values/errors.ts";

/** The header by which the chat route passes on whom the token proved. Set by the route alone; a visitor's own is dropped. */
export const SUBJECT_HEADER = "x-chat-subject";

/** Likewise the network an unsigned visitor writes from, as a keyed digest. */
export const NETWORK_HEADER = "x-chat-network";

/** Between clocks that follow the time servers of their own networks. */
const CLOCK_TOLERANCE_S = 30;

/** Subjects become part of names in the database, which holds neither NUL nor half of a surrogate pair. */
const SUBJECT = /^[^\p{Cc}\p{Cs}]{1,200}$/u;

/** A key by which the shop's signature is checked. */
export interface PublicKey {
  /** By which a token may say that it was signed with this one; null for a key without a name. */
  readonly id: string | null;
  readonly key: KeyObject;
}

/** Which tokens count. */
export interface TokenRules {
  /** For HS256, several of them while the shop changes over; none means that no such token counts. */
  readonly secrets: readonly string[];
  /** For RS256; none means that no such token counts. */
  readonly publicKeys: readonly PublicKey[];
  /** What `aud` has to name; null when it is not looked at. */
  readonly audience: string | null;
  /** What `iss` has to be; null when it is not looked at. */
  readonly issuer: string | null;
  /** How far ahead `exp` may be, in milliseconds: a token that was copied must not open a chat for years. */
  readonly lifetimeMsMax: number;
}

/** Whom a token proved. */
export interface ChatIdentity {
  readonly subject: string;
  readonly expiresAt: Date;
}

/**
 * Checks a visitor's token: a JWT (RFC 7519) with `sub` and `exp`, signed with HS256 or RS256. No header means nobody is
 * proven (null); a header that does not hold is refused as `input.unverified`, never ignored.
 *
 * The algorithm a token names only chooses among keys of that very kind, so that a public key is never taken for a
 * shared secret (RFC 8725, section 3.1). All keys that come into question are tried, whichever fits, so that the time
 * it takes tells nothing.
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
  const { alg: algorithm, kid } = headerOf(token);
  if (algorithm === "HS256")
    return { algorithm, keys: secrets.map((secret) => new TextEncoder().encode(secret)) };
  if (algorithm !== "RS256") throw invalid("the token is not signed with HS256 or RS256");
  const named = publicKeys.filter(({ id }) => id !== null && id === kid);
  // A token without a name may be of any of ours; one with a strange name only of a key without one.
  const others = publicKeys.filter(({ id }) => kid === undefined || id === null);
  return { algorithm, keys: (named.length > 0 ? named : others).map(({ key }) => key) };
}

function headerOf(token: string): ReturnType<typeof decodeProtectedHeader> {
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
  const beganMs = typeof iat === "number" ? Math.min(now.getTime(), iat * 1_000) : now.getTime();
  if (!(endsMs - beganMs <= lifetimeMsMax + CLOCK_TOLERANCE_S * 1_000))
    throw invalid("the token is valid for longer than is allowed here");
  return { subject: sub, expiresAt: new Date(endsMs) };
}

function invalid(reason: string, cause?: unknown): DeskhandError {
  return new DeskhandError("input.unverified", reason, cause === undefined ? {} : { cause });
}
