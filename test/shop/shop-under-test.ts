import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shop } from "#adapters/shop/index.ts";
import { DeskhandError, type ErrorCode } from "#core/values/errors.ts";
import type { Action } from "#core/values/action.ts";
import type { Shop } from "#core/contracts/shop.ts";
import type { Target } from "#core/contracts/tool.ts";
import { startSampleShop } from "#sandbox/shop/index.ts";
import { freePort } from "#sandbox/process/index.ts";
import { closed, listen } from "#test/support/loopback.ts";

const NOW = new Date("2026-11-20T12:00:00Z");
const clock = { now: () => NOW };
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const KEY = "a-key-for-tests-of-the-shop-only";

/** For calls that are never stopped. */
export const signal = new AbortController().signal;

interface Opened {
  readonly reads: Shop;
  readonly target: Target;
  readonly url: string;
  /** Mails the shop sent itself. */
  readonly mails: { readonly to: string; readonly text: string }[];
  readonly fault: (fault: Record<string, unknown>) => Promise<void>;
  readonly clearFaults: () => Promise<void>;
  /** What the shop did, by its own journal. */
  readonly effects: () => Promise<string[]>;
}

/** Each is absent before, uncertain when its answer is lost, then found by its key, and done once: `journal` has them. */
export async function foundAfterLostAnswers(
  actions: readonly Action[],
  journal: readonly string[],
): Promise<void> {
  await withShop(async ({ target, fault, effects }) => {
    for (const action of actions) {
      const key = `${action.operation}:1`;
      assert.ok(target.supports.includes(action.operation));
      assert.deepEqual(await target.find(action, key, signal), { state: "absent" });
      await fault({ fault: "lost_response", times: 1 });
      await assert.rejects(target.commit(action, key, signal), failsWith("shop.uncertain"));
      const found = await target.find(action, key, signal);
      assert.equal(found.state, "done");
      assert.deepEqual(found.committed, await target.commit(action, key, signal));
    }
    assert.deepEqual(await effects(), journal);
  });
}

/** A sample shop of its own for one test, gone afterwards. */
export async function withShop(
  run: (opened: Opened) => Promise<void>,
  { timeoutMs = 2_000 } = {},
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "deskhand-shop-"));
  const mails: { to: string; text: string }[] = [];
  const sample = await startSampleShop({
    directory,
    key: KEY,
    now: clock.now,
    sendMail: async (mail) => {
      mails.push(mail);
    },
  });
  const control = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${sample.url}/_sandbox/${path}`, {
      method,
      headers: { Authorization: `Bearer ${KEY}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    assert.equal(response.status, 200);
    return await response.json();
  };
  try {
    const { reads, target } = shop({
      url: sample.url,
      key: KEY,
      timeoutMs,
      fetch,
      clock,
      log,
    });
    await run({
      reads,
      target,
      url: sample.url,
      mails,
      fault: async (fault) => {
        await control("POST", "faults", fault);
      },
      clearFaults: async () => {
        await control("DELETE", "faults");
      },
      effects: async () => {
        const journal = await control("GET", "journal");
        assert.ok(Array.isArray(journal));
        return journal.map((entry: { effect: string }) => entry.effect);
      },
    });
  } finally {
    await sample.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** A check for `assert.rejects`. */
export function failsWith(code: ErrorCode, words?: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof DeskhandError, String(error));
    assert.equal(error.code, code, error.message);
    if (words !== undefined) assert.match(error.message, words);
    return true;
  };
}

/** A server that answers every call as told and counts them; for answers no faithful shop gives. */
export async function withAnswers(
  answer: (call: { method: string; url: string }) => {
    status: number;
    body: string;
    headers?: Record<string, string>;
  },
  run: (url: string, calls: { method: string; url: string }[]) => Promise<void>,
): Promise<void> {
  const calls: { method: string; url: string }[] = [];
  const server = createServer((request, response) => {
    const call = { method: request.method ?? "", url: request.url ?? "" };
    calls.push(call);
    const { status, body, headers } = answer(call);
    response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(body);
  });
  const port = await listen(server);
  try {
    await run(`http://127.0.0.1:${port}`, calls);
  } finally {
    await closed(server);
  }
}

/** The adapter on an address of its own; with another key when the test is about that. */
export function open(url: string, key = KEY): { readonly reads: Shop; readonly target: Target } {
  return shop({ url, key, timeoutMs: 500, fetch, clock, log });
}

/** An address at which no server listens. */
export async function deadUrl(): Promise<string> {
  const port = await freePort();
  return `http://127.0.0.1:${port}`;
}
