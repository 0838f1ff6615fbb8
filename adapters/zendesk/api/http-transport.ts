/** The HTTP transport below node-zendesk: limits, credentials, and what failed calls mean. */
import { AsyncLocalStorage } from "node:async_hooks";
import { Readable } from "node:stream";
import { exchangeOnce, retryAfterMs } from "#core/connection/http-answer.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { z } from "zod";
import { type LimitedCall, type Limiter, rateHeader } from "./rate-limit.ts";
import type { Credential } from "#zendesk/options.ts";

/** A call that did not end in a readable success. */
export class ZendeskFailure extends Error {
  override readonly name = "ZendeskFailure";
  /** `unsent`: nothing left this machine. `lost`: it may have been carried out. `answered`: Zendesk refused it. */
  readonly kind: "unsent" | "lost" | "answered";
  /** Zero unless answered. */
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  /** Ids of the ticket fields that Zendesk reported missing. */
  readonly fields: readonly number[];

  constructor(
    kind: "unsent" | "lost" | "answered",
    message: string,
    options: {
      cause?: unknown;
      status?: number;
      retryAfterMs?: number | undefined;
      fields?: readonly number[];
    } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.kind = kind;
    this.status = options.status ?? 0;
    this.retryAfterMs = options.retryAfterMs;
    this.fields = options.fields ?? [];
  }
}

/** What is added to the address of a call, over what the library put there; undefined takes a parameter away. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** What one call has of its own; the library only has options per client. */
export interface CallContext {
  readonly signal: AbortSignal;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Query;
  /** How long it may wait for room in the limits. */
  readonly waitMsMax: number;
  /** The key of its place in the limits, where it has one. */
  readonly key?: string | undefined;
  /** What Zendesk answered, once it has. */
  answer?: Answer;
}

/** How the account is reached, whatever the call. */
export interface TransportOptions {
  /** Every call stays below this address, whatever path the library makes. */
  readonly base: string;
  readonly token: Credential;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly limiter: Limiter;
  /** True refuses every call that is no GET before it leaves this machine. */
  readonly readOnly: boolean;
  /** Receives the headers of every answer before the caller acts on it. */
  readonly heard: (headers: Headers) => void;
}

/** A readable success of Zendesk, as it came. */
export interface Answer {
  /** What was called, below `/api/v2` and without a query. */
  readonly path: string;
  readonly body: unknown;
}

/** What the library hands to a transport, as far as it is used. */
const LibraryRequest = z.object({
  method: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.union([z.string(), z.instanceof(Readable)]).optional(),
});

const ANSWER_BYTES_MAX = 32 * 1024 * 1024;

/**
 * The transport under node-zendesk, which says what is called and gets an empty success for it. From an answer of its
 * own the library would take the envelope, and with it cursors, audits and comment ids; it walks pages by itself,
 * resolves with an Error object for any answer that carries Retry-After, and with `{}` for 502, 504 and 413, so that a
 * failed reply would be booked as sent. This one throws for everything that is not a readable success, keeps status,
 * Retry-After and body, and gives the answer to the caller.
 */
export function safeTransport(options: TransportOptions) {
  const calls = new AsyncLocalStorage<CallContext>();
  return {
    /** What node-zendesk takes under this name. */
    transportConfig: {
      async transportFn(uri: string, prepared: unknown): Promise<void> {
        const context = calls.getStore();
        if (context === undefined || context.answer !== undefined)
          throw new Error("node-zendesk made a call that the client did not ask for");
        const call = await preparedCall(options, context.query, uri, prepared);
        const limited = { ...call, key: context.key };
        await options.limiter.take(limited, context.waitMsMax, context.signal);
        const body = await sendRenewingCredential(options, context, call);
        context.answer = { path: call.path, body };
      },
      responseAdapter: () => ({ status: 200, headers: { get: () => null } }),
    },
    /** What Zendesk answered to the one call that is made while `run` runs. */
    async answerTo(context: CallContext, run: () => Promise<unknown>): Promise<Answer> {
      await calls.run(context, run);
      if (context.answer === undefined) throw new Error("node-zendesk made no call");
      return context.answer;
    },
  };
}

type PreparedCall = Parameters<typeof exchangeOnce>[0] & LimitedCall;

/** A call that stays within the account, and reads where the client may only read, whatever calls it. */
async function preparedCall(
  { base, readOnly }: TransportOptions,
  query: Query,
  uri: string,
  prepared: unknown,
): Promise<PreparedCall> {
  const { method, headers, body } = LibraryRequest.parse(prepared);
  if (readOnly && method.toUpperCase() !== "GET")
    throw new DeskhandError(
      "channel.refused",
      `a ${method} to Zendesk was not sent: this connection only reads, and nothing was changed`,
    );
  const url = wantedUrl(uri, query);
  const start = `${new URL(base).href}/`;
  if (!url.href.startsWith(start)) throw new Error("a Zendesk call left the account");
  const path = `${url.origin}${url.pathname}`.slice(start.length);
  const bytes = body instanceof Readable ? Buffer.concat(await body.toArray()) : (body ?? null);
  return { url: url.href, path, method, headers, body: bytes };
}

function wantedUrl(uri: string, query: Query): URL {
  const url = new URL(uri);
  // Webhooks and survey responses are found only without the ending `.json`, and everything else is found without too.
  url.pathname = url.pathname.replace(/\.json$/, "");
  // The library adds it to every list it knows; the incremental exports have no such parameter.
  if (url.pathname.includes("/incremental/")) url.searchParams.delete("page[size]");
  for (const [name, value] of Object.entries(query))
    if (value === undefined) url.searchParams.delete(name);
    else url.searchParams.set(name, String(value));
  return url;
}

/**
 * A 401 carried out nothing, so the call is made once more when there is another credential. The second refusal is told
 * as well, so that the credential source can stop giving them.
 */
async function sendRenewingCredential(
  options: TransportOptions,
  context: CallContext,
  call: PreparedCall,
): Promise<unknown> {
  const credentialAfter = async (refused?: string): Promise<string> =>
    await options.token(refused).catch((cause: unknown) => {
      throw unsentFailure(cause);
    });
  const once = async (credential: string): Promise<unknown> => {
    // By lower-case names, so that none stands there twice.
    const own = new Headers({ ...call.headers, ...context.headers });
    const headers = { ...Object.fromEntries(own), authorization: `Bearer ${credential}` };
    return await send(options, context, { ...call, headers });
  };
  const credential = await credentialAfter();
  try {
    return await once(credential);
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    const other = await credentialAfter(credential);
    if (other === credential) throw error;
    return await once(other).catch(async (second: unknown) => {
      if (isUnauthorized(second)) await credentialAfter(other);
      throw second;
    });
  }
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof ZendeskFailure && error.status === 401;
}

/** The body of a readable success; empty where that has none. */
async function send(
  { clock, timeoutMs, limiter, heard }: TransportOptions,
  context: CallContext,
  call: PreparedCall,
): Promise<unknown> {
  const over = { fetch, clock, answerBytesMax: ANSWER_BYTES_MAX };
  const inTime = AbortSignal.any([context.signal, AbortSignal.timeout(timeoutMs)]);
  const ended = await exchangeOnce(call, over, inTime);
  if (ended.kind === "unsent") throw unsentFailure(ended.cause);
  if (ended.kind === "lost")
    throw new ZendeskFailure("lost", "no answer came from Zendesk", { cause: ended.cause });
  const { status, headers, body } = ended;
  // A 429 without Retry-After may carry a reset header in seconds.
  const reset = status === 429 ? rateHeader(headers, "reset") : null;
  const waitMs = ended.retryAfterMs ?? retryAfterMs(reset, clock.now());
  heard(headers);
  await limiter.learn(call, { status, headers, retryAfterMs: waitMs });
  if (status < 200 || status > 299)
    throw new ZendeskFailure("answered", errorText(body, status), {
      status,
      retryAfterMs: waitMs,
      fields: status === 422 ? missingFieldIds(body) : [],
    });
  if (body === undefined && status !== 204)
    throw new ZendeskFailure("lost", "Zendesk's answer is no JSON");
  return body ?? {};
}

function unsentFailure(cause: unknown): ZendeskFailure {
  return new ZendeskFailure("unsent", "Zendesk cannot be reached", { cause });
}

/** Zendesk has at least four envelopes for errors; a 422 names each field with its reason. */
const Envelope = z.object({
  error: z.union([z.string(), z.object({ title: z.string(), message: z.string() })]).optional(),
  description: z.string().optional(),
  error_description: z.string().optional(),
  errors: z.array(z.object({ code: z.string().optional(), title: z.string() })).optional(),
  details: z
    .record(
      z.string(),
      z.array(z.object({ description: z.string(), ticket_field_id: z.int().nullish() })),
    )
    .optional(),
});

/** Ids of the ticket fields that a refusal names. */
function missingFieldIds(body: unknown): readonly number[] {
  const parsed = Envelope.safeParse(body);
  const reasons = Object.values(parsed.data?.details ?? {}).flat();
  return [...new Set(reasons.flatMap(({ ticket_field_id: id }) => id ?? []))];
}

const MESSAGE_CHARACTERS_MAX = 500;

function errorText(body: unknown, status: number): string {
  const parsed = Envelope.safeParse(body);
  const envelope = parsed.success ? parsed.data : {};
  const { error, errors, details } = envelope;
  const fields = Object.entries(details ?? {}).map(
    ([field, reasons]) => `${field}: ${reasons.map(({ description }) => description).join(", ")}`,
  );
  const words = [
    typeof error === "object" ? `${error.title}: ${error.message}` : error,
    envelope.description ?? envelope.error_description,
    ...(errors ?? []).map(({ code, title }) => (code === undefined ? title : `${code}: ${title}`)),
    ...fields,
  ].filter((word) => word !== undefined);
  return `Zendesk answered ${status}${words.length === 0 ? "" : ` (${words.join("; ")})`}`.slice(
    0,
    MESSAGE_CHARACTERS_MAX,
  );
}

/** Throws what a failed read means: it changed nothing, so the only question is whether to try again. */
export function throwReadError(error: unknown): never {
  throw error instanceof ZendeskFailure ? errorFor(error, "channel.unavailable") : error;
}

/** Throws what a failed write means for its effect. */
export function throwWriteError(error: unknown): never {
  if (!(error instanceof ZendeskFailure)) throw error;
  throw error.status === 409
    ? toDeskhandError("channel.conflict", error)
    : errorFor(error, "channel.uncertain");
}

function errorFor(
  failure: ZendeskFailure,
  whenLost: "channel.unavailable" | "channel.uncertain",
): DeskhandError {
  const { kind, status } = failure;
  if (kind === "unsent") return toDeskhandError("channel.unavailable", failure);
  if (kind === "lost" || status >= 500) return toDeskhandError(whenLost, failure);
  if (status === 429) return toDeskhandError("channel.rate_limited", failure);
  return toDeskhandError(status === 401 ? "channel.unauthorized" : "channel.refused", failure);
}

function toDeskhandError(code: DeskhandError["code"], failure: ZendeskFailure): DeskhandError {
  // The error of a credential that could not be obtained already says what that means.
  if (failure.kind === "unsent" && failure.cause instanceof DeskhandError) return failure.cause;
  return new DeskhandError(code, failure.message, {
    cause: failure,
    retryAfterMs: failure.retryAfterMs,
  });
}
