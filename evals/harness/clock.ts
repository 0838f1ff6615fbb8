/** The clock of a case. */

/** The moment every case starts at, so that the days in its expectations stay true. */
const START = Date.parse("2026-11-20T10:00:00.000Z");

/** The day of the sample world in every case. */
export const TODAY = new Date(START);

/** Business time: starts at the same moment in every case, then runs in real time. */
export interface CaseClock {
  now(): Date;
  restart(): void;
  /** Moves the clock forward without waiting. */
  skip(ms: number): void;
}

export function caseClock(): CaseClock {
  let zero = performance.now();
  let skippedMs = 0;
  return {
    now: () => new Date(START + skippedMs + Math.floor(performance.now() - zero)),
    restart() {
      zero = performance.now();
      skippedMs = 0;
    },
    skip(ms) {
      skippedMs += ms;
    },
  };
}
