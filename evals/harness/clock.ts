/** The clock of evaluation cases: starts at a fixed moment and can skip time. */

/** The moment every case begins at, so that the days in its expectations stay true. */
const START = Date.parse("2026-11-20T10:00:00.000Z");

/** The day of the sample world in every case. */
export const TODAY = new Date(START);

/** Business time: begins at the same moment in every case, then goes on as time does. */
export interface CaseClock {
  now(): Date;
  restart(): void;
  /** Time that passes without anybody waiting for it. */
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
