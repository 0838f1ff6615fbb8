/** What goes over the wire of the local Zendesk: counts of calls and webhook deliveries, and every call for a listener. */
import { channel } from "node:diagnostics_channel";
import type { RequestHandler } from "express";

/** What went over the wire, so that tests can judge a client by it. */
export interface Traffic {
  /** Counts one call and the status it was answered with; `retryAfter` for refusals by the account's own limits. */
  countCall(call: { readonly path: string; readonly method: string }, status: number): void;
  /** Remembers for how long a webhook's receiver took to answer, and with what. */
  countDelivery(ms: number, status: number | undefined): void;
  report(): TrafficReport;
  clear(): void;
}

interface TrafficReport {
  /** Calls by status, since the start or the last clearing. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Calls by method and path, with numbers as `:id`. */
  readonly paths: Readonly<Record<string, number>>;
  /** The most calls that were answered within any 60 seconds. */
  readonly busiestMinute: number;
  readonly webhooks: {
    readonly count: number;
    /** Those not answered with a success. */
    readonly failed: number;
    readonly p50Ms: number;
    readonly p95Ms: number;
    readonly maxMs: number;
  };
}

const MINUTE_MS = 60_000;
const KEPT_MAX = 200_000;

/** Uses the machine's own time: durations do not depend on the desk's clock. */
export function traffic(): Traffic {
  const statuses = new Map<string, number>();
  const paths = new Map<string, number>();
  const times: number[] = [];
  const answers: number[] = [];
  const count = { failed: 0, busiest: 0 };
  const add = (counts: Map<string, number>, name: string): void =>
    void counts.set(name, (counts.get(name) ?? 0) + 1);
  return {
    countCall({ method, path }, status) {
      add(statuses, String(status));
      add(paths, `${method} ${path.replaceAll(/\/\d+/gu, "/:id")}`);
      const now = performance.now();
      times.push(now);
      while ((times[0] ?? now) <= now - MINUTE_MS) times.shift();
      count.busiest = Math.max(count.busiest, times.length);
    },
    countDelivery(ms, status) {
      if (answers.length < KEPT_MAX) answers.push(ms);
      if (status === undefined || status >= 300) count.failed += 1;
    },
    report() {
      const sorted = answers.toSorted((one, other) => one - other);
      const at = (part: number): number =>
        Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0);
      return {
        statuses: Object.fromEntries(statuses),
        paths: Object.fromEntries(paths),
        busiestMinute: count.busiest,
        webhooks: {
          count: sorted.length,
          failed: count.failed,
          p50Ms: at(0.5),
          p95Ms: at(0.95),
          maxMs: at(1),
        },
      };
    },
    clear() {
      statuses.clear();
      paths.clear();
      times.length = 0;
      answers.length = 0;
      Object.assign(count, { failed: 0, busiest: 0 });
    },
  };
}

// The calls themselves.

/** One call of the API and what was answered, as they went over the wire. */
interface Exchange {
  readonly method: string;
  /** Path with query, below the account's address. */
  readonly target: string;
  /** Without credentials. */
  readonly requestType: string | null;
  /** The parsed body, or undefined when there was none or it was no JSON. */
  readonly requestBody: unknown;
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** As sent; null for an answer without a body. */
  readonly body: string | null;
}

/**
 * Every answered call of a sandbox in this process is published here, so that another program can compare them with
 * Zendesk's own description. Without a listener it costs nothing.
 */
export const EXCHANGES = channel("deskhand.sandbox.zendesk.exchange");

/** Publishes each call once its answer is sent; a dropped connection has no answer and is not published. */
export const publishExchanges: RequestHandler = (request, response, next) => {
  if (!EXCHANGES.hasSubscribers) return next();
  const sent: { body: string | null } = { body: null };
  const send = response.send.bind(response);
  response.send = (body: unknown) => {
    if (typeof body === "string") sent.body = body;
    return send(body);
  };
  response.on("finish", () => {
    const exchange: Exchange = {
      method: request.method,
      target: request.originalUrl,
      requestType: request.get("content-type") ?? null,
      requestBody: Buffer.isBuffer(request.body) ? undefined : request.body,
      status: response.statusCode,
      headers: response.getHeaders(),
      body: sent.body,
    };
    EXCHANGES.publish(exchange);
  });
  next();
};
