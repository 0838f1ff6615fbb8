/**
 * Room: what those who operate an installation have to know, seen by the process that leads.
 * In: the figures of the installation, read twice a minute.
 * Out: figures for `/metrics`, and alerts to the desk that say what to do.
 * May touch: the database and the desk.
 * This file: the figures, and the messages counted since this process leads.
 */

import type { ChannelName, Outcome } from "#core/values/vocabulary.ts";
import { type OperatingFigures, readOperatingFigures } from "#store/reports/operating-figures.ts";
import { resolutionTotals } from "#store/reports/counted-rows.ts";
import type { Duty } from "#core/contracts/ports.ts";
import { type UnheldDuty, unheldDuties } from "#store/db/duty-leases.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { DAY_MS } from "#core/values/moment.ts";

/** How often the figures are read, in milliseconds: rarely enough to cost nothing, often enough for an alert. */
const FIGURES_MS = 30_000;

/**
 * A message is counted once its commit is certain to be visible: its time is taken before, and the database ends a
 * transaction whose statement takes longer than 30 seconds.
 */
const SETTLED_MS = 45_000;

const RESOLUTIONS_MS = 3_600_000;
/** Matters that ended or went to people in the last seven days are counted. */
const WEEK_MS = 7 * DAY_MS;

/** What was seen last. */
export interface SeenFigures {
  readonly at: Date;
  readonly figures: OperatingFigures;
  readonly paused: boolean;
  /** Since this process leads: what only grows. */
  readonly received: ReadonlyMap<ChannelName, number>;
  readonly ended: ReadonlyMap<`${ChannelName} ${Outcome}`, number>;
  readonly resolutions: readonly { readonly kind: string; readonly count: number }[];
  /** Inboxes, exports and sockets that no process reads, longest first; null where one process is alone. */
  readonly unheld: readonly UnheldDuty[] | null;
}

/** The figures of one reconciler. */
export type FiguresFollower = ReturnType<typeof followFigures>;

interface Following {
  readAt: number;
  resolutionsAt: number;
  countedTo: Date | null;
  seen: SeenFigures | null;
}

/** `duties` is what has to be read in turn; null where one process is alone and reads everything. */
export function followFigures(
  { store, clock }: Pick<JobContext, "store" | "clock">,
  duties: readonly Duty[] | null,
) {
  const state: Following = { readAt: 0, resolutionsAt: 0, countedTo: null, seen: null };

  async function resolutions(now: Date): Promise<SeenFigures["resolutions"]> {
    const known = state.seen?.resolutions ?? null;
    if (known !== null && now.getTime() - state.resolutionsAt < RESOLUTIONS_MS) return known;
    state.resolutionsAt = now.getTime();
    const until = now.getTime() + 1;
    const week = { from: new Date(until - WEEK_MS), to: new Date(until) };
    return store.run(resolutionTotals, week);
  }

  return {
    isDue: (now: Date): boolean => Math.abs(now.getTime() - state.readAt) >= FIGURES_MS,
    /** Reads them again. */
    async read(paused: boolean): Promise<SeenFigures> {
      const now = clock.now();
      state.readAt = now.getTime();
      const to = new Date(now.getTime() - SETTLED_MS);
      const from = state.countedTo ?? to;
      const figures = await readOperatingFigures(store, { now, from, to });
      // A clock that was set back counts nothing twice.
      state.countedTo = to > from ? to : from;
      state.seen = {
        at: now,
        figures,
        paused,
        received: addedTo(
          state.seen?.received,
          figures.received.map(({ channel, count }) => [channel, count]),
        ),
        ended: addedTo(
          state.seen?.ended,
          figures.ended.map(({ channel, outcome, count }) => [`${channel} ${outcome}`, count]),
        ),
        resolutions: await resolutions(now),
        unheld: duties === null ? null : await unheldDuties(store, duties),
      };
      return state.seen;
    },
    /** What was read last; null while this process does not lead. */
    seen: () => state.seen,
    /** Another process leads: what is known here grows old, and that process counts for itself. */
    forget(): void {
      state.seen = null;
      state.countedTo = null;
    },
  };
}

function addedTo<Key>(
  before: ReadonlyMap<Key, number> | undefined,
  more: readonly (readonly [Key, number])[],
): ReadonlyMap<Key, number> {
  const sums = new Map(before);
  for (const [key, count] of more) sums.set(key, (sums.get(key) ?? 0) + count);
  return sums;
}
