/** What processes agree on without asking each other: a clock that follows the database's, and ids that no two of them give. */

import { hostname } from "node:os";
import { z } from "zod";
import { reasonOf } from "#core/values/errors.ts";
import type { Clock, Log, Ids } from "#core/contracts/ports.ts";
import { ask, onlyRow, type Store } from "#store/db/database.ts";
import { randomUUID } from "node:crypto";

/** A drift of seconds a day, as on a machine without a time service, stays far below a second within this interval. */
const EVERY_MS = 60_000;

/** Smaller differences cannot be told from the time the answer takes. */
const NOTED_MS = 1_000;

/** How often it is looked whether this machine's clock was set. */
const LOOK_MS = 1_000;

/** Business time according to the database's clock. */
export interface SharedClock extends Clock {
  /** Compares with the database every minute. Resolves after the first comparison, with a function that stops it. */
  follow(store: Store, log: Log): Promise<() => void>;
  /** By how many milliseconds this machine's clock is ahead of the database's; negative when it is behind. */
  aheadMs(): number;
}

interface Following {
  /** Business time at a moment of the time that passes; null until the database was asked. */
  anchor: { readonly at: number; readonly passed: number } | null;
  /** How far ahead this machine's clock was at the last comparison. */
  comparedAheadMs: number;
}

/**
 * Processes write down times for each other: when to retry, when an effect is due, when a message was sent. Machines
 * whose clocks differ would read them wrongly, so all processes use the database's clock. Between two comparisons it goes
 * on by the time that passes, which setting this machine's clock does not change. A process that cannot ask keeps on.
 */
export function sharedClock(own: Clock): SharedClock {
  const state: Following = { anchor: null, comparedAheadMs: 0 };
  const nowMs = (): number =>
    state.anchor === null
      ? own.now().getTime()
      : state.anchor.at + performance.now() - state.anchor.passed;
  const aheadMs = (): number => own.now().getTime() - nowMs();
  const compare = async (store: Store, log: Log): Promise<void> => {
    state.anchor ??= { at: own.now().getTime(), passed: performance.now() };
    const asked = nowMs();
    const { ms } = onlyRow(await ask(store, NOW_MS, []));
    const passed = performance.now();
    const answered = nowMs();
    // The database read its clock somewhere between the two times; the middle is wrong by at most half the interval.
    const found = Math.round(ms - (asked + answered) / 2);
    if (Math.abs(found) >= NOTED_MS) state.anchor = { at: answered + found, passed };
    const ahead = Math.round(aheadMs());
    if (Math.abs(ahead - state.comparedAheadMs) >= NOTED_MS)
      log.warn("the clock of this machine is not the database's", { difference_ms: -ahead });
    state.comparedAheadMs = ahead;
  };
  return {
    now: () => new Date(nowMs()),
    aheadMs,
    async follow(store, log) {
      await compare(store, log);
      const last = { at: performance.now() };
      const timer = setInterval(() => {
        // Set by hand, or asleep meanwhile: the time that passes does not count in the sleep of a machine.
        const wasSet = Math.abs(aheadMs() - state.comparedAheadMs) >= NOTED_MS;
        if (!wasSet && performance.now() - last.at < EVERY_MS) return;
        last.at = performance.now();
        compare(store, log).catch((error: unknown) => {
          log.warn("the database's clock could not be asked", { reason: reasonOf(error) });
        });
      }, LOOK_MS);
      timer.unref();
      return () => clearInterval(timer);
    },
  };
}

/** Sign-ins and signatures elsewhere allow for more than this, so there is time to act. */
const OFF_MS = 30_000;

/** What is wrong with the clock of this machine and what to do; null while it is near enough. */
export function clockProblem(clock: Clock | SharedClock): string | null {
  const aheadMs = "aheadMs" in clock ? clock.aheadMs() : 0;
  if (Math.abs(aheadMs) < OFF_MS) return null;
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  const off = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  const way = aheadMs > 0 ? "ahead of" : "behind";
  return `the clock of ${hostname()} is ${off} ${way} the database's. Deskhand goes by the database's and dates nothing wrongly; sign-ins, TLS and S3 may refuse this machine. Set it: timedatectl set-ntp true, or chronyc makestep.`;
}

const NOW_MS = {
  name: "clock_ms",
  text: "select extract(epoch from clock_timestamp()) * 1000 as ms",
  row: z.object({ ms: z.coerce.number() }),
} as const;

/** Random ids with a prefix that says what they name. */
export const randomIds: Ids = {
  next: (prefix) => `${prefix}_${randomUUID().replaceAll("-", "").slice(0, 20)}`,
};
