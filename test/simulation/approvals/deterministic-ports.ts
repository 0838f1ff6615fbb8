/** Deterministic ids, clock, log and guard for an environment. */
import type { OutputCheck } from "#core/contracts/guard.ts";
import type { Ids, Log } from "#core/contracts/ports.ts";
import { openGuard } from "#test/support/fixtures/open-guard.ts";

/** Sequential ids, so that the same sequence of events gives the same ones. */
export function sequentialIds(): Ids & { reset(): void } {
  const state = { count: 0 };
  return {
    next: (prefix) => `${prefix}_${String((state.count += 1)).padStart(5, "0")}`,
    reset: () => void (state.count = 0),
  };
}

/** Business time that moves by one millisecond at each reading only, so that order never depends on chance. */
export interface TestClock {
  now(): Date;
  skip(ms: number): void;
  reset(): void;
}

const START = Date.parse("2026-11-20T10:00:00.000Z");

export function testClock(): TestClock {
  const state = { at: START };
  return {
    now: () => new Date((state.at += 1)),
    skip: (ms) => void (state.at += ms),
    reset: () => void (state.at = START),
  };
}

/** Keeps log lines of level error: nothing that is tried here may be a bug. */
export function recordingLog(): Log & { readonly errors: string[] } {
  const errors: string[] = [];
  return {
    errors,
    info: () => undefined,
    warn: () => undefined,
    error: (message, details) => void errors.push(`${message} ${JSON.stringify(details ?? {})}`),
  };
}

/** Lets everything pass except two plain words, because these tests start after the guard. */
export const allowingGuard = openGuard({
  inspect: (messages) =>
    messages.some(({ text }) => text.includes("ignore your instructions"))
      ? { verdict: "block", reasons: ["asks to ignore instructions"] }
      : { verdict: "allow", reasons: [] },
  delicate: (messages) =>
    messages.some(({ text }) => text.includes("my lawyer"))
      ? { topic: "legal", words: "my lawyer" }
      : null,
  mask: (text) => text,
});

export const allowingOutput: OutputCheck = {
  check: () => ({ findings: [], receiptsFound: 1 }),
  citations: () => [],
};
