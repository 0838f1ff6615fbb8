/**
 * Time limits and repetition: a signal that aborts when the time is over, and work that a process does again and
 * again until it is stopped.
 */
import type { Log } from "#core/contracts/ports.ts";
import { DeskhandError, reasonOf } from "./errors.ts";

/** Longer ones would wrap round to a millisecond. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** For work that only its time limit ends. Nothing stays with it, since each deadline takes its listener away. */
const NO_CALLER = new AbortController().signal;

/** What ends a piece of work from outside: its time limit, or the caller. */
export type Deadline = ReturnType<typeof startDeadline>;

/** Starts the clock, in milliseconds. Keeps no process alive. */
export function startDeadline(caller: AbortSignal, ms: number) {
  const controller = new AbortController();
  const forward = (): void => controller.abort(caller.reason);
  let isOver = false;
  const timer = setTimeout(
    () => {
      isOver = true;
      controller.abort(new DOMException("the time is over", "TimeoutError"));
    },
    Math.min(ms, TIMER_MS_MAX),
  );
  timer.unref();
  if (caller.aborted) forward();
  else caller.addEventListener("abort", forward);
  return {
    /** Aborts when the time is over or the caller aborts. */
    signal: controller.signal,
    /** True once the time is over, whatever the caller does. */
    isOver: () => isOver,
    /** Lets go of timer and caller. Without it, everything the work holds would stay in memory until its time is over. */
    end: (): void => {
      clearTimeout(timer);
      caller.removeEventListener("abort", forward);
    },
  };
}

/**
 * Does work that may take so many milliseconds, and no longer than the caller wants it. `AbortSignal.timeout` would keep
 * its timer, and fire it for nothing, long after work that is done in a few milliseconds.
 */
export async function withinMs<Value>(
  ms: number,
  work: (signal: AbortSignal) => Promise<Value>,
  caller: AbortSignal = NO_CALLER,
): Promise<Value> {
  const deadline = startDeadline(caller, ms);
  try {
    return await work(deadline.signal);
  } finally {
    deadline.end();
  }
}

/** What `work` gives; once the signal aborts, its reason or this error. The work is then left to itself. */
export async function unlessAborted<Value>(
  work: Promise<Value>,
  signal: AbortSignal,
  left: () => unknown = () => signal.reason,
): Promise<Value> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const leave = (): void => reject(left());
  if (signal.aborted) leave();
  else signal.addEventListener("abort", leave);
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

/** Lets so many milliseconds pass; once the signal aborts, it throws its reason or this error. */
export async function pause(
  ms: number,
  signal: AbortSignal = NO_CALLER,
  left?: () => unknown,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  try {
    await unlessAborted(promise, signal, left);
  } finally {
    clearTimeout(timer);
  }
}

/** What `work` gives, if it comes within this time; otherwise this error, and the work is left to itself. */
export async function answerWithin<Value>(
  ms: number,
  work: Promise<Value>,
  late: () => Error = () => new Error(`no answer within ${ms} ms`),
): Promise<Value> {
  return withinMs(ms, (signal) => unlessAborted(work, signal, late));
}

/** Work under way. */
export interface Running {
  /** Aborts the work's signal, and resolves when the work is over. */
  stop(): Promise<void>;
}

/** Begins work that goes on until it is stopped. The work handles its own errors. */
export function startRunning(work: (signal: AbortSignal) => Promise<void>): Running {
  const stopping = new AbortController();
  const running = work(stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/**
 * Does this work at once, and again after as many milliseconds as it returns. The work handles its own errors. A stop
 * ends the wait, and resolves when work under way is over.
 */
export function startRepeating(work: (signal: AbortSignal) => Promise<number>): Running {
  return startRunning(async (signal) => {
    while (!signal.aborted) {
      const waitMs = await work(signal);
      await pause(waitMs, signal).catch(() => undefined);
    }
  });
}

/** What this work gives; null after an error, which is logged under the name of who works. */
export async function logFailure<Result>(
  log: Log,
  worker: string,
  work: () => Promise<Result>,
): Promise<Result | null> {
  try {
    return await work();
  } catch (error) {
    // A database or queue that is down comes back; any other error is a bug and must be seen.
    if (error instanceof DeskhandError && error.retry)
      log.warn(`${worker} waits`, { reason: reasonOf(error) });
    else log.error(`${worker} failed`, { reason: reasonOf(error) });
    return null;
  }
}
