/**
 * Room: calls to the Zendesk API: credentials, rate limits, HTTP, and the schemas of the answers.
 * In: what is asked of the library's resources, a schema and an abort signal; a file for an upload.
 * Out: the parsed answer, or a `DeskhandError` that says whether the call may have been carried out.
 * May touch: the account's API and file hosts, and the token vault and shared limits that the caller passes in.
 */
import { isRecord } from "#core/values/canonical-json.ts";
import { DeskhandError, readAs } from "#core/values/errors.ts";
import { Readable } from "node:stream";
import { z } from "zod";
import { type Limiter, zendeskLimiter } from "./rate-limit.ts";
import type { NewFile } from "#zendesk/write/comment-text.ts";
import { UploadAnswer } from "./schema.ts";
import {
  type Answer,
  type CallContext,
  type Query,
  safeTransport,
  throwReadError,
  throwWriteError,
  type TransportOptions,
  ZendeskFailure,
} from "./http-transport.ts";
import type { Credential, ReadingOptions } from "#zendesk/options.ts";
import zendeskSdk from "node-zendesk";

type Library = ReturnType<typeof zendeskSdk.createClient>;

/** The account's resources by the library's names. Its own type of a ticket lacks the stamp of a safe update and more. */
interface Resources extends Omit<Library, "tickets"> {
  readonly tickets: Omit<Library["tickets"], "create" | "update"> & {
    create(body: unknown): Promise<unknown>;
    update(ticketId: number, body: unknown): Promise<unknown>;
  };
}

/**
 * One call by the library's own method, which knows verb, path and query. What that method resolves with is not the
 * answer, which is parsed as it came.
 */
export type Ask = (account: Resources) => Promise<unknown>;

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

/** A read by one call; `Missing` is what is given where there is no such record. */
type Read<Missing> = <Schema extends z.ZodType>(
  ask: Ask,
  schema: Schema,
  signal: AbortSignal,
  query?: Query,
) => Promise<z.output<Schema> | Missing>;

/** The calls of a client. */
export interface Calls {
  readonly get: Read<never>;
  /** The same with `null` for a record that does not exist, was deleted, or is hidden from this user. */
  readonly find: Read<null>;
  /** All rows of a list, page by page, as long as Zendesk says that there are more. */
  list<Schema extends z.ZodType>(
    ask: Ask,
    row: Schema,
    signal: AbortSignal,
    how?: ListOptions,
  ): Promise<z.output<Schema>[]>;
  /** The same page by page, for a list that is not read to its end. */
  pages<Schema extends z.ZodType>(
    ask: Ask,
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
    ask: Ask,
    schema: Schema,
    signal: AbortSignal,
    how?: Partial<Pick<CallContext, "headers" | "key">>,
  ): Promise<z.output<Schema>>;
}

/** What is asked of a list besides, and how its answer differs from the usual. */
interface ListOptions {
  readonly query?: Query;
  /** The rows' name in the answer, where it is not the last one of the path. */
  readonly name?: string;
  /** True for lists that some accounts get in one piece, without a word of pages. */
  readonly mayBeWhole?: true;
  /** More pages than these make the list `channel.refused`; 60 by default. */
  readonly pagesMax?: number;
}

/** 5,000 comments are the most a ticket can have. */
const PAGES_MAX = 60;
/** How long a call waits for room in the limits before it fails, in milliseconds. */
const DEFAULT_WAIT_MS = 3_000;
const LONG_WAIT_MS = 12_000;

interface ClientOptions extends Omit<ReadingOptions, "writerToken"> {
  readonly token: Credential;
  /** Shared with other clients of the account; of its own by default. */
  readonly limiter?: Limiter;
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
  const heard = (headers: Headers): void => {
    const date = Date.parse(headers.get("date") ?? "");
    if (!Number.isNaN(date)) server.at = date;
  };
  const ask = openAccount({ base, token, timeoutMs, clock, limiter, readOnly, heard });
  return {
    ...createCalls(ask, options.waitMsMax ?? DEFAULT_WAIT_MS),
    longWait: createCalls(ask, LONG_WAIT_MS),
    noWait: createCalls(ask, 0),
    serverTime: () => server.at,
  };
}

type Account = (ask: Ask, context: CallContext) => Promise<Answer>;

function openAccount(options: TransportOptions): Account {
  const transport = safeTransport(options);
  const open = (endpointUri: string): Library =>
    zendeskSdk.createClient({
      endpointUri,
      useOAuth: true,
      token: "set by the transport",
      throwOriginalException: true,
      transportConfig: transport.transportConfig,
    });
  const library = open(options.base);
  // Given an address, the library takes the help centre to be there too.
  library.helpcenter = open(`${options.base}/help_center`).helpcenter;
  return (ask, context) => transport.answerTo(context, () => ask(library));
}

function createCalls(account: Account, waitMsMax: number): Calls {
  const read = (ask: Ask, signal: AbortSignal, query: Query = {}): Promise<Answer> =>
    account(ask, { signal, headers: {}, query, waitMsMax });
  const pages: Calls["pages"] = (ask, row, signal, how = {}) =>
    pagesOf((query) => read(ask, signal, query).catch(throwReadError), row, how);
  return {
    get: async (ask, schema, signal, query) =>
      parsed(schema, await read(ask, signal, query).catch(throwReadError)),
    async find(ask, schema, signal, query) {
      const answer = await read(ask, signal, query).catch((error: unknown) => {
        if (error instanceof ZendeskFailure && error.status === 404) return null;
        return throwReadError(error);
      });
      return answer === null ? null : parsed(schema, answer);
    },
    async list(ask, row, signal, how) {
      const rows = [];
      for await (const page of pages(ask, row, signal, how)) rows.push(...page);
      return rows;
    },
    pages,
    async upload({ name, mediaType, bytes }, signal) {
      // The library's method for files reads them from a disk.
      const ask: Ask = ({ attachments }) =>
        attachments.requestUpload(["uploads", { filename: name }], Readable.from([bytes]));
      const headers = { "Content-Type": mediaType };
      const context = { signal, headers, query: {}, waitMsMax };
      const answer = await account(ask, context).catch(throwReadError);
      return parsed(UploadAnswer, answer).upload.token;
    },
    async write(ask, schema, signal, how) {
      const context = { signal, headers: {}, query: {}, waitMsMax, ...how };
      const answer = await account(ask, context).catch(throwWriteError);
      // A write whose answer cannot be parsed was still carried out.
      return parsed(schema, answer, "channel.uncertain");
    },
  };
}

function parsed<Schema extends z.ZodType>(
  schema: Schema,
  { body }: Answer,
  errorCode: "channel.unavailable" | "channel.uncertain" = "channel.unavailable",
): z.output<Schema> {
  return readAs(schema, body, errorCode, "Zendesk's answer was not understood");
}

async function* pagesOf<Schema extends z.ZodType>(
  read: (query: Query) => Promise<Answer>,
  row: Schema,
  { query, name, mayBeWhole, pagesMax = PAGES_MAX }: ListOptions,
): AsyncGenerator<z.output<Schema>[]> {
  let path = "";
  let after: Query = {};
  for (let count = 0; count < pagesMax; count += 1) {
    const answer = await read({ ...query, "page[size]": 100, ...after });
    path = answer.path;
    const schema = pageSchema(row, name ?? path.split("/").at(-1) ?? "", mayBeWhole);
    const { rows, meta } = parsed(schema, answer);
    yield rows;
    // Links to a next page may be there although there is none, so `has_more` alone decides.
    if (!meta.has_more || meta.after_cursor == null) return;
    after = { "page[after]": meta.after_cursor };
  }
  throw new DeskhandError("channel.refused", `${path} has too many pages`);
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
