/**
 * Room: Provider credentials shared by all processes: token exchange, encryption, refused credentials, rate limits.
 * In: client credentials, a token vault, a clock and a log, given by the composition root.
 * Out: access tokens, credential states for the health check, and the time at which a call may start.
 * May touch: the token endpoints it is given, and the vault.
 * This file: OAuth access tokens that expire, renewed by one process and used by all (RFC 6749 4.4 and 6).
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { z } from "zod";
import { keyedDigest } from "#core/values/canonical-json.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Clock, VaultEntry, Log, TokenVault } from "#core/contracts/ports.ts";
import { withinMs } from "#core/values/deadline.ts";
import { exchangeOnce, type Fetch, type HttpExchange } from "./http-answer.ts";

/** The exchange was refused for good. */
class GrantRefused extends Error {
  override readonly name = "GrantRefused";
  readonly error: string;
  constructor(error: string, message: string) {
    super(message);
    this.error = error;
  }
}

/**
 * A token as stored, encrypted. `origin` identifies the credentials it came from; other credentials make it invalid.
 */
const TokenPair = z.object({
  access: z.string(),
  refresh: z.string().nullable(),
  expiresAt: z.number(),
  lifetimeMs: z.number(),
  origin: z.string(),
});
type TokenPair = z.infer<typeof TokenPair>;

/** One identity of ours, and how it gets its tokens. */
interface RenewedIdentity {
  /** Also the name in the vault, such as `zendesk writer`. */
  readonly name: string;
  readonly endpoint: Omit<TokenEndpoint, "credentialsIn">;
  /** Separates this identity's tokens from those of another account; part of the encryption key. */
  readonly account: string;
  /** What else the token came from, such as its scope: a token of another origin is not used. */
  readonly origin: string;
  /** The first refresh token; null for a grant that needs none. */
  readonly refreshToken: string | null;
  /** What a refresh token that was refused means and what to do; `said` is the endpoint's code and description. */
  readonly refreshWords: (said: string) => string;
  /** The same for any other refusal of the endpoint. */
  readonly grantWords: (said: string) => string;
  /** The same for a token that is refused although it is new. */
  readonly refusedWords: string;
  /** The log message when the identity stops. */
  readonly stopLine: string;
}

interface Options {
  readonly identity: RenewedIdentity;
  readonly vault: TokenVault;
  readonly clock: Clock;
  readonly log: Log;
  /** For one exchange, in milliseconds. */
  readonly timeoutMs: number;
}

/** How often to read the vault while another process makes the exchange. */
const LOOK_MS = 100;
/** If a token that replaced a refused one is refused within this time, the identity stops. */
const REPLACED_MS = 5 * 60_000;

/**
 * Returns the access token of an identity. It is renewed before it expires and once more when the caller passes the
 * token that was just refused; all processes share one exchange. Throws `channel.unauthorized` while the identity is
 * stopped and `channel.unavailable` when no token can be had now.
 *
 * A token is kept in the vault and used until shortly before it expires. The process that needs a new one claims the
 * exchange, makes it outside a transaction, and stores the result; the others use the old token while it lasts and read
 * the vault again. A token that is refused early causes one exchange; when the new token or the exchange itself is
 * refused, the identity stops and says what to do.
 *
 * A refresh may invalidate the pair it was given, which leaves its result as the only valid pair. The result is stored
 * even when the claim has expired meanwhile, unless another process stored one first.
 */
export function renewedToken(options: Options) {
  const { identity, clock, log } = options;
  const stopped = credentialPause({ clock, log, line: identity.stopLine });
  const renew = rotation(options);
  const memory: { pair: TokenPair | null; replacedAt: number | null } = {
    pair: null,
    replacedAt: null,
  };
  let underWay: Promise<TokenPair> | null = null;

  /** One exchange at a time in this process; concurrent callers get the same result. */
  async function renewed(refused: string | null): Promise<TokenPair> {
    const joined = underWay !== null;
    underWay ??= renew(refused).finally(() => (underWay = null));
    const pair = await underWay.catch((error: unknown) => {
      if (!(error instanceof GrantRefused)) throw error;
      const isRefresh = error.error === "invalid_grant" && identity.refreshToken !== null;
      const words = isRefresh ? identity.refreshWords : identity.grantWords;
      throw stopped.begin(words(error.message), error);
    });
    // The exchange that was under way did not know yet that this token is refused.
    if (joined && pair.access === refused) return await renewed(refused);
    if (memory.pair?.access !== pair.access)
      Object.assign(memory, { pair, replacedAt: refused === null ? null : clock.now().getTime() });
    return pair;
  }

  async function replaced(refused: string): Promise<string> {
    const { pair, replacedAt } = memory;
    // Another caller replaced the token already.
    if (pair !== null && pair.access !== refused) return pair.access;
    stopped.check();
    const now = clock.now().getTime();
    if (pair !== null && replacedAt !== null && now - replacedAt < REPLACED_MS)
      throw stopped.begin(identity.refusedWords);
    return (await renewed(refused)).access;
  }

  return {
    standing: stopped,
    credential: async (refused?: string): Promise<string> => {
      if (refused !== undefined) return await replaced(refused);
      stopped.check();
      const { pair } = memory;
      if (pair !== null && !isNearEnd(pair, clock.now())) return pair.access;
      return (await renewed(null)).access;
    },
  };
}

function newerPair(one: TokenPair | null, other: TokenPair | null): TokenPair | null {
  return (one?.expiresAt ?? 0) > (other?.expiresAt ?? 0) ? one : other;
}

function isNearEnd({ expiresAt, lifetimeMs }: TokenPair, now: Date): boolean {
  return expiresAt - now.getTime() <= renewedAheadMs(lifetimeMs);
}

/** One exchange. Throws `GrantRefused`, and `channel.unavailable` when another try may succeed; neither names a secret. */
async function issuedToken(
  { identity, clock, timeoutMs }: Options,
  refreshToken: string | null,
): Promise<IssuedToken> {
  const { name } = identity;
  const endpoint = { ...identity.endpoint, credentialsIn: "body" } as const;
  const reply = await withinMs(timeoutMs, (signal) =>
    requestToken(endpoint, refreshToken, { clock, signal }),
  );
  if (reply.kind === "issued") return reply;
  const later = (words: string, cause?: unknown): DeskhandError =>
    new DeskhandError("channel.unavailable", `the token endpoint of ${name} ${words}`, { cause });
  if (reply.kind === "unanswered") throw later("cannot be reached", reply.cause);
  const { isFinal, status, error, description } = reply;
  if (!isFinal) throw later(status < 300 ? "gives no token" : `answers ${status}`);
  const said = error === null ? `status ${status}` : `${error}: ${description}`;
  throw new GrantRefused(error ?? String(status), said.slice(0, WORDS_MAX));
}

const WORDS_MAX = 200;

/** The exchange, shared by all processes. */
function rotation(options: Options): (refused: string | null) => Promise<TokenPair> {
  const { identity, vault, clock, timeoutMs } = options;
  const { name, endpoint, account, refreshToken } = identity;
  // Read access to the vault alone does not reveal a token. A client without a secret has only its refresh token as one.
  const sealSecret = endpoint.clientSecret ?? refreshToken ?? "";
  const sealed = createEncryption(sealSecret, `${name} ${account} ${endpoint.clientId}`);
  const origin = keyedDigest(sealSecret, `${identity.origin} ${refreshToken ?? ""}`);

  function keptPair({ value }: VaultEntry): TokenPair | null {
    const text = value === null ? null : sealed.open(value);
    const parsed = text === null ? null : TokenPair.safeParse(JSON.parse(text));
    return parsed?.success === true && parsed.data.origin === origin ? parsed.data : null;
  }

  function usable(
    pair: TokenPair | null,
    refused: string | null,
    spare: boolean,
  ): pair is TokenPair {
    if (pair === null || pair.access === refused) return false;
    const now = clock.now();
    return spare ? pair.expiresAt > now.getTime() : !isNearEnd(pair, now);
  }

  // What a vault that failed did not take: the refresh that brought it has made the vault's own pair invalid.
  let unsaved: TokenPair | null = null;

  async function exchange(kept: VaultEntry): Promise<TokenPair> {
    const old = newerPair(unsaved, keptPair(kept));
    // Use the refresh token that came with the newest pair; before the first one, the one from the configuration.
    const refresh = refreshToken === null ? null : (old?.refresh ?? refreshToken);
    const issued = await issuedToken(options, refresh);
    const pair: TokenPair = {
      access: issued.access,
      refresh: issued.refresh ?? old?.refresh ?? null,
      expiresAt: clock.now().getTime() + issued.expiresInMs,
      lifetimeMs: issued.expiresInMs,
      origin,
    };
    unsaved = pair;
    const isNewest = await vault.put(name, kept.generation, sealed.seal(JSON.stringify(pair)));
    unsaved = null;
    if (isNewest) return pair;
    // Another process stored its pair first, and all processes use that one.
    return keptPair(await vault.read(name)) ?? pair;
  }

  async function attempt(refused: string | null): Promise<TokenPair | null> {
    const found = keptPair(await vault.read(name));
    if (usable(found, refused, false)) return found;
    const kept = await vault.claim(name, timeoutMs * 2);
    // Another process is making the exchange. The old token serves until then, unless a refresh is about to invalidate
    // it.
    if (kept === null) {
      const lasts = refreshToken === null && usable(found, refused, true);
      return lasts ? found : null;
    }
    const fresh = keptPair(kept);
    try {
      if (!usable(fresh, refused, false)) return await exchange(kept);
    } catch (error) {
      await vault.release(name, kept.generation);
      // When a claim expires during the exchange, another process may exchange first and invalidate our refresh token.
      const newest = keptPair(await vault.read(name));
      if (usable(newest, refused, false)) return newest;
      // The early renewal failed, but the old token has not expired yet.
      if (!(error instanceof GrantRefused) && usable(fresh, refused, true)) return fresh;
      throw error;
    }
    await vault.release(name, kept.generation);
    return fresh;
  }

  return async (refused) => {
    const looks = Math.ceil((timeoutMs * 2) / LOOK_MS);
    for (let look = 0; look < looks; look += 1) {
      const pair = await attempt(refused);
      if (pair !== null) return pair;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    throw new DeskhandError("channel.unavailable", `the ${name}'s token is not there in time`);
  };
}

/** Whether one of our identities can be used, in text for the health check and for the operator. */
export interface CredentialState {
  /** Null while the identity works. */
  problem(): string | null;
}

/**
 * Calls with a credential that was just refused fail at once. After this long the next call is let through, so an
 * account that was repaired needs no restart.
 */
const STOP_MS = 5 * 60_000;

/**
 * Remembers that a provider refused a credential, and blocks calls to the account for a while. The stop has not begun;
 * `line` is the log message when it begins.
 */
function credentialPause({
  clock,
  log,
  line,
}: Pick<Options, "clock" | "log"> & { readonly line: string }) {
  const state: { words: string; untilMs: number } = { words: "", untilMs: 0 };
  const restMs = (): number => state.untilMs - clock.now().getTime();
  const refusal = (cause?: unknown): DeskhandError =>
    new DeskhandError("channel.unauthorized", state.words, {
      retryAfterMs: Math.max(1_000, restMs()),
      notTried: true,
      cause,
    });
  return {
    /** Throws while the credential must not be used. */
    check(): void {
      if (restMs() > 0) throw refusal();
    },
    /** Starts or extends the stop; returns the error to throw. */
    begin(words: string, cause?: unknown): DeskhandError {
      if (restMs() <= 0) log.error(line, { reason: words });
      state.words = words;
      state.untilMs = clock.now().getTime() + STOP_MS;
      return refusal(cause);
    },
    problem: (): string | null => (restMs() > 0 ? state.words : null),
  };
}

const CIPHER = "aes-256-gcm";
const VERSION = "v1";

/**
 * Encrypts and decrypts text, so that read access to the storage does not reveal it: AES-256-GCM under a key derived
 * from `secret` (HKDF with SHA-256, RFC 5869). `purpose` is part of the key, so text encrypted for one purpose cannot
 * be substituted for text of another.
 */
function createEncryption(secret: string, purpose: string) {
  const key = Buffer.from(hkdfSync("sha256", secret, "deskhand sealing", purpose, 32));
  return {
    seal(text: string): string {
      const nonce = randomBytes(12);
      const cipher = createCipheriv(CIPHER, key, nonce);
      const bytes = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return [VERSION, nonce, cipher.getAuthTag(), bytes]
        .map((part) => (typeof part === "string" ? part : part.toString("base64url")))
        .join(".");
    },
    /** Null for text that was encrypted with another key, was changed, or is not encrypted text. */
    open(sealed: string): string | null {
      const [version, nonce = "", tag = "", bytes = ""] = sealed.split(".");
      if (version !== VERSION) return null;
      try {
        const decipher = createDecipheriv(CIPHER, key, Buffer.from(nonce, "base64url"));
        decipher.setAuthTag(Buffer.from(tag, "base64url"));
        const text = [decipher.update(Buffer.from(bytes, "base64url")), decipher.final()];
        return Buffer.concat(text).toString("utf8");
      } catch {
        // Node reports a wrong key and changed text the same way, and so does this function.
        return null;
      }
    },
  };
}

interface IssuedToken {
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
