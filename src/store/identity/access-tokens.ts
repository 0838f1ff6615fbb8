/**
 * Tokens by which programs use the API: a teammate's own, and those of machines. Only a hash is stored; a token says by
 * its scopes what it may do at most, ends by itself, and is refused from the moment it is revoked.
 *
 * And what was answered to programs, by their token and the key they gave the request: the same request sent again is
 * the same one, whichever process it reaches (draft-ietf-httpapi-idempotency-key-header-07).
 */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { ERASED } from "#core/values/message.ts";
import { DAY_MS } from "#core/values/moment.ts";
import type { Transaction } from "#store/db/database.ts";
import { and, desc, eq, inArray, isNull, lt, or, sql } from "#store/db/drizzle.ts";
import { accessToken, apiAnswer } from "#store/db/schema.ts";
import { upTo } from "#store/db/statement.ts";
import { secretHash } from "./sessions.ts";

/** What a token may be good for. */
export const TokenScope = z.enum([
  "cases:read",
  "cards:decide",
  "messages:write",
  "knowledge:write",
  "reports:read",
  "assistant",
]);
export type TokenScope = z.infer<typeof TokenScope>;

/** What only a person's token may have. */
export const PERSONAL_SCOPES: readonly TokenScope[] = ["cards:decide", "assistant"];

/** The longest life of a token, in days. */
export const TOKEN_DAYS_MAX = 365;

/** How every token looks: its mark, then 256 random bits in base64url (RFC 4648, section 5). */
const TOKEN_FORM = /^dk_[\w-]{43}$/;

/** The last use is written at most once in this time. */
const USE_NOTED_MS = 60_000;

/** Tokens that ended are listed this long. */
const ENDED_LISTED_MS = 90 * DAY_MS;

/** A token as it is stored: the address in lower case, which a machine does not have, and a hash that opens nothing. */
export type AccessToken = ReturnType<typeof tokenInRow>;

/** Scopes stand as OAuth writes them (RFC 6749, section 3.3); one that this version does not know opens nothing. */
function tokenInRow({ scopes, ...row }: typeof accessToken.$inferSelect) {
  const known = scopes.split(" ").flatMap((scope) => TokenScope.safeParse(scope).data ?? []);
  return { ...row, scopes: known };
}

/** What a new token is to be; a null holder makes one for a machine. */
export interface TokenWish {
  readonly id: string;
  readonly holder: { readonly email: string; readonly name: string } | null;
  readonly label: string;
  readonly scopes: readonly TokenScope[];
  readonly madeBy: string;
  /** From 1 to `TOKEN_DAYS_MAX`. */
  readonly days: number;
}

/** Makes a token and returns its text, which is nowhere kept. What ended long ago is forgotten here. */
export async function makeToken(
  transaction: Transaction,
  { holder, scopes, days, ...wish }: TokenWish,
  now: Date,
): Promise<string> {
  const before = new Date(now.getTime() - ENDED_LISTED_MS);
  await transaction
    .delete(accessToken)
    .where(or(lt(accessToken.expiresAt, before), lt(accessToken.revokedAt, before)));
  const text = `dk_${randomBytes(32).toString("base64url")}`;
  await transaction.insert(accessToken).values({
    ...wish,
    hash: secretHash(text),
    email: holder?.email.toLowerCase() ?? null,
    name: holder?.name ?? null,
    scopes: scopes.join(" "),
    madeAt: now,
    expiresAt: new Date(now.getTime() + days * DAY_MS),
  });
  return text;
}

/** The token with this text, whose use is noted; null for one that is unknown, expired or revoked. */
export async function usedToken(
  transaction: Transaction,
  text: string,
  now: Date,
): Promise<AccessToken | null> {
  if (!TOKEN_FORM.test(text)) return null;
  const [token] = await transaction
    .select()
    .from(accessToken)
    .where(eq(accessToken.hash, secretHash(text)));
  if (token === undefined || token.revokedAt !== null || token.expiresAt <= now) return null;
  const stale = new Date(now.getTime() - USE_NOTED_MS);
  const isStale = or(isNull(accessToken.usedAt), lt(accessToken.usedAt, stale));
  if (token.usedAt === null || token.usedAt < stale)
    await transaction
      .update(accessToken)
      .set({ usedAt: now })
      .where(and(eq(accessToken.id, token.id), isStale));
  return tokenInRow(token);
}

/** The most that a list shows. */
const LISTED_MAX = 200;

/** The tokens of this address, or everybody's and every machine's for null; the newest first. */
export async function listedTokens(
  transaction: Transaction,
  email: string | null,
): Promise<readonly AccessToken[]> {
  const rows = await transaction
    .select()
    .from(accessToken)
    .where(email === null ? undefined : eq(accessToken.email, email.toLowerCase()))
    .orderBy(desc(accessToken.madeAt), desc(accessToken.id))
    .limit(LISTED_MAX);
  return rows.map(tokenInRow);
}

/**
 * Revokes a token of this address, or any token for null; false when there is none that could be used. A request that
 * began before may still end.
 */
export async function revokeToken(
  transaction: Transaction,
  { id, email }: { readonly id: string; readonly email: string | null },
  now: Date,
): Promise<boolean> {
  const isTheirs = email === null ? undefined : eq(accessToken.email, email.toLowerCase());
  const rows = await transaction
    .update(accessToken)
    .set({ revokedAt: now })
    .where(and(eq(accessToken.id, id), isNull(accessToken.revokedAt), isTheirs))
    .returning({ id: accessToken.id });
  return rows.length === 1;
}

/** Revokes every token that is not; the answers that were given to them are forgotten. */
export async function endAllTokens(transaction: Transaction, now: Date): Promise<void> {
  await transaction
    .update(accessToken)
    .set({ revokedAt: now })
    .where(isNull(accessToken.revokedAt));
  await transaction.delete(apiAnswer);
}

/**
 * Ends the tokens of erased teammates, by their addresses, all or those made `until` a moment: their own are removed, those
 * they made for machines are revoked and lose their name, since they were shown the text of both.
 */
export async function endTokensBy(
  transaction: Transaction,
  voters: readonly string[],
  until: Date | null,
): Promise<void> {
  if (voters.length === 0) return;
  const isMeant = upTo(accessToken.madeAt, until);
  await transaction
    .delete(accessToken)
    .where(and(inArray(accessToken.email, [...voters]), isMeant));
  await transaction
    .update(accessToken)
    .set({ madeBy: ERASED, revokedAt: sql`coalesce(${accessToken.revokedAt}, now())` })
    .where(and(inArray(sql`lower(${accessToken.madeBy})`, [...voters]), isMeant));
}

// What was answered to programs.

/** A key is known this long. */
const KEPT_MS = DAY_MS;

/** A request that began longer ago and has no answer was cut off, and another one may go on with it. */
const CUT_OFF_MS = 2 * 60_000;

/** One request: of which token, under which key, and a digest of what it says. */
export interface KeyedRequest {
  readonly tokenId: string;
  readonly key: string;
  readonly content: string;
}

/**
 * How a request stands: `begun` is the caller's to carry out, under names made from `seed`, which stay the same when it
 * `isAgain` begun after it was cut off; `answered` was carried out; `under_way` is carried out now; `other` is a key
 * that was used for something else.
 */
export type Standing =
  | { readonly kind: "begun"; readonly seed: string; readonly isAgain: boolean }
  | { readonly kind: "answered"; readonly status: number; readonly body: string }
  | { readonly kind: "under_way" }
  | { readonly kind: "other" };

/** Begins a request, or says what became of the first one with its key. */
export async function beginRequest(
  transaction: Transaction,
  { tokenId, key, content }: KeyedRequest,
  now: Date,
): Promise<Standing> {
  await transaction.delete(apiAnswer).where(lt(apiAnswer.at, new Date(now.getTime() - KEPT_MS)));
  const seed = randomBytes(24).toString("base64url");
  const inserted = await transaction
    .insert(apiAnswer)
    .values({ tokenId, key, content, seed, at: now })
    .onConflictDoNothing()
    .returning({ key: apiAnswer.key });
  if (inserted.length === 1) return { kind: "begun", seed, isAgain: false };
  const [first] = await transaction
    .select()
    .from(apiAnswer)
    .where(named({ tokenId, key }))
    .for("update");
  if (first === undefined) return { kind: "under_way" };
  if (first.content !== content) return { kind: "other" };
  if (first.status !== null)
    return { kind: "answered", status: first.status, body: first.body ?? "" };
  if (first.at.getTime() > now.getTime() - CUT_OFF_MS) return { kind: "under_way" };
  await transaction.update(apiAnswer).set({ at: now }).where(named(first));
  return { kind: "begun", seed: first.seed, isAgain: true };
}

/** Keeps the answer for the day that its key is known. */
export async function keepApiAnswer(
  transaction: Transaction,
  request: KeyedRequest,
  { status, body }: { readonly status: number; readonly body: string },
): Promise<void> {
  await transaction.update(apiAnswer).set({ status, body }).where(named(request));
}

/** Nothing was done: the same key may be sent again. */
export async function dropRequest(transaction: Transaction, request: KeyedRequest): Promise<void> {
  await transaction.delete(apiAnswer).where(and(named(request), isNull(apiAnswer.status)));
}

function named({ tokenId, key }: Pick<KeyedRequest, "tokenId" | "key">) {
  return and(eq(apiAnswer.tokenId, tokenId), eq(apiAnswer.key, key));
}
