/** Condenses repeated warnings in the log. */
import { type Log, withoutSubjects } from "#core/contracts/ports.ts";

/** A state is over when it was not reported for this long. */
const QUIET_MS = 60_000;

/** More states at a time than a process has parts that fail; what comes beyond them is logged line by line. */
const STATES_MAX = 500;

/** Details that differ between the lines of a state and do not characterise it. */
const VARYING_DETAILS = [
  "hint",
  "conversation",
  "conversationId",
  "card",
  "approval",
  "message",
  "turn",
  "effect",
  "key",
  "tries",
  "failures",
];

type Details = Readonly<Record<string, unknown>>;

interface State {
  readonly message: string;
  readonly details: Details;
  readonly began: number;
  readonly timer: NodeJS.Timeout;
  last: number;
  times: number;
}

/** A log that tells what is still going on when its process ends. */
export interface EndingLog extends Log {
  /** Tells the end of every state now. */
  end(): void;
}

/**
 * A repeated warning, such as a limit that is used up, is one state: one line when it begins, one when it is over with
 * the number of repeats, and those in between only through `between`. Errors are always logged, since each needs
 * attention.
 */
export function collapseRepeats(log: Log, between: Log["warn"], quietMs = QUIET_MS): EndingLog {
  const states = new Map<string, State>();
  const over = (name: string): void => {
    const state = states.get(name);
    states.delete(name);
    if (state === undefined) return;
    clearTimeout(state.timer);
    if (state.times === 1) return;
    const lasted_s = Math.round((state.last - state.began) / 1_000);
    log.warn(state.message, { ...state.details, over: true, times: state.times, lasted_s });
  };
  return {
    ...log,
    warn(message, details = {}) {
      const name = repeatName(message, details);
      const now = performance.now();
      const known = states.get(name);
      if (known !== undefined) {
        known.times += 1;
        known.last = now;
        known.timer.refresh();
        between(message, details);
        return;
      }
      log.warn(message, details);
      if (states.size >= STATES_MAX) return;
      // The end is said outside of the work that happened to be the first.
      const timer = withoutSubjects(() => setTimeout(() => over(name), quietMs).unref());
      const kept = stateDetails(details);
      states.set(name, { message, details: kept, began: now, last: now, times: 1, timer });
    },
    end() {
      for (const name of states.keys()) over(name);
    },
  };
}

/** A row's id, or a digest: a prefix with an underscore, or at least eight hex digits. */
const IDS = /\b[a-z]{1,3}_[\w-]{4,}|\b(?=[a-f\d-]{0,80}\d)[a-f\d][a-f\d-]{7,}/g;

/**
 * Ignores ids and numbers: reasons name rows and seconds to wait, which change while the state is the same.
 */
function repeatName(message: string, details: Details): string {
  const about = JSON.stringify(stateDetails(details));
  return `${message} ${about.replaceAll(IDS, "#").replaceAll(/\d+/g, "#")}`;
}

function stateDetails(details: Details): Details {
  return Object.fromEntries(
    Object.entries(details).filter(
      ([name]) => !VARYING_DETAILS.includes(name) && !name.endsWith("Ms"),
    ),
  );
}
