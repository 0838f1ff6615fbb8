/** OAuth at the local Zendesk: codes for a browser, tokens for a client, and their end. */
import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { isSameText } from "#core/connection/signing-keys.ts";
import type { Token } from "#sandbox/zendesk/records/account-model.ts";
import { type Desk, stamp } from "#sandbox/zendesk/records/desk.ts";
import { shown } from "#sandbox/zendesk/records/to-json.ts";
import { type Call, DONE, found, get, remove, type Route } from "#sandbox/zendesk/rest/route.ts";
import { ApiError } from "./errors.ts";

const ASKED = {
  client_id: z.string(),
  client_secret: z.string(),
  expires_in: z.coerce.number().int().min(1).max(172_800).optional(),
};
const scope = z.string().min(1);
const Grant = z.discriminatedUnion("grant_type", [
  z.object({ ...ASKED, grant_type: z.literal("client_credentials"), scope }),
  z.object({
    ...ASKED,
    grant_type: z.literal("refresh_token"),
    refresh_token: z.string(),
    scope: scope.optional(),
  }),
  z.object({
    ...ASKED,
    grant_type: z.literal("authorization_code"),
    code: z.string(),
    redirect_uri: z.string(),
    code_verifier: z.string().optional(),
    scope,
  }),
]);

/** What a person's browser asks for. */
const Authorization = z.object({
  response_type: z.literal("code"),
  client_id: z.string(),
  redirect_uri: z.string(),
  scope,
  state: z.string().optional(),
  code_challenge: z.string().optional(),
  code_challenge_method: z.literal("S256").optional(),
});
const CODE_MS = 120_000;
const Code = Authorization.extend({ at: z.number() });

/**
 * `GET /oauth/authorizations/new`, as if the client's user were signed in and allowed it: where the browser goes next,
 * with a code for two minutes. Null for a request that Zendesk shows an error for.
 */
export function authorize(desk: Desk, query: unknown): string | null {
  const asked = Authorization.safeParse(query);
  if (!asked.success || !desk.clients.get(asked.data.client_id)) return null;
  if (!desk.settings.redirectUrls.includes(asked.data.redirect_uri)) return null;
  const code = randomBytes(24).toString("hex");
  const value = JSON.stringify({ ...asked.data, at: desk.now().getTime() });
  desk.write(() => desk.secrets.put({ id: `code ${code}`, value }));
  const next = new URL(asked.data.redirect_uri);
  next.searchParams.set("code", code);
  if (asked.data.state !== undefined) next.searchParams.set("state", asked.data.state);
  return next.href;
}

/** Uses a code up; whether it was good for this client, address and verifier. */
function isGoodCode(
  desk: Desk,
  grant: Extract<z.output<typeof Grant>, { readonly grant_type: "authorization_code" }>,
): boolean {
  const kept = desk.secrets.get(`code ${grant.code}`);
  if (kept === undefined) return false;
  desk.secrets.remove(kept.id);
  const code = Code.parse(JSON.parse(kept.value));
  const challenge =
    grant.code_verifier === undefined
      ? undefined
      : createHash("sha256").update(grant.code_verifier).digest("base64url");
  return (
    code.client_id === grant.client_id &&
    code.redirect_uri === grant.redirect_uri &&
    code.code_challenge === challenge &&
    desk.now().getTime() - code.at < CODE_MS
  );
}

/** How long a token lives when the request does not say. */
const TOKEN_SECONDS = 1_800;
const REFRESH_SECONDS = 2_592_000;

/** `POST /oauth/tokens`: client credentials, a code, and refresh, which ends the old pair. Errors as in RFC 6749 5.2. */
export function grantToken(desk: Desk, body: unknown): Record<string, unknown> {
  const parsed = Grant.safeParse(body ?? {});
  if (!parsed.success)
    throw oauthError(400, "invalid_request", "The request is missing a required parameter.");
  const grant = parsed.data;
  const client = desk.clients.get(grant.client_id);
  if (!client || !isSameText(client.secret, grant.client_secret)) {
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
    if (grant.grant_type === "authorization_code" && !isGoodCode(desk, grant))
      throw oauthError(400, "invalid_grant", "The provided access grant is invalid or expired.");
    const seconds = grant.expires_in ?? TOKEN_SECONDS;
    const token: Token = desk.save(desk.tokens, {
      id: randomBytes(32).toString("hex"),
      user_id: client.user_id,
      client_id: client.id,
      scopes,
      expires_at_ms: nowMs + seconds * 1000,
      refresh: randomBytes(32).toString("hex"),
      refresh_expires_at_ms: nowMs + REFRESH_SECONDS * 1000,
    });
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

/** A token's number, by which it is shown and ended; its own text is never shown again. */
function tokenNumber({ id }: Token): number {
  return Number.parseInt(createHash("sha256").update(id).digest("hex").slice(0, 12), 16);
}

/** "Only the first 10 characters of the access token are included" (Show Current Token). */
const TOKEN_SHOWN = 10;

/** The caller's own token, and its end with that of the refresh token that came with it. */
export const TOKEN_ROUTES: readonly Route[] = [
  get("/oauth/tokens/current", "signed-in", (call) => {
    const token = found(call.desk.tokens.get(bearer(call)));
    const at = stamp(call.desk.now());
    const expiry = token.expires_at_ms === null ? null : stamp(new Date(token.expires_at_ms));
    const row = { id: tokenNumber(token), user_id: token.user_id, scopes: token.scopes };
    const shownToken = shown(call.desk, "oauth/tokens", row, {
      // A client's number, which accounts have beside its name.
      client_id: 1,
      token: token.id.slice(0, TOKEN_SHOWN),
      refresh_token: token.refresh?.slice(0, TOKEN_SHOWN) ?? null,
      created_at: at,
      used_at: at,
      expires_at: expiry,
    });
    return { body: { token: shownToken } };
  }),
  remove("/oauth/tokens/:id", "signed-in", (call) => {
    const token = found(
      call.desk.tokens
        .all()
        .find((one) => tokenNumber(one) === call.id() && one.user_id === call.actor.user.id),
    );
    call.desk.write(() => call.desk.tokens.remove(token.id));
    return DONE;
  }),
];

function bearer(call: Call): string {
  return call.header("authorization")?.replace(/^Bearer\s+/iu, "") ?? "";
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
