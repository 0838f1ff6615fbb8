/**
 * Access tokens by client credentials (RFC 6749 4.4). A token is kept in memory and renewed shortly before it expires, by
 * one request for all callers. A token that is refused early is renewed once; when the new one is refused too, it stays
 * until it may have been repaired, so that a wrong scope does not become a request for a token with each call.
 */
import { z } from "zod";
import { exchangeOnce, type Fetch } from "#core/connection/http-answer.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { withinMs } from "#core/values/deadline.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Authentication, Connection } from "#systems/contract.ts";
import type { SystemSettings } from "#systems/settings.ts";
import { secureAddress } from "./address.ts";
import { type AccessToken, basicCredentials, neededSetting } from "./authentication.ts";

type ClientCredentials = Extract<Authentication, { kind: "client-credentials" }>;

interface Kept {
  readonly access: string;
  readonly renewAt: number;
  /** From when on it is replaced when it is refused: later for one that replaced a refused one itself. */
  readonly replaceFrom: number;
}

const Issued = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  expires_in: z.coerce.number().positive().nullish(),
});
const Refused = z.object({ error: z.string().regex(/^[a-z_]{1,60}$/) });

/** Without a stated life (RFC 6749 5.1 only recommends one), half of the usual hour. */
const LIFE_SECONDS = 1_800;
/** Renewed this long before its end, or after nine tenths of a short life. */
const AHEAD_MS = 5 * 60_000;
const AHEAD_SHARE = 0.1;
const REPLACED_MS = 60_000;
const ANSWER_BYTES_MAX = 64 * 1024;
const SETTING = /^[A-Z][A-Z0-9_]*$/;

/** Throws `system.unavailable` or `config.invalid` while no token is to be had; neither holds a secret. */
export function accessToken(options: {
  readonly connection: Connection;
  readonly authentication: ClientCredentials;
  readonly settings: SystemSettings;
  readonly fetch: () => Fetch;
  readonly clock: Clock;
}): AccessToken {
  const { connection, clock } = options;
  let kept: Kept | null = null;
  let underWay: Promise<string> | null = null;

  async function renewed(isReplaced: boolean): Promise<string> {
    const issued = await withinMs(
      connection.limits.timeoutMs,
      async (signal) => await requestToken(options, signal),
    );
    const now = clock.now().getTime();
    const lifeMs = (issued.expires_in ?? LIFE_SECONDS) * 1_000;
    const renewAt = now + lifeMs - Math.min(AHEAD_MS, lifeMs * AHEAD_SHARE);
    kept = {
      access: issued.access_token,
      renewAt,
      replaceFrom: isReplaced ? now + REPLACED_MS : now,
    };
    return issued.access_token;
  }

  return async (signal, refused) => {
    signal.throwIfAborted();
    const now = clock.now().getTime();
    const isGood = kept !== null && kept.access !== refused && now < kept.renewAt;
    if (kept !== null && (isGood || (refused !== undefined && now < kept.replaceFrom)))
      return kept.access;
    // A caller that leaves must not end the renewal that others wait for.
    underWay ??= renewed(refused !== undefined).finally(() => (underWay = null));
    return await unlessAborted(underWay, signal);
  };
}

async function requestToken(
  options: Parameters<typeof accessToken>[0],
  signal: AbortSignal,
): Promise<z.infer<typeof Issued>> {
  const { connection, authentication, settings, clock } = options;
  const { tokenUrl, credentialsIn = "header", scopes } = authentication;
  const address = SETTING.test(tokenUrl) ? neededSetting(settings, tokenUrl) : tokenUrl;
  const url = secureAddress(address, `the address of the tokens of ${connection.name}`);
  const client = neededSetting(settings, authentication.client);
  const secret = neededSetting(settings, authentication.secret);
  // RFC 6749 2.3.1: both are encoded as in a form before they are joined.
  const encoded = [client, secret].map((text) => encodeURIComponent(text));
  const isInHeader = credentialsIn === "header";
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    ...(scopes.length === 0 ? {} : { scope: scopes.join(" ") }),
    ...(isInHeader ? {} : { client_id: client, client_secret: secret }),
  });
  const credentials = basicCredentials(encoded[0] ?? "", encoded[1] ?? "");
  const ended = await exchangeOnce(
    {
      url: url.href,
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        ...(isInHeader ? { authorization: `Basic ${credentials}` } : {}),
      },
      body: form.toString(),
    },
    { fetch: options.fetch(), clock, answerBytesMax: ANSWER_BYTES_MAX },
    signal,
  );
  const issued = Issued.safeParse(ended.kind === "answered" ? ended.body : null);
  if (ended.kind === "answered" && ended.status < 300 && issued.success) return issued.data;
  throw noToken(connection.name, ended);
}

/** Of the answer only its code is kept: a description may quote what was sent. */
function noToken(name: string, ended: Awaited<ReturnType<typeof exchangeOnce>>): DeskhandError {
  const begin = `${name} cannot be asked, since its token endpoint`;
  if (ended.kind !== "answered")
    return new DeskhandError("system.unavailable", `${begin} does not answer`, {
      cause: ended.cause,
    });
  const refused = Refused.safeParse(ended.body);
  const words = refused.success
    ? `refuses the client: ${refused.data.error}`
    : `answers ${ended.status} without a token`;
  const wait = ended.retryAfterMs;
  return new DeskhandError(
    "system.unavailable",
    `${begin} ${words}`,
    wait === undefined ? {} : { retryAfterMs: wait },
  );
}

async function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = (): void => reject(signal.reason);
  signal.addEventListener("abort", leave);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}
