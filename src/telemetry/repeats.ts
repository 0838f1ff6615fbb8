/** Condenses repeated warnings in the log. */
import type { Log } from "#core/contracts/ports.ts";

/** A state is over when it was not reported for this long. */
const QUIET_MS = 60_000;

/** Details that differ between the lines of a state and do not characterise it. */
const VARYING_DETAILS = [
  "hint",
  "conversation",
  "conversationId",
  "turn",
  "effect",
  "key",
  "tries",
  "failures",
];

type Details = Readonly<Record<string, unknown>>;

interface State {
  readonly details: Details;
  readonly began: number;
  times: number;
  timer: NodeJS.Timeout;
}

/**
 * A repeated warning, such as a limit that is used up, is one state: one line when it begins, one when it is over with
 * the number of repeats, and those in between only through `between`. Errors are always logged, since each needs
 * attention.
 */
export function collapseRepeats(log: Log, between: Log["warn"], quietMs = QUIET_MS): Log {
  const states = new Map<string, State>();
  return {
    ...log,
    warn(message, details = {}) {
      const name = nameOf(message, details);
      const over = (): void => {
        const state = states.get(name);
        states.delete(name);
        if (state === undefined || state.times === 1) return;
        const lasted_s = Math.round((performance.now() - state.began - quietMs) / 1_000);
        log.warn(message, { ...state.details, over: true, times: state.times, lasted_s });
      };
      const known = states.get(name);
      if (known === undefined) {
        log.warn(message, details);
        const timer = setTimeout(over, quietMs).unref();
        states.set(name, {
          details: stateDetails(details),
          began: performance.now(),
          times: 1,
          timer,
        });
        return;
      }
      known.times += 1;
      known.timer.refresh();
      between(message, details);
    },
  };
}

/** Ignores numbers: reasons contain seconds to wait and the like, which change while the state is the same. */
function nameOf(message: string, details: Details): string {
  return `${message} ${JSON.stringify(stateDetails(details)).replaceAll(/\d+/g, "#")}`;
}

function stateDetails(details: Details): Details {
  return Object.fromEntries(
    Object.entries(details).filter(
      ([name]) => !VARYING_DETAILS.includes(name) && !name.endsWith("Ms"),
    ),
  );
}
