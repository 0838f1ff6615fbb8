/** The figures of an installation in which nothing is wrong. */
import type { SeenFigures } from "#jobs/operating/follow-figures.ts";

const NONE = { count: 0, oldest: null };

/** What is seen `at` while nothing is wrong. */
export function quiet(at: Date): SeenFigures {
  return {
    at,
    paused: false,
    received: new Map(),
    ended: new Map(),
    resolutions: [],
    unheld: [],
    figures: {
      unread: NONE,
      intended: NONE,
      due: NONE,
      executing: NONE,
      unknown: 0,
      deadLetters: NONE,
      cards: { oldest: null, under_1h: 0, under_4h: 0, under_24h: 0, over_24h: 0 },
      unsealed: NONE,
      spentUsd: 0,
      backupAt: null,
      received: [],
      ended: [],
    },
  };
}
