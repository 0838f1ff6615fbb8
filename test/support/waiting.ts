/**
 * Waiting for what a test needs: it waits as long as the runner lets it, and no test has a deadline of its own, since
 * a busy machine misses any guess.
 */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";

/**
 * The one limit of all waiting, below the runner's own limit for a test (`TEST_TIMEOUT_MS` of
 * test/runner/test.mjs), so that what is told is the thing that did not come.
 */
export const PATIENCE_MS = 300_000;

const LOOK_EVERY_MS = 60;

/** What a promise brings; rejects naming what was waited for when it never comes. A program that is over waits for none. */
export function arrival<Value>(
  what: string,
  promise: Promise<Value>,
  withinMs = PATIENCE_MS,
): Promise<Value> {
  const limit = delay(withinMs, undefined, { ref: false }).then(() => {
    throw new assert.AssertionError({ message: `waited ${withinMs} ms for ${what}` });
  });
  const first = Promise.race([promise, limit]);
  // Where a test has ended by then, nobody waits for it any more.
  first.catch(() => undefined);
  return first;
}

/**
 * Asks again until there is an answer; fails naming what was waited for. `look` throws when what should bring the
 * answer has ended. `more` tells what was seen instead; programs that measure give their limit in milliseconds
 * there, tests never do.
 */
export async function until<Value>(
  what: string,
  look: () => Promise<Value | undefined | null | false>,
  more: number | (() => string) = PATIENCE_MS,
  withinMs = typeof more === "number" ? more : PATIENCE_MS,
): Promise<Value> {
  const end = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > end)
      throw new assert.AssertionError({
        message: `waited ${withinMs} ms for ${what}. ${typeof more === "number" ? "" : more()}`,
      });
    await delay(LOOK_EVERY_MS);
  }
}
