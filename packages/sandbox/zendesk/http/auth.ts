/** Authenticates calls to the local Zendesk. */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { ApiError, forbidden, invalidToken, missingScope, unauthenticated } from "./errors.ts";
import { type Token, UNKNOWN_USER, type User } from "#sandbox/zendesk/records/account-model.ts";

/** The caller; without a credential the anonymous user, whose id is 0. */
export interface Caller {
  readonly user: User;
  readonly scopes: readonly string[];
}

const ANONYMOUS: User = { ...UNKNOWN_USER, name: "Anonymous user" };

/** Reads `Authorization`: a bearer token, or Basic with `ADDRESS/token:TOKEN` for accounts that have API tokens. */
export function identify(desk: Desk, header: string | undefined): Caller {
  if (header === undefined) return { user: ANONYMOUS, scopes: [] };
  const [, scheme, credential = ""] = /^(Bearer|Basic)\s+(\S+)$/iu.exec(header) ?? [];
  if (scheme === undefined) throw unauthenticated();
  if (scheme.toLowerCase() === "basic") return fromApiToken(desk, credential);
  const caller = callerOfToken(desk, credential);
  if (!caller) throw invalidToken();
  return caller;
}

function fromApiToken(desk: Desk, credential: string): Caller {
  const decoded = Buffer.from(credential, "base64").toString("utf8");
  const [, address, secret = ""] = /^(.+)\/token:(.+)$/su.exec(decoded) ?? [];
  const caller = callerOfToken(desk, secret);
  if (caller === undefined || caller.user.email !== address) throw unauthenticated();
  return caller;
}

function callerOfToken(desk: Desk, tokenId: string): Caller | undefined {
  const token = validToken(desk, tokenId);
  const user = token && desk.users.get(token.user_id);
  return user && !user.suspended ? { user, scopes: token.scopes } : undefined;
}

function validToken(desk: Desk, id: string): Token | undefined {
  const token = desk.tokens.get(id);
  if (!token) return undefined;
  return token.expires_at_ms === null || token.expires_at_ms > desk.now().getTime()
    ? token
    : undefined;
}

/** Throws unless the caller has the role an endpoint asks for. */
export function requireRole(user: User, allow: "anyone" | "signed-in" | "staff" | "admin"): void {
  if (allow === "anyone") return;
  if (user.id === 0) throw unauthenticated();
  if (allow === "staff" && user.role === "end-user") throw forbidden();
  if (allow === "admin" && user.role !== "admin") throw forbidden();
}

/**
 * Throws unless the token's scopes cover the call: `read` or `write`, alone or for the resource (`tickets:read`).
 * A misspelled scope gives a token that may do nothing, which is what Zendesk does as well.
 */
export function requireScope(caller: Caller, method: string, path: string): void {
  if (caller.user.id === 0) return;
  const need = method === "GET" ? "read" : "write";
  const resource = /^\/([a-z_]+)/u.exec(path)?.[1] ?? "";
  if (!caller.scopes.includes(need) && !caller.scopes.includes(`${resource}:${need}`))
    throw missingScope();
}

const Grant = z.discriminatedUnion("grant_type", [
  z.object({
    grant_type: z.literal("client_credentials"),
    client_id: z.string(),
    client_secret: z.string(),
    scope: z.string().min(1),
    expires_in: z.coerce.number().int().min(1).max(172_800).optional(),
  }),
  z.object({
    grant_type: z.literal("refresh_token"),
    client_id: z.string(),
    client_secret: z.string(),
    refresh_token: z.string(),
    scope: z.string().min(1).optional(),
    expires_in: z.coerce.number().int().min(1).max(172_800).optional(),
  }),
]);

/** How long a token lives when the request does not say. */
const TOKEN_SECONDS = 1_800;
const REFRESH_SECONDS = 2_592_000;

/** `POST /oauth/tokens`: client credentials, and refresh, which ends the old pair. Errors as in RFC 6749 5.2. */
export function grantToken(desk: Desk, body: unknown): Record<string, unknown> {
  const parsed = Grant.safeParse(body ?? {});
  if (!parsed.success)
    throw oauthError(400, "invalid_request", "The request is missing a required parameter.");
  const grant = parsed.data;
  const client = desk.clients.get(grant.client_id);
  if (!client || !isEqualSecret(client.secret, grant.client_secret)) {
    throw oauthError(401, "invalid_client", "Client authentication failed.");
  }
  return desk.write(() => {
    const nowMs = desk.now().getTime();
    let scopes = grant.scope?.split(/\s+/u) ?? [];
    if (grant.grant_type === "refresh_token") {
      const old = desk.tokens.all().find((token) => token.refresh === grant.refresh_token);
      if (!old || old.client_id !== client.id || (old.refresh_expires_at_ms ?? 0) <= nowMs) {
        throw oauthError(
          400,
          "invalid_grant",
          "The provided refresh token is invalid, expired or revoked.",
        );
      }
      desk.tokens.remove(old.id);
      if (grant.scope === undefined) scopes = old.scopes;
    }
    const seconds = grant.expires_in ?? TOKEN_SECONDS;
    const token: Token = {
      id: randomBytes(32).toString("hex"),
      label: "",
      user_id: client.user_id,
      client_id: client.id,
      scopes,
      expires_at_ms: nowMs + seconds * 1000,
      refresh: randomBytes(32).toString("hex"),
      refresh_expires_at_ms: nowMs + REFRESH_SECONDS * 1000,
    };
    desk.tokens.put(token);
    return {
      access_token: token.id,
      token_type: "bearer",
      scope: scopes.join(" "),
      expires_in: seconds,
      refresh_token: token.refresh,
      refresh_token_expires_in: REFRESH_SECONDS,
    };
  });
}

/** Ends every token of a client, as an admin does in Admin Center. */
export function revokeTokens(desk: Desk, clientId: string): void {
  desk.write(() => {
    for (const token of desk.tokens.all())
      if (token.client_id === clientId) desk.tokens.remove(token.id);
  });
}

function oauthError(status: number, error: string, description: string): ApiError {
  return new ApiError(status, { error, error_description: description });
}

function isEqualSecret(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
