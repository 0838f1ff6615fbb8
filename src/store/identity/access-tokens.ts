/**
 * Tokens by which programs use the API: a teammate's own, and those of machines. Only a hash is stored; a token says by
 * its scopes what it may do at most, ends by itself, and is refused from the moment it is revoked.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { DAY_MS } from "#core/values/moment.ts";
import type { Transaction } from "#store/db/database.ts";
import { and, desc, eq, isNull, lt, or, sql } from "#store/db/drizzle.ts";
import { accessToken } from "#store/db/schema.ts";

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

/** What only a person's token may have: to decide, and to propose in that person's name. */
export const PERSONAL_SCOPES: readonly TokenScope[] = ["cards:decide", "assistant"];

/** The longest life of a token, in days. */
export const TOKEN_DAYS_MAX = 365;

/** How every token looks: its mark, then 256 random bits in base64url (RFC 4648, section 5). */
const TOKEN_FORM = /^dk_[\w-]{43}$/;

/** The last use is written at most once in this time. */
const USE_NOTED_MS = 60_000;

/** Tokens that ended are listed this long. */
const ENDED_LISTED_MS = 90 * DAY_MS;

const StoredToken = z.object({
  id: z.string(),
  hash: z.string(),
  /** The teammate's address in lower case; null for a machine. */
  email: z.string().nullable(),
  name: z.string().nullable(),
  label: z.string(),
  scopes: z.array(TokenScope),
  madeBy: z.string(),
  madeAt: z.date(),
  expiresAt: z.date(),
  usedAt: z.date().nullable(),
  revokedAt: z.date().nullable(),
});
/** A token as it is stored, without what it opens anything with. */
export type AccessToken = Omit<z.infer<typeof StoredToken>, "hash">;

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
    hash: tokenHash(text).toString("hex"),
    email: holder?.email.toLowerCase() ?? null,
    name: holder?.name ?? null,
    scopes: [...scopes],
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
  const wanted = tokenHash(text);
  const [row] = await transaction
    .select()
    .from(accessToken)
    .where(eq(accessToken.hash, wanted.toString("hex")));
  if (row === undefined) return null;
  const { hash, ...token } = StoredToken.parse(row);
  if (!timingSafeEqual(Buffer.from(hash, "hex"), wanted)) return null;
  if (token.revokedAt !== null || token.expiresAt <= now) return null;
  const stale = new Date(now.getTime() - USE_NOTED_MS);
  if (token.usedAt === null || token.usedAt < stale)
    await transaction
      .update(accessToken)
      .set({ usedAt: now })
      .where(
        and(
          eq(accessToken.id, token.id),
          or(isNull(accessToken.usedAt), lt(accessToken.usedAt, stale)),
        ),
      );
  return token;
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
    .where(email === null ? sql`true` : eq(accessToken.email, email.toLowerCase()))
    .orderBy(desc(accessToken.madeAt), desc(accessToken.id))
    .limit(LISTED_MAX);
  return rows.map((row) => {
    const { hash: _hash, ...token } = StoredToken.parse(row);
    return token;
  });
}

/**
 * Revokes a token of this address, or any token for null, and returns it; null when there is none that could be used. A
 * request that began before may still end.
 */
export async function revokeToken(
  transaction: Transaction,
  { id, email }: { readonly id: string; readonly email: string | null },
  now: Date,
): Promise<AccessToken | null> {
  const [row] = await transaction
    .update(accessToken)
    .set({ revokedAt: now })
    .where(
      and(
        eq(accessToken.id, id),
        isNull(accessToken.revokedAt),
        email === null ? undefined : eq(accessToken.email, email.toLowerCase()),
      ),
    )
    .returning();
  if (row === undefined) return null;
  const { hash: _hash, ...token } = StoredToken.parse(row);
  return token;
}

/** The tokens are 256 random bits, so a plain hash is as good as a slow one. */
function tokenHash(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
