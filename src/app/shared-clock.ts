/** A clock that follows the database's, so that all processes agree on the time. */

import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";
import { rowsOf, type Store } from "#store/db/database.ts";

/** A drift of seconds a day, as on a machine without a time service, stays far below a second within this interval. */
const EVERY_MS = 60_000;

/** Smaller differences cannot be told from the time the answer takes. */
const NOTED_MS = 1_000;

/** Business time according to the database's clock. */
export interface SharedClock extends Clock {
  /** Compares with the database every minute. Resolves after the first comparison, with a function that stops it. */
  follow(store: Store, log: Log): Promise<() => void>;
}

/**
 * Processes write down times for each other: when to retry, when an effect is due, when a message was sent. Machines
 * whose clocks differ would read them wrongly, so all processes use the database's clock. A process that cannot ask
 * keeps the last known difference.
 */
export function sharedClock(own: Clock): SharedClock {
  const difference = { ms: 0 };
  const compare = async (store: Store, log: Log): Promise<void> => {
    const asked = own.now().getTime();
    const [row] = await store.run((transaction) =>
      rowsOf(transaction, z.object({ ms: z.coerce.number() }), NOW_MS),
    );
    if (row === undefined) return;
    const answered = own.now().getTime();
    // The database read its clock somewhere between the two times; the middle is wrong by at most half the interval.
    const found = Math.round(row.ms - (asked + answered) / 2);
    if (Math.abs(found) >= NOTED_MS && Math.abs(found - difference.ms) >= NOTED_MS)
      log.warn("the clock of this machine is not the database's", { difference_ms: found });
    difference.ms = Math.abs(found) < NOTED_MS ? 0 : found;
  };
  return {
    now: () => new Date(own.now().getTime() + difference.ms),
    async follow(store, log) {
      await compare(store, log);
      const timer = setInterval(() => {
        compare(store, log).catch((error: unknown) => {
          if (!(error instanceof DeskhandError)) throw error;
          log.warn("the database's clock could not be asked", { reason: reasonOf(error) });
        });
      }, EVERY_MS);
      timer.unref();
      return () => clearInterval(timer);
    },
  };
}

const NOW_MS = sql`select extract(epoch from clock_timestamp()) * 1000 as ms`;
