/** One request for an OAuth access token (RFC 6749 4.1, 4.4 and 6): a form is sent, and JSON comes back. */
import { exchangeOnce, type Fetch, type HttpExchange } from "./http-answer.ts";
import { z } from "zod";
import type { Clock } from "#core/contracts/ports.ts";

/** A token that was just issued. */
export interface IssuedToken {
  readonly access: string;
  /** The refresh token for next time; null when the response had none and the previous one stays valid. */
  readonly refresh: string | null;
  readonly expiresInMs: number;
}

/** Where tokens are given out, and by what the client proves itself. */
export interface TokenEndpoint {
  /** `https`, or plain `http` to this machine. */
  readonly url: string;
  readonly clientId: string;
  /** Null for a client that was registered without one. */
  readonly clientSecret: string | null;
  /** In the header, both names are encoded as in a form before they are joined (RFC 6749 2.3.1). */
  readonly credentialsIn: "header" | "body";
  /** Space-separated; null where the grant says it. */
  readonly scope: string | null;
}

/** A code that a person's browser brought (RFC 6749 4.1.3), with what its challenge was made of (RFC 7636). */
interface CodeGrant {
  readonly code: string;
  readonly redirectUri: string;
  readonly verifier: string;
}

/** What an endpoint says to a request for a token. */
export type TokenReply =
  | ({ readonly kind: "issued" } & IssuedToken)
  | {
      readonly kind: "refused";
      /** The same request would be refused again. */
      readonly isFinal: boolean;
      readonly status: number;
      /** The code of RFC 6749 5.2, such as `invalid_grant`; null where the answer has none. */
      readonly error: string | null;
      /** May quote what was sent. */
      readonly description: string;
      readonly retryAfterMs: number | undefined;
    }
  | { readonly kind: "unanswered"; readonly cause: unknown };

/** Without a stated life (RFC 6749 5.1 only recommends one), half of the usual hour. */
const LIFE_SECONDS = 1_800;
const IssuedAnswer = z
  .object({
    access_token: z.string().regex(/^[\x21-\x7e]+$/),
    refresh_token: z.string().min(1).nullable().default(null),
    expires_in: z.coerce.number().positive().nullish(),
  })
  .transform(({ access_token: access, refresh_token: refresh, expires_in: seconds }) => ({
    kind: "issued" as const,
    access,
    refresh,
    expiresInMs: (seconds ?? LIFE_SECONDS) * 1_000,
  }));
const RefusedAnswer = z
  .object({
    error: z
      .string()
      .regex(/^[a-z_]{1,60}$/)
      .nullable()
      .catch(null),
    error_description: z.string().catch(""),
  })
  .catch({ error: null, error_description: "" })
  .transform(({ error, error_description: description }) => ({ error, description }));

const ANSWER_BYTES_MAX = 64 * 1024;
/** Said with a 4xx by an endpoint that may say otherwise soon. */
const LATER = new Set<unknown>(["temporarily_unavailable", "server_error", "slow_down"]);
const LATER_STATUSES = new Set([408, 425, 429]);

/**
 * Asks for a token once, with a refresh token, with a code or, without either, in the application's own name. A kept-alive connection may
 * just have been closed, so the latter is sent a second time when it got no answer; a refresh may have been carried out.
 * Never throws.
 */
export async function requestToken(
  endpoint: TokenEndpoint,
  grant: string | CodeGrant | null,
  over: { readonly fetch?: Fetch; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<TokenReply> {
  const { signal, clock, fetch: send = fetch } = over;
  const request = { url: endpoint.url, method: "POST", ...tokenForm(endpoint, grant) };
  const asked = (): Promise<HttpExchange> =>
    exchangeOnce(request, { fetch: send, clock, answerBytesMax: ANSWER_BYTES_MAX }, signal);
  const ended = await asked();
  const isAskedAgain = ended.kind !== "answered" && grant === null && !signal.aborted;
  return replyIn(isAskedAgain ? await asked() : ended);
}

function replyIn(ended: HttpExchange): TokenReply {
  if (ended.kind !== "answered") return { kind: "unanswered", cause: ended.cause };
  const { status, body, retryAfterMs } = ended;
  const issued = IssuedAnswer.safeParse(body);
  if (status >= 200 && status < 300 && issued.success) return issued.data;
  const { error, description } = RefusedAnswer.parse(body);
  const isLater = status < 400 || status >= 500 || LATER_STATUSES.has(status) || LATER.has(error);
  return { kind: "refused", isFinal: !isLater, status, error, description, retryAfterMs };
}

function tokenForm(
  { clientId, clientSecret, credentialsIn, scope }: TokenEndpoint,
  grant: string | CodeGrant | null,
): { readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const isInHeader = credentialsIn === "header";
  const both = [clientId, clientSecret ?? ""].map(encodeURIComponent).join(":");
  const form = new URLSearchParams({
    ...(isInHeader ? {} : { client_id: clientId }),
    ...(isInHeader || clientSecret === null ? {} : { client_secret: clientSecret }),
    ...grantFields(grant),
    ...(scope === null ? {} : { scope }),
  });
  return {
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      ...(isInHeader ? { authorization: `Basic ${Buffer.from(both).toString("base64")}` } : {}),
    },
    body: form.toString(),
  };
}

function grantFields(grant: string | CodeGrant | null): Readonly<Record<string, string>> {
  if (grant === null) return { grant_type: "client_credentials" };
  if (typeof grant === "string") return { grant_type: "refresh_token", refresh_token: grant };
  const { code, redirectUri: redirect_uri, verifier: code_verifier } = grant;
  return { grant_type: "authorization_code", code, redirect_uri, code_verifier };
}

/** A token is renewed this long before it expires, or after nine tenths of a short lifetime. */
const AHEAD_MS = 5 * 60_000;
const AHEAD_SHARE = 0.1;
/** How long before its end a token of this life is renewed. */
export function renewedAheadMs(lifetimeMs: number): number {
  return Math.min(AHEAD_MS, lifetimeMs * AHEAD_SHARE);
}
