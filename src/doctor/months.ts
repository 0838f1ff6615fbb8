/** Whether recordings of turns have the months ahead that they need, where their table is divided by month. */
import type { Finding } from "#core/connection/diagnosis.ts";
import type { Clock } from "#core/contracts/ports.ts";
import type { Store } from "#store/db/database.ts";
import { missingMonths, monthsIn, TABLE } from "#store/partitions/months.ts";

const AGAIN = `run \`deskhand database partition ${TABLE}\``;

/** None for a table that is not divided. Never throws: what ails the database is told by its own check. */
export async function monthsFindings({
  store,
  clock,
}: {
  readonly store: Store;
  readonly clock: Clock;
}): Promise<readonly Finding[]> {
  const found = await store.run(monthsIn).catch(() => null);
  if (found === null) return [];
  const place = { part: "database", check: "months of recordings" };
  if (found.begun !== null)
    return [
      {
        ...place,
        state: "warning",
        found: `dividing ${TABLE} was begun and not finished`,
        remedy: `${AGAIN} again; otherwise retention takes back what was begun before it can refuse a row`,
      },
    ];
  if (!found.isPartitioned) return [];
  const missing = missingMonths(found, clock.now()).map((month) => month.toISOString().slice(0, 7));
  return missing.length === 0
    ? [{ ...place, state: "ok", found: "there are three months ahead", remedy: null }]
    : [
        {
          ...place,
          state: "warning",
          found: `there is no month ${missing.join(", ")}; its rows are kept in ${TABLE}_rest`,
          remedy: `${AGAIN} again; a worker does so every hour, and its log says why it could not`,
        },
      ];
}
