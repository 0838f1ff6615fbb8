/** Exchanges an OAuth grant for an access token at Zendesk. */
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { GrantRefused, type IssuedToken } from "#core/connection/oauth-token.ts";

/** What a client asks a token for (RFC 6749 4.4.2 and 6). */
export type Grant =
  | {
      readonly kind: "client_credentials";
      readonly clientId: string;
      readonly clientSecret: string;
      readonly scope: string;
    }
  | {
      readonly kind: "refresh_token";
      readonly clientId: string;
      readonly clientSecret: string;
      readonly refreshToken: string;
    };

const TokenAnswer = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  refresh_token: z.string().min(1).nullish(),
  expires_in: z.number().positive().nullish(),
});
const ErrorAnswer = z.object({ error: z.string(), error_description: z.string().nullish() });

/** A token without a stated lifetime is assumed to have Zendesk's default, half an hour. */
const DEFAULT_LIFETIME_SECONDS = 1_800;
const MESSAGE_CHARACTERS_MAX = 200;

/**
 * `POST /oauth/tokens`. Throws `GrantRefused` for a final refusal, `channel.unavailable` when a retry may help. Neither
 * error names a secret: of Zendesk's answer only the code and description are kept.
 */
export async function grantToken(
  url: string,
  grant: Grant,
  timeoutMs: number,
): Promise<IssuedToken> {
  const address = `${url.replace(/(?<!\/)\/+$/, "")}/oauth/tokens`;
  const { status, body } = await post(address, grant, timeoutMs).catch(async (error: unknown) => {
    // A kept-alive connection may just have been closed. A second request does no harm, unless the first was carried
    // out and used up the refresh token.
    if (grant.kind === "refresh_token" || isTimeout(error)) throw error;
    return await post(address, grant, timeoutMs);
  });
  if (status >= 200 && status < 300) {
    const issued = TokenAnswer.safeParse(body);
    // The cause would quote the answer, which holds tokens.
    if (!issued.success)
      throw new DeskhandError("channel.unavailable", "Zendesk's token was not understood");
    const { access_token, refresh_token, expires_in } = issued.data;
    return {
      access: access_token,
      refresh: refresh_token ?? null,
      expiresInMs: (expires_in ?? DEFAULT_LIFETIME_SECONDS) * 1_000,
    };
  }
  const refused = ErrorAnswer.safeParse(body);
  const isFinal = status >= 400 && status < 500 && ![408, 425, 429].includes(status);
  const words = refused.success
    ? `${refused.data.error}: ${refused.data.error_description ?? ""}`
    : `status ${status}`;
  if (isFinal)
    throw new GrantRefused(
      refused.success ? refused.data.error : String(status),
      words.slice(0, MESSAGE_CHARACTERS_MAX),
    );
  throw new DeskhandError("channel.unavailable", `Zendesk issues no token now (status ${status})`);
}

async function post(
  address: string,
  grant: Grant,
  timeoutMs: number,
): Promise<{ readonly status: number; readonly body: unknown }> {
  try {
    const response = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(bodyOf(grant)),
      // Secrets must not follow a redirect to another host.
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const body: unknown = await response.json().catch(() => null);
    return { status: response.status, body };
  } catch (cause) {
    throw new DeskhandError("channel.unavailable", "Zendesk's token endpoint cannot be reached", {
      cause,
    });
  }
}

function isTimeout(error: unknown): boolean {
  const cause = error instanceof DeskhandError ? error.cause : null;
  return cause instanceof Error && cause.name === "TimeoutError";
}

function bodyOf(grant: Grant): Readonly<Record<string, string>> {
  const client = {
    grant_type: grant.kind,
    client_id: grant.clientId,
    client_secret: grant.clientSecret,
  };
  return grant.kind === "client_credentials"
    ? { ...client, scope: grant.scope }
    : { ...client, refresh_token: grant.refreshToken };
}
