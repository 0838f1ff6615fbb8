import { sql } from "#store/drizzle.ts";
import { z } from "zod";
import { currentPause } from "#store/pause.ts";
import type { WakeQueue } from "#jobs/queue.ts";
import type { Probe } from "#server/health.ts";
import { rowsOf, type Store } from "#store/driver.ts";
import type { Duties } from "./roles.ts";

/** The clockwork ticks every second; a statement that hangs holds it up until the database's time limit of half a minute. */
const TICK_AGE_MS_MAX = 45_000;

/** What runs by itself, filled in as it comes up. */
export interface Pulse {
  /** Milliseconds since the clockwork last came to the end of a tick; null before it was started. */
  clockworkAgeMs: (() => number) | null;
  /** True once every channel and the desk are connected. */
  connected: boolean;
}

/** Everything this process needs for its duties, as questions for the health endpoint. */
export function vitals(given: {
  readonly store: Store;
  readonly queue: WakeQueue;
  readonly duties: Duties;
  readonly pulse: Pulse;
}): Readonly<Record<string, Probe>> {
  const { store, queue, duties, pulse } = given;
  return {
    database: () => databaseFacts(store),
    queue: async () => {
      await queue.ping();
      return {};
    },
    ...(duties.works
      ? {
          clockwork: async () => {
            const ageMs = pulse.clockworkAgeMs?.() ?? null;
            if (ageMs === null) throw new Error("has not started yet");
            if (ageMs > TICK_AGE_MS_MAX)
              throw new Error(`stands still for ${Math.round(ageMs / 1_000)} s`);
            return {};
          },
        }
      : {}),
    ...(duties.connects
      ? {
          channels: async () => {
            if (!pulse.connected) throw new Error("not connected yet");
            return {};
          },
        }
      : {}),
  };
}

const NameRow = z.object({ name: z.string() });

/** A look at real rows: a server that accepts connections and answers nothing else is away. */
function databaseFacts(store: Store) {
  return store.run(async (transaction) => {
    const [newest] = await rowsOf(
      transaction,
      NameRow,
      sql`select name from deskhand_migration order by name desc limit 1`,
    );
    const { all, channels, topics } = await currentPause(transaction);
    return { schema: newest?.name ?? null, paused: { all, channels, topics } };
  });
}
