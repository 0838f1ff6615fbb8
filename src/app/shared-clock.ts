import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";
import { rowsOf, type Store } from "#store/db/database.ts";

/** A drift of seconds a day, as of a machine without a time service, stays far below a second in this time. */
const EVERY_MS = 60_000;

/** Less is told by no answer: it takes time to come. */
const NOTED_MS = 1_000;

/** Business time as the database's clock has it. */
export interface SharedClock extends Clock {
  /** Compares with the database every minute; resolves after the first time with what ends it. */
  follow(store: Store, log: Log): Promise<() => void>;
}

/**
 * Several processes write times down for each other: when to try again, when an effect is due, when something was said.
 * On machines whose clocks differ each would read them wrongly, so all of them go by the one clock they share. A process
 * that cannot ask goes on with the difference it last saw.
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
    // The database looked at its clock somewhere between the two; the middle is wrong by half of that at most.
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
