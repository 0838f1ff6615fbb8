/**
 * Room: calls to Slack's Web API, with schemas, limits and text rules. This file makes the calls.
 * In: method names and parameters, texts to show, Slack's answers.
 * Out: parsed answers, or errors that say whether a write happened; messages posted once.
 * May touch: Slack's Web API, and the shared rate limits.
 */

import * as webApi from "@slack/web-api";
import { z } from "zod";
import { isUnsent } from "#core/connection/http-answer.ts";
import { DeskhandError, readAs } from "#core/values/errors.ts";
import type { ConnectionBoard } from "#core/connection/connection-board.ts";
import type { Log } from "#core/contracts/ports.ts";

/**
 * How patient a call is. `patient`: reading and repeatable writing, retried shortly. `once`: posting, which the client
 * must never repeat by itself, since a lost answer would become a second message. `quick`: calls that a person waits
 * for after a click; Slack gives up after three seconds.
 */
export type Pace = "patient" | "once" | "quick";

const PACES = {
  patient: { timeout: 5_000, retryConfig: { retries: 2, minTimeout: 200, maxTimeout: 1_000 } },
  once: { timeout: 8_000, retryConfig: { retries: 0 } },
  quick: { timeout: 1_500, retryConfig: { retries: 0 } },
} as const satisfies Record<Pace, object>;

/** Calls one Web API method and parses the fields used of its answer. */
export type Call = <Answer extends z.ZodType>(
  pace: Pace,
  method: string,
  parameters: Readonly<Record<string, unknown>>,
  answer: Answer,
) => Promise<z.output<Answer>>;

/**
 * No message of ours may unfurl a link or be parsed for names: a preview is fetched without a click, and a link in it
 * can leak data. Added here, so that no message can be sent without it. The reference of chat.update lists only `parse`
 * and `link_names`, parses like a client where they are left out, and ignores the other two.
 */
export const QUIET = {
  parse: "none",
  link_names: false,
  unfurl_links: false,
  unfurl_media: false,
} as const;

/** For methods whose answer says nothing beyond "ok". */
export const Done = z.object({});

export interface CallOptions {
  /** Null for the few methods that a client's own credentials authorise. */
  readonly botToken: string | null;
  readonly apiUrl?: string;
  readonly log: Log;
}

/**
 * The Web API behind one function. Rate limits are passed to the caller instead of pausing every other call of the
 * client, which is what the stock client does.
 * Throws `channel.rate_limited`, `channel.unavailable` (nothing happened), `channel.unauthorized` (the token),
 * `channel.uncertain` (a write whose answer was lost) or `channel.refused`.
 */
export function slackCalls(options: CallOptions): Call {
  const clientFor = (pace: Pace): webApi.WebClient =>
    new webApi.WebClient(options.botToken || undefined, {
      ...PACES[pace],
      ...(options.apiUrl === undefined ? {} : { slackApiUrl: options.apiUrl }),
      rejectRateLimitedCalls: true,
      logger: slackLogger(options.log),
    });
  const clients = {
    patient: clientFor("patient"),
    once: clientFor("once"),
    quick: clientFor("quick"),
  };
  return async (pace, method, parameters, answer) => {
    const quiet = method.startsWith("chat.") ? { ...parameters, ...QUIET } : parameters;
    const raw: unknown = await clients[pace].apiCall(method, quiet).catch((cause: unknown) => {
      throw asSlackError(cause, method, pace);
    });
    return readAs(answer, raw, "channel.refused", `${method} answered in an unknown form`);
  };
}

/** Answers a command at the address it came with. Throws unless Slack took it. */
export type Respond = (address: string, answer: object) => Promise<void>;

const ANSWER_MS = 5_000;

/** The address has to be Slack's own, or of the server that replaces it. */
export function responder(apiUrl: string | undefined): Respond {
  const origin = apiUrl === undefined ? "https://hooks.slack.com" : new URL(apiUrl).origin;
  return async (address, answer) => {
    if (!URL.canParse(address) || new URL(address).origin !== origin)
      throw new Error("the address is not Slack's");
    const response = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(answer),
      redirect: "error",
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`it was answered with HTTP ${response.status}`);
  };
}

/** What the answers of every list have in common. */
const NextPage = z.object({ next_cursor: z.string().nullish() }).nullish();
/** A list's answer is this and its rows. */
export const Paged = z.object({ response_metadata: NextPage });

/** The pages of a list, at most so many, and whether they are all there are. */
export async function pagedAnswers<Page extends z.ZodType<z.output<typeof Paged>>>(
  call: Call,
  method: string,
  parameters: Readonly<Record<string, unknown>>,
  page: Page,
  pagesMax: number,
): Promise<{ readonly pages: readonly z.output<Page>[]; readonly complete: boolean }> {
  const pages: z.output<Page>[] = [];
  let next: { readonly cursor?: string } = {};
  while (pages.length < pagesMax) {
    const read = await call("patient", method, { ...parameters, ...next }, page);
    pages.push(read);
    const cursor = read.response_metadata?.next_cursor || undefined;
    if (cursor === undefined) return { pages, complete: true };
    next = { cursor };
  }
  return { pages, complete: false };
}

/** Slack's own error code, such as `message_not_found`; null for every other failure. */
export function slackWord(error: unknown): string | null {
  const cause = error instanceof DeskhandError ? error.cause : error;
  return cause instanceof webApi.WebAPIPlatformError ? cause.data.error : null;
}

/** What no card is posted or changed without. */
const OF_CARDS: readonly string[] = ["conversations.info", "chat.postMessage", "chat.update"];

/** The same calls; while Slack refuses cards for want of a permission, the board has it among the connections. */
export function reportingScopes(call: Call, board: ConnectionBoard | undefined): Call {
  const refused = new Set<string>();
  const report = (): void => {
    const cards = board?.of("Slack's cards", "slack");
    if (refused.size === 0) cards?.end();
    else
      cards?.down(
        `the app lacks a permission for ${[...refused].join(" and ")}: deskhand doctor names it`,
      );
  };
  return async (pace, method, parameters, answer) => {
    try {
      const answered = await call(pace, method, parameters, answer);
      if (refused.delete(method)) report();
      return answered;
    } catch (error) {
      if (slackWord(error) === "missing_scope" && OF_CARDS.includes(method)) {
        refused.add(method);
        report();
      }
      throw error;
    }
  };
}

/** Failures on Slack's side. `fatal_error` may come after part of the work was done (chat.postMessage reference). */
const TROUBLES = new Set(["internal_error", "fatal_error", "service_unavailable"]);

/** They are about the app as a whole: what was asked for is as right as before, once its token is mended. */
const UNAUTHORIZED = new Set([
  "invalid_auth",
  "not_authed",
  "token_revoked",
  "token_expired",
  "account_inactive",
  "org_login_required",
  "team_access_not_granted",
]);

/** What a proxy in between says: Slack was not asked. Slack itself says such things in words. */
const PROXY_STATUS = new Set([401, 403, 407]);

function asSlackError(cause: unknown, method: string, pace: Pace): DeskhandError {
  const lost = pace === "once" ? "channel.uncertain" : "channel.unavailable";
  const failed = (code: DeskhandError["code"], words: string): DeskhandError =>
    new DeskhandError(code, words, { cause });
  if (cause instanceof webApi.WebAPIRateLimitedError)
    return new DeskhandError("channel.rate_limited", `Slack asks to slow down ${method}`, {
      cause,
      retryAfterMs: cause.retryAfter * 1_000,
    });
  if (cause instanceof webApi.WebAPIPlatformError) {
    const word = cause.data.error;
    if (word === "ratelimited") return failed("channel.rate_limited", method);
    if (UNAUTHORIZED.has(word))
      return failed("channel.unauthorized", `Slack refuses our token on ${method}: ${word}`);
    return TROUBLES.has(word)
      ? failed(lost, `Slack failed on ${method}: ${word}`)
      : failed("channel.refused", `Slack refused ${method}: ${word}`);
  }
  if (cause instanceof webApi.WebAPIHTTPError && cause.statusCode < 500) {
    const code = PROXY_STATUS.has(cause.statusCode) ? "channel.unavailable" : "channel.refused";
    return failed(code, `${method} gave HTTP ${cause.statusCode}`);
  }
  if (cause instanceof webApi.WebAPIRequestError && isUnsent(cause.original))
    return failed("channel.unavailable", `Slack cannot be reached for ${method}`);
  return failed(lost, `no answer from Slack to ${method}`);
}

type Logger = NonNullable<webApi.WebClientOptions["logger"]>;

/** Slack's libraries write into our log: fixed messages, so that they group, with the library's text as a detail. */
export function slackLogger(log: Log): Logger {
  const details = (words: readonly unknown[]): { words: string } => ({
    words: words.map(String).join(" "),
  });
  return {
    debug: () => {},
    info: () => {},
    warn: (...words: unknown[]) => log.warn("slack client warns", details(words)),
    error: (...words: unknown[]) => log.error("slack client reports an error", details(words)),
    setLevel: () => {},
    getLevel: () => webApi.LogLevel.WARN,
    setName: () => {},
  };
}
