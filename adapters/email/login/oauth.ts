/** OAuth sign-in for mailboxes. */

import { z } from "zod";
import { GrantRefused, renewedToken, type IssuedToken } from "#core/connection/oauth-token.ts";
import type { Clock, Log, TokenVault } from "#core/contracts/ports.ts";
import { jsonOrNull } from "#core/values/canonical-json.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { MailToken } from "./sign-in.ts";

/** One mailbox's way to its tokens. */
export interface MailOAuth {
  /** Also its name in the vault, such as `mail support at shop.example`. */
  readonly name: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string | null;
  readonly scope: string | null;
  /** The first one; the provider may send another with each token, which is kept and used from then on. */
  readonly refreshToken: string | null;
}

/**
 * Access tokens of one mailbox, renewed before they expire by one process for all. `channel.unauthorized` says what to
 * do; the provider is then not asked again for five minutes.
 */
export function mailToken(
  oauth: MailOAuth,
  surroundings: {
    readonly vault: TokenVault;
    readonly clock: Clock;
    readonly log: Log;
    readonly timeoutMs: number;
  },
): MailToken {
  const { name, tokenUrl, clientId, clientSecret, scope, refreshToken } = oauth;
  const { credential } = renewedToken({
    ...surroundings,
    identity: {
      name,
      // A client without a secret has only its refresh token as a secret of its own.
      sealSecret: clientSecret ?? refreshToken ?? "",
      place: `${tokenUrl} ${clientId}`,
      origin: scope ?? "",
      refreshToken,
      exchange: (refresh) =>
        requestToken({
          url: tokenUrl,
          clientId,
          clientSecret,
          scope,
          refreshToken: refresh,
          timeoutMs: surroundings.timeoutMs,
        }),
      exchangeWords: (refused) => wordsFor(refused, refreshToken !== null),
      refusedWords:
        "the server refuses the access token, and the one it was exchanged for: docs/email.md says what the mailbox and the application need",
      stopLine: "a mailbox gets no usable token; its issuer is left alone for five minutes",
    },
  });
  return credential;
}

/** What a refused exchange means, with what to do. */
function wordsFor({ error, message }: GrantRefused, isRefresh: boolean): string {
  if (error === "invalid_grant" && isRefresh)
    return `the refresh token was revoked or has run out: authorize the application once more and put the new one in its place (${message})`;
  return `no token is issued (${message}): compare tenant, client id, client secret and its end with those at the provider`;
}

// How a mail provider gives out access tokens (RFC 6749 sections 4.4 and 6): one POST of a form, one JSON answer.

/** What is asked with. */
interface TokenRequest {
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
async function requestToken(request: TokenRequest): Promise<IssuedToken> {
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
