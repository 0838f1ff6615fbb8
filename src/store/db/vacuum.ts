import { reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";

const HOUR_MS = 3_600_000;

/** The part of the embedded database that runs statements outside a transaction, where VACUUM has to be. */
interface Statements {
  exec(statement: string): Promise<unknown>;
}

/**
 * Makes room for new rows where old ones were: the embedded database has no background process that would, and every
 * change of a row leaves its old form behind. Takes its turn between transactions.
 */
export function vacuumHourly(
  database: Statements,
  log: Log,
  everyMs = HOUR_MS,
): { readonly stop: () => void } {
  const timer = setInterval(() => {
    database
      .exec("vacuum")
      .catch((error: unknown) => log.warn("vacuum failed", { reason: reasonOf(error) }));
  }, everyMs);
  // A command that opened the data for a moment need not wait for it.
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
