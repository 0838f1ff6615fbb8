/**
 * Room: calls to the Zendesk API: credentials, rate limits, HTTP, and the schemas of the answers.
 * In: a path, a schema and an abort signal; a body for a write, a file for an upload.
 * Out: the parsed answer, or a `DeskhandError` that says whether the call may have been carried out.
 * May touch: the account's API and file hosts, and the token vault and shared limits that the caller passes in.
 */
import type { Allowances } from "#core/connection/rate-limit.ts";
import { isRecord } from "#core/values/canonical-json.ts";
import { DeskhandError, readAs } from "#core/values/errors.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { z } from "zod";
import { type LimitedCall, type Limiter, zendeskLimiter } from "./rate-limit.ts";
import type { NewFile } from "#zendesk/write/comment-text.ts";
import { UploadAnswer } from "./schema.ts";
import {
  type CallContext,
  type SafeTransport,
  safeTransport,
  throwReadError,
  throwWriteError,
  type TransportOptions,
  ZendeskFailure,
} from "./http-transport.ts";
import type { Credential } from "./credential.ts";
import zendeskSdk from "node-zendesk";

/** A path below `/api/v2`, with the query as the last element when there is one. */
type Path = readonly (string | number | Readonly<Record<string, unknown>>)[];

/**
 * The account's API as one user. Answers are parsed; failures carry the code that fits the caller. A call that would
 * have to wait too long for the account's limits throws `channel.rate_limited` before it is made.
 */
export interface ZendeskClient extends Calls {
  /**
   * The same for work that has begun or is about to be written: it may wait longer, since a partial read is useless
   * and a finished answer goes before a ticket that is still unread.
   */
  readonly longWait: Calls;
  /** The same for calls without a waiting caller: only when there is room at once. */
  readonly noWait: Calls;
  /**
   * Zendesk's own clock in milliseconds, from the last answer's `Date` header and never ahead of it; minus infinity
   * before the first answer.
   */
  serverTime(): number;
}

/** The calls of a client. */
export interface Calls {
  get<Schema extends z.ZodType>(
    path: Path,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema>>;
  /** The same with `null` for a record that does not exist, was deleted, or is hidden from this user. */
  find<Schema extends z.ZodType>(
    path: Path,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema> | null>;
  /** All rows of a list, page by page, as long as Zendesk says that there are more. */
  list<Schema extends z.ZodType>(
    path: readonly (string | number)[],
    row: Schema,
    signal: AbortSignal,
    how?: ListOptions,
  ): Promise<z.output<Schema>[]>;
  /** The same page by page, for a list that is not read to its end. */
  pages<Schema extends z.ZodType>(
    path: readonly (string | number)[],
    row: Schema,
    signal: AbortSignal,
    how?: ListOptions,
  ): AsyncIterable<z.output<Schema>[]>;
  /**
   * Sends a file ahead of the comment it is for, and gives the token that comment has to carry. By itself it changes
   * nothing visible, so a failure is that of a read.
   */
  upload(file: NewFile, signal: AbortSignal): Promise<string>;
  /** Writes once, never again by itself. An answer of another shape is `channel.uncertain`: it was carried out. */
  write<Schema extends z.ZodType>(
    call: {
      readonly method: "PUT" | "POST";
      readonly path: Path;
      readonly body: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    },
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema>>;
}

/** What is asked besides the path of a list, and how its answer differs from the usual. */
interface ListOptions {
  readonly query?: Readonly<Record<string, unknown>>;
  /** The rows' name in the answer, where it is not the last one of the path. */
  readonly name?: string;
  /** True for lists that some accounts get in one piece, without a word of pages. */
  readonly mayBeWhole?: true;
  /** More pages than these make the list `channel.refused`; 60 by default. */
  readonly pagesMax?: number;
}

/** The library's answers are typed loosely; only this much of them is relied on. */
const Answer = z.object({ result: z.unknown() });

/** 5,000 comments are the most a ticket can have. */
const PAGES_MAX = 60;
/** How long a call waits for room in the limits before it fails, in milliseconds. */
const DEFAULT_WAIT_MS = 3_000;
const LONG_WAIT_MS = 12_000;

interface ClientOptions {
  readonly url: string;
  readonly token: Credential;
  /** How long one call may take, in milliseconds; 15,000 by default. */
  readonly timeoutMs?: number;
  readonly clock: Clock;
  /** Shared with other clients of the account; of its own by default, with the two options below. */
  readonly limiter?: Limiter;
  readonly callsPerMinute?: number | undefined;
  readonly allowances?: Allowances | undefined;
  /** How long a call that begins something waits for room in the limits, in milliseconds. */
  readonly waitMsMax?: number;
  /** True refuses every write before it is sent, with `channel.refused`; false when left out. */
  readonly readOnly?: boolean;
}

export function zendeskClient(options: ClientOptions): ZendeskClient {
  const { url, token, timeoutMs = 15_000, clock, limiter = zendeskLimiter(options) } = options;
  const { readOnly = false } = options;
  const base = `${url.replace(/(?<!\/)\/+$/, "")}/api/v2`;
  const server = { at: Number.NEGATIVE_INFINITY };
  const account = { base, token, timeoutMs, clock, readOnly };
  const waiting = (waitMsMax: number): Calls =>
    createCalls({ account, limiter, server, waitMsMax });
  return {
    ...waiting(options.waitMsMax ?? DEFAULT_WAIT_MS),
    longWait: waiting(LONG_WAIT_MS),
    noWait: waiting(0),
    serverTime: () => server.at,
  };
}

interface CallsOptions {
  readonly account: TransportOptions;
  readonly limiter: Limiter;
  readonly server: { at: number };
  readonly waitMsMax: number;
}

/** What one call is made over: the transport, which knows its options, and the library on it. */
type Wire = SafeTransport & { readonly sdk: ReturnType<typeof openSdk> };

function createCalls({ account, limiter, server, waitMsMax }: CallsOptions): Calls {
  async function call<Schema extends z.ZodType>(
    asked: LimitedCall & Omit<CallContext, "onAnswer">,
    run: (wire: Wire) => Promise<unknown>,
    expected: {
      readonly schema: Schema;
      readonly errorCode: "channel.unavailable" | "channel.uncertain";
    },
  ): Promise<z.output<Schema>> {
    const { signal, headers } = asked;
    await limiter.take(asked, waitMsMax, signal);
    const transport = safeTransport(account, {
      signal,
      headers,
      onAnswer: async (answer) => {
        const date = Date.parse(answer.headers.get("date") ?? "");
        if (!Number.isNaN(date)) server.at = date;
        await limiter.learn(asked, answer);
      },
    });
    const sdk = openSdk(account.base, transport);
    const { result } = Answer.parse(await run({ ...transport, sdk }));
    const { schema, errorCode } = expected;
    return readAs(schema, result, errorCode, "Zendesk's answer was not understood");
  }

  async function read<Schema extends z.ZodType>(
    path: Path,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema>> {
    const asked = { signal, headers: {}, method: "GET", path: plainPath(path) };
    const expected = { schema, errorCode: "channel.unavailable" as const };
    return await call(asked, async ({ sdk }) => await sdk.get([...path]), expected);
  }

  const get: Calls["get"] = async (path, schema, signal) =>
    await read(path, schema, signal).catch(throwReadError);

  return {
    get,
    find: async (path, schema, signal) =>
      await read(path, schema, signal).catch((error: unknown) => {
        if (error instanceof ZendeskFailure && error.status === 404) return null;
        return throwReadError(error);
      }),
    async list(path, row, signal, how = {}) {
      const rows = [];
      for await (const page of pagesOf(get, { path, row, ...how }, signal)) rows.push(...page);
      return rows;
    },
    pages: (path, row, signal, how = {}) => pagesOf(get, { path, row, ...how }, signal),
    async upload(file, signal) {
      const run = async (wire: Wire): Promise<unknown> => await sendFile(wire, account.base, file);
      const expected = { schema: UploadAnswer, errorCode: "channel.unavailable" as const };
      const asked = { signal, headers: {}, method: "POST", path: "uploads" };
      const { upload } = await call(asked, run, expected).catch(throwReadError);
      return upload.token;
    },
    async write({ method, path, body, headers = {} }, schema, signal) {
      const run = async ({ sdk }: Wire): Promise<unknown> =>
        method === "PUT" ? await sdk.put([...path], body) : await sdk.post([...path], body);
      // A write whose answer cannot be parsed was still carried out.
      const expected = { schema, errorCode: "channel.uncertain" as const };
      const asked = { signal, headers, method, path: plainPath(path) };
      return await call(asked, run, expected).catch(throwWriteError);
    },
  };
}

function plainPath(path: Path): string {
  return path.filter((part) => typeof part !== "object").join("/");
}

/** The library with its lossy conversions switched off. */
function openSdk(
  base: string,
  transport: SafeTransport,
): ReturnType<typeof zendeskSdk.createClient>["ticketexport"] {
  const sdk = zendeskSdk.createClient({
    endpointUri: base,
    useOAuth: true,
    token: "set by the transport",
    throwOriginalException: true,
    transportConfig: transport,
  }).ticketexport;
  // The library unwraps answers by these names and with the envelope loses cursors, audits and comment ids.
  sdk.jsonAPINames = [];
  // Webhooks and survey responses are found only without the ending `.json`, and everything else is found without too.
  sdk.useDotJson = false;
  return sdk;
}

/** Bypasses the library, which sends files under a media type of its own choice. */
async function sendFile(
  transport: SafeTransport,
  base: string,
  { name, mediaType, bytes }: NewFile,
): Promise<unknown> {
  const uri = `${base}/uploads?filename=${encodeURIComponent(name)}`;
  const prepared = { method: "POST", headers: { "Content-Type": mediaType }, body: bytes };
  return { result: (await transport.transportFn(uri, prepared)).body };
}

async function* pagesOf<Schema extends z.ZodType>(
  get: Calls["get"],
  list: ListOptions & { readonly path: readonly (string | number)[]; readonly row: Schema },
  signal: AbortSignal,
): AsyncGenerator<z.output<Schema>[]> {
  const { path, row, query, pagesMax = PAGES_MAX } = list;
  const schema = pageSchema(row, list.name ?? String(path.at(-1)), list.mayBeWhole);
  let page: Readonly<Record<string, unknown>> = { size: 100 };
  for (let count = 0; count < pagesMax; count += 1) {
    const { rows, meta } = await get([...path, { ...query, page }], schema, signal);
    yield rows;
    // Links to a next page may be there although there is none, so `has_more` alone decides.
    if (!meta.has_more || meta.after_cursor == null) return;
    page = { size: 100, after: meta.after_cursor };
  }
  throw new DeskhandError("channel.refused", `${path.join("/")} has too many pages`);
}

const Meta = z.object({ has_more: z.boolean(), after_cursor: z.string().nullish() });

/** A page of a list, whose rows every list has under another name. */
function pageSchema<Schema extends z.ZodType>(row: Schema, name: string, mayBeWhole = false) {
  return z.preprocess(
    (answer) => {
      if (!isRecord(answer)) return answer;
      return {
        rows: answer[name],
        meta: answer["meta"] ?? (mayBeWhole ? { has_more: false } : null),
      };
    },
    z.object({ rows: z.array(row), meta: Meta }),
  );
}
