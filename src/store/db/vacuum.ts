/** Vacuums the embedded database. */
import { reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import { HOUR_MS } from "#core/values/moment.ts";

/** The method of the embedded database that runs statements outside a transaction, as VACUUM requires. */
interface Statements {
  exec(statement: string): Promise<unknown>;
}

/**
 * Reclaims the space of old rows: the embedded database has no background process for it, and every update leaves a
 * dead row behind. Runs between transactions.
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
  // A short command that opens the data must not wait for the timer.
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
