/** Which reads may be answered by a replica, and when one is trusted: reports whose reader does not mind some seconds. */
import { z } from "zod";
import { reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import { rowsOf, type Store, type Transaction } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";

/** A replica further behind is not read. */
const LAG_S_MAX = 15;

/** A replica that failed or was behind is left alone this long. */
const APART_MS = 10_000;

/** Transactions that only read, for figures and lists; nothing may be decided or written by what they say. */
export type Reports = Pick<Store, "run">;

const Following = z.object({ isReplica: z.boolean(), behind: z.coerce.number().nullable() });

/**
 * How old the newest transaction is that the server has replayed (PostgreSQL, "Recovery Information Functions"). The
 * process that leads writes every two seconds, so this stays small on a replica that follows. One that was made a
 * primary follows no more.
 */
const FOLLOWING = sql`select pg_is_in_recovery() as "isReplica",
  extract(epoch from now() - pg_last_xact_replay_timestamp()) as behind`;

const replicas = new WeakMap<Store, Reports>();

/** From now on, reports on this store are read there where that is possible. */
export function useReplica(store: Store, replica: Reports, log: Log): void {
  replicas.set(store, readsApart(store, replica, log));
}

/**
 * Where reports are read: on the replica, if there is one that answers and follows, else on the primary. Either way the
 * transaction cannot write.
 */
export function reportsOf(store: Store): Reports {
  return replicas.get(store) ?? readingOnly(store);
}

function readingOnly(store: Reports): Reports {
  return {
    run: (work) =>
      store.run(async (transaction) => {
        await transaction.execute(sql`set transaction read only`);
        return work(transaction);
      }),
  };
}

/** Tries the replica first; whatever fails there is asked of the primary, since a report only reads. */
function readsApart(primary: Reports, replica: Reports, log: Log): Reports {
  const onPrimary = readingOnly(primary);
  const apart = { until: 0 };
  return {
    async run(work) {
      if (performance.now() < apart.until) return onPrimary.run(work);
      try {
        return await replica.run(async (transaction) => {
          await refuseUnfit(transaction);
          return work(transaction);
        });
      } catch (error) {
        apart.until = performance.now() + APART_MS;
        log.warn("reports are read from the primary for now", { reason: reasonOf(error) });
        return onPrimary.run(work);
      }
    },
  };
}

async function refuseUnfit(transaction: Transaction): Promise<void> {
  const [found] = await rowsOf(transaction, Following, FOLLOWING);
  const problem = unfitness(found);
  if (problem !== null) throw new Error(problem);
}

/** Why a server that says this of itself is not read from; null for one that follows closely enough. */
export function unfitness(found: z.infer<typeof Following> | undefined): string | null {
  if (found?.isReplica !== true) return "DATABASE_REPLICA_URL names a server that is no replica";
  if (found.behind === null) return "the replica has replayed nothing yet";
  return found.behind > LAG_S_MAX ? `the replica is ${Math.round(found.behind)} s behind` : null;
}
