/** Waiting for a condition, with a time limit. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";

/** Asks again until there is an answer; fails naming what was waited for. */
export async function until<Value>(
  what: string,
  look: () => Promise<Value | undefined | null | false>,
  more: number | (() => string) = 30_000,
  withinMs = typeof more === "number" ? more : 30_000,
): Promise<Value> {
  const end = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > end)
      throw new assert.AssertionError({
        message: `waited ${withinMs} ms for ${what}. ${typeof more === "number" ? "" : more()}`,
      });
    await delay(60);
  }
}
