/** How many calls one provider gets at once, and what becomes of those that wait. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { DeskhandError } from "#core/values/errors.ts";
import { limitConcurrency, type Run } from "#connections/circuit-breakers.ts";

const AT_ONCE = 4;
const WAITING = 50;
const { signal } = new AbortController();

/** Calls to a provider that answers when it is told to. */
function calls(inTurn: Run) {
  const open: (() => void)[] = [];
  const state = { running: 0, most: 0 };
  const call = (own: AbortSignal = signal): Promise<void> =>
    inTurn(async () => {
      state.running += 1;
      state.most = Math.max(state.most, state.running);
      await new Promise<void>((resolve) => open.push(resolve));
      state.running -= 1;
    }, own);
  const answerAll = async (): Promise<void> => {
    while (open.length > 0) {
      for (const answer of open.splice(0)) answer();
      await setImmediate();
    }
  };
  return { call, state, open, answerAll };
}

describe("a provider's room", () => {
  test("is never overfilled, and every call gets its turn", async () => {
    const { call, state, open, answerAll } = calls(
      limitConcurrency("email", "channel.unavailable"),
    );
    const all = Array.from({ length: AT_ONCE + WAITING }, () => call());
    await setImmediate();
    assert.equal(open.length, AT_ONCE);
    await answerAll();
    await Promise.all(all);
    assert.equal(state.most, AT_ONCE);
  });

  test("sends a call that finds the queue full away at once, as unavailable, with a time to come back", async () => {
    const { call, answerAll } = calls(limitConcurrency("email", "channel.unavailable"));
    const all = Array.from({ length: AT_ONCE + WAITING }, () => call());
    await assert.rejects(call(), {
      name: "DeskhandError",
      code: "channel.unavailable",
      retry: true,
      retryAfterMs: 1_000,
    });
    await answerAll();
    await Promise.all(all);
    const later = call();
    await answerAll();
    await later;
  });

  test("lets a waiting call leave by its own signal, unsent; the others keep their places", async () => {
    const { call, open, answerAll } = calls(limitConcurrency("email", "channel.unavailable"));
    const first = Array.from({ length: AT_ONCE }, () => call());
    const leaving = new AbortController();
    const left = call(leaving.signal);
    const stays = call();
    leaving.abort(new DOMException("too long", "TimeoutError"));
    await assert.rejects(
      left,
      (error) => error instanceof DeskhandError && error.code === "channel.unavailable",
    );
    assert.equal(open.length, AT_ONCE, "it was asked all the same");
    await answerAll();
    await Promise.all([...first, stays]);
  });

  test("is each provider's own: one that hangs holds no other up", async () => {
    const hanging = calls(limitConcurrency("email", "channel.unavailable"));
    const other = calls(limitConcurrency("shop", "shop.unavailable"));
    const stuck = Array.from({ length: AT_ONCE + 1 }, () => hanging.call());
    const quick = other.call();
    await setImmediate();
    await other.answerAll();
    await quick;
    await hanging.answerAll();
    await Promise.all(stuck);
  });

  test("is left by a call that fails, whatever it fails with", async () => {
    const inTurn = limitConcurrency("email", "channel.unavailable");
    for (let count = 0; count < AT_ONCE * 3; count += 1)
      await assert.rejects(
        inTurn(() => Promise.reject(new TypeError("a bug")), signal),
        TypeError,
      );
  });
});
