/** How a mail provider gives out access tokens (RFC 6749 sections 4.4 and 6): one POST of a form, one JSON answer. */
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { GrantRefused, type IssuedToken } from "#core/connection/oauth-token.ts";
import { jsonOrNull } from "#core/values/canonical-json.ts";

/** What is asked with. */
export interface TokenRequest {
  /** `https`, or plain `http` to this machine. */
  readonly url: string;
  readonly clientId: string;
  /** Null for a client that was registered without one. */
  readonly clientSecret: string | null;
  /** Null where the refresh token says what it is for. */
  readonly scope: string | null;
  /** Null asks in the application's own name. */
  readonly refreshToken: string | null;
  readonly timeoutMs: number;
}

const IssuedAnswer = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  refresh_token: z.string().min(1).nullish(),
  expires_in: z.coerce.number().positive().nullish(),
});
const RefusedAnswer = z.object({ error: z.string(), error_description: z.string().nullish() });

/** Both providers name a life of about an hour; one that does not is asked again after half of it. */
const LIFE_SECONDS = 1_800;
const ANSWER_BYTES_MAX = 64 * 1024;
const WORDS_MAX = 200;
/** Said with a 4xx by an endpoint that may say otherwise soon. */
const LATER = ["temporarily_unavailable", "server_error", "slow_down"];

/**
 * Asks for a token. Throws `GrantRefused` for what stays refused, `channel.unavailable` when it is worth another try.
 * Neither names a secret: of the answer only its code and description are kept.
 */
export async function requestToken(request: TokenRequest): Promise<IssuedToken> {
  const { status, body } = await post(request);
  if (status === 200) {
    const issued = IssuedAnswer.safeParse(body);
    // The cause would quote the answer, which holds tokens.
    if (!issued.success)
      throw new DeskhandError("channel.unavailable", "the token endpoint's answer is no token");
    const { access_token, refresh_token, expires_in } = issued.data;
    return {
      access: access_token,
      refresh: refresh_token ?? null,
      expiresInMs: (expires_in ?? LIFE_SECONDS) * 1_000,
    };
  }
  const { error = String(status), error_description } = RefusedAnswer.safeParse(body).data ?? {};
  const isFinal = status >= 400 && status < 500 && ![408, 425, 429].includes(status);
  if (isFinal && !LATER.includes(error))
    throw new GrantRefused(error, `${error}: ${error_description ?? ""}`.slice(0, WORDS_MAX));
  throw new DeskhandError("channel.unavailable", `the token endpoint answers ${status}`);
}

async function post(
  request: TokenRequest,
): Promise<{ readonly status: number; readonly body: unknown }> {
  try {
    const response = await fetch(request.url, {
      method: "POST",
      headers: { accept: "application/json" },
      body: formOf(request),
      // Secrets must not follow a redirect to another host.
      redirect: "manual",
      signal: AbortSignal.timeout(request.timeoutMs),
    });
    return { status: response.status, body: jsonOrNull(await boundedText(response)) };
  } catch (cause) {
    if (cause instanceof DeskhandError) throw cause;
    throw new DeskhandError("channel.unavailable", "the token endpoint cannot be reached", {
      cause,
    });
  }
}

/** The answer up to its limit; an endpoint that says more is none. */
async function boundedText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX)
      throw new DeskhandError("channel.unavailable", "the token endpoint's answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function formOf({ clientId, clientSecret, scope, refreshToken }: TokenRequest): URLSearchParams {
  return new URLSearchParams({
    client_id: clientId,
    ...(clientSecret === null ? {} : { client_secret: clientSecret }),
    ...(refreshToken === null
      ? { grant_type: "client_credentials" }
      : { grant_type: "refresh_token", refresh_token: refreshToken }),
    ...(scope === null ? {} : { scope }),
  });
}
