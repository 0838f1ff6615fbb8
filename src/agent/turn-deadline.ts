/** The time limit of a turn. */

/** Longer ones would wrap round to a millisecond. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** What ends a turn from outside: its time limit, or the caller. */
export interface TurnDeadline {
  /** Aborts when the time is over or the caller aborts. */
  readonly signal: AbortSignal;
  /** True once the time is over, whatever the caller does. */
  readonly isOver: () => boolean;
  /** Lets go of timer and caller. Without it, everything a turn holds would stay in memory until its time is over. */
  readonly end: () => void;
}

/** Starts the clock of a turn. Keeps no process alive. */
export function startDeadline(caller: AbortSignal, ms: number): TurnDeadline {
  const controller = new AbortController();
  const forward = (): void => controller.abort(caller.reason);
  let isOver = false;
  const timer = setTimeout(
    () => {
      isOver = true;
      controller.abort(new DOMException("the turn took too long", "TimeoutError"));
    },
    Math.min(ms, TIMER_MS_MAX),
  );
  timer.unref();
  if (caller.aborted) forward();
  else caller.addEventListener("abort", forward);
  return {
    signal: controller.signal,
    isOver: () => isOver,
    end() {
      clearTimeout(timer);
      caller.removeEventListener("abort", forward);
    },
  };
}
