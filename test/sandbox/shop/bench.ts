/** A running sample shop for each test, and how the tests speak to it. */

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startSampleShop, type SampleShop } from "#sandbox/shop/index.ts";
import { z } from "zod";

/** The moment the sample world is made in these tests. */
export const NOW = new Date("2026-03-20T12:00:00Z");

const ErrorBody = z.object({
  code: z.string(),
  message: z.string(),
  field: z.string().optional(),
});
const Body = z.looseObject({
  id: z.string().optional(),
  refunded: z.number().optional(),
  refunds: z.array(z.unknown()).optional(),
  shipping_address: z.string().default(""),
  error: ErrorBody.default({ code: "", message: "" }),
});

/** `body` is an object answered, `list` the objects of a list answered, `json` either as it came. */
interface Answer {
  readonly status: number;
  readonly json: unknown;
  readonly body: z.infer<typeof Body>;
  readonly list: z.infer<typeof Body>[];
  readonly headers: Headers;
}

/** What a call may set besides its path. */
interface CallOptions {
  readonly method?: string;
  readonly body?: string;
  readonly key?: string;
  readonly idempotencyKey?: string | undefined;
}

/** The shop of the running test, the mails it sent, and a switch that makes its mail server unreachable. */
export interface Bench {
  shop: SampleShop;
  directory: string;
  mails: { to: string; subject: string; text: string }[];
  mailServerAway: boolean;
  /** Closes the shop and starts it on the same directory. */
  restart(now?: Date): Promise<void>;
  call(path: string, options?: CallOptions): Promise<Answer>;
  post(path: string, idempotencyKey: string | undefined, body: unknown): Promise<Answer>;
  fault(fault: object): Promise<Answer>;
}

/** Waits for a condition, 5 seconds at most. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, "the condition was not met within 5 s");
    await sleep(10);
  }
}

async function speak(
  shop: SampleShop,
  path: string,
  { key = shop.key, idempotencyKey, method = "GET", body }: CallOptions,
): Promise<Answer> {
  const response = await fetch(`${shop.url}${path}`, {
    method,
    ...(body === undefined ? {} : { body }),
    headers: {
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
      ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
    },
  });
  const json: unknown = await response.json();
  return {
    status: response.status,
    json,
    body: Body.parse(Array.isArray(json) ? {} : json),
    list: z.array(Body).parse(Array.isArray(json) ? json : []),
    headers: response.headers,
  };
}

/** Gives every test of a file a fresh shop. */
export function useShop(): Bench {
  const start = (now: Date) =>
    startSampleShop({
      directory: bench.directory,
      now: () => now,
      sendMail: (mail) => {
        if (bench.mailServerAway) return Promise.reject(new Error("connection refused"));
        bench.mails.push(mail);
        return Promise.resolve();
      },
    });
  const none: SampleShop = { url: "", openapi: "", key: "", close: () => Promise.resolve() };
  const bench: Bench = {
    shop: none,
    directory: "",
    mails: [],
    mailServerAway: false,
    restart: async (now = NOW) => {
      await bench.shop.close();
      bench.shop = await start(now);
    },
    call: (path, options = {}) => speak(bench.shop, path, options),
    post: (path, idempotencyKey, body) =>
      bench.call(path, {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body ?? {}),
        idempotencyKey,
      }),
    fault: (fault) => bench.post("/_sandbox/faults", undefined, fault),
  };
  beforeEach(async () => {
    bench.directory = await mkdtemp(join(tmpdir(), "shop-"));
    bench.mails = [];
    bench.mailServerAway = false;
    bench.shop = await start(NOW);
  });
  afterEach(async () => {
    await bench.shop.close();
    await rm(bench.directory, { recursive: true });
  });
  return bench;
}
