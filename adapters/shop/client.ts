/** HTTP client of the shop's API. */
import { setTimeout as delay } from "node:timers/promises";
import { type Fetch, exchangeOnce, type HttpExchange } from "#core/connection/http-answer.ts";
import { withinMs } from "#core/values/deadline.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";
import type { z } from "zod";
import { WireError } from "./schema.ts";

export interface ShopOptions {
  /** Address of the shop's API. */
  readonly url: string;
  /** Bearer key. */
  readonly key: string;
  /** How long one call may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Sends the calls; it may give answers that have arrived as a whole. */
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly log: Log;
}

interface Call {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
}

export interface ShopClient {
  exchange(call: Call, signal: AbortSignal): Promise<HttpExchange>;
  /**
   * Reads with one short retry; null for what does not exist. Throws `shop.unavailable` for anything but a readable
   * answer.
   */
  read<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema> | null>;
}

const ANSWER_BYTES_MAX = 2 * 1024 * 1024;
/** Statuses that say there is no such thing; 422 is for an id of a shape the shop never gives out. */
const ABSENT = new Set([404, 410, 422]);
const READ_TRIES_MAX = 2;
/** Long enough for a restart behind a balancer, short enough that a turn does not notice. */
const READ_RETRY_MS = 150;

/** Makes HTTP calls to the shop and reports how each ended, without deciding what that means for an effect. */
export function shopClient(options: ShopOptions): ShopClient {
  const base = options.url.replace(/(?<!\/)\/+$/, "");

  async function exchange(call: Call, signal: AbortSignal): Promise<HttpExchange> {
    const request = {
      url: `${base}${call.path}`,
      method: call.method,
      headers: {
        authorization: `Bearer ${options.key}`,
        ...(call.body === undefined ? {} : { "content-type": "application/json" }),
        ...(call.idempotencyKey === undefined ? {} : { "idempotency-key": call.idempotencyKey }),
      },
      body: call.body === undefined ? null : JSON.stringify(call.body),
    };
    const over = { fetch: options.fetch, clock: options.clock, answerBytesMax: ANSWER_BYTES_MAX };
    return await withinMs(
      options.timeoutMs,
      async (inTime) => await exchangeOnce(request, over, inTime),
      signal,
    );
  }

  async function readOnce(path: string, signal: AbortSignal): Promise<HttpExchange> {
    for (let attempt = 1; ; attempt += 1) {
      const ended = await exchange({ method: "GET", path }, signal);
      const again = ended.kind !== "answered" || ended.status >= 500;
      if (!again || attempt >= READ_TRIES_MAX || signal.aborted) return ended;
      options.log.warn("the shop did not answer, asking once more", {
        // What follows names a customer or an order.
        operation: path.split(/[/?]/, 2)[1] ?? "",
        ended: exchangeText(ended),
      });
      // A stopped turn ends the wait; the next exchange then reports it.
      await delay(READ_RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  return {
    exchange,
    async read(path, schema, signal) {
      const ended = await readOnce(path, signal);
      if (ended.kind === "answered" && ABSENT.has(ended.status)) return null;
      if (ended.kind !== "answered" || ended.status !== 200) throw unavailable(ended);
      const parsed = parseAnswer(schema, ended.body);
      if (parsed.ok) return parsed.data;
      throw new DeskhandError("shop.unavailable", "the shop's answer was not understood", {
        cause: parsed.cause,
      });
    },
  };
}

/**
 * Parses an answer. An amount the currency does not have makes the transform throw, which also counts as unreadable.
 */
export function parseAnswer<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
): { ok: true; data: z.output<Schema> } | { ok: false; cause: unknown } {
  try {
    return { ok: true, data: schema.parse(body) };
  } catch (cause) {
    return { ok: false, cause };
  }
}

/** The shop's own reason when it gave one, else how the call ended. */
export function exchangeText(ended: HttpExchange): string {
  if (ended.kind !== "answered") return reasonOf(ended.cause);
  const parsed = WireError.safeParse(ended.body);
  return parsed.success ? parsed.data.error.message : `the shop answered with ${ended.status}`;
}

/** The failure of a call that had no effect and may be tried again. */
export function unavailable(ended: HttpExchange): DeskhandError {
  const wait = ended.kind === "answered" ? ended.retryAfterMs : undefined;
  return new DeskhandError("shop.unavailable", `the shop cannot be asked: ${exchangeText(ended)}`, {
    ...(ended.kind === "answered" ? {} : { cause: ended.cause }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
}
