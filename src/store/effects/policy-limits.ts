/** Books and counts the use of policy limits. */
import { and, eq, gte, inArray, sql } from "#store/db/drizzle.ts";
import type { LimitNeeded, LimitUsage, Reservation } from "#core/contracts/policy.ts";
import type { Transaction } from "#store/db/database.ts";
import { lockLimits } from "#store/db/advisory-locks.ts";
import { reservation } from "#store/db/schema.ts";

/** How much of each limit is used since its window opened. */
export async function limitUsage(
  transaction: Transaction,
  needed: readonly LimitNeeded[],
): Promise<Readonly<Record<string, LimitUsage>>> {
  const usage: Record<string, LimitUsage> = {};
  for (const { limit, subject, since } of needed) {
    const [row] = await transaction
      .select({
        count: sql`count(*)`.mapWith(Number),
        minor: sql`coalesce(sum(${reservation.minor}), 0)`.mapWith(Number),
      })
      .from(reservation)
      .where(
        and(
          eq(reservation.limitName, limit),
          eq(reservation.subject, subject),
          gte(reservation.at, since),
        ),
      );
    usage[limit] = row ?? { count: 0, minor: 0 };
  }
  return usage;
}

/**
 * Books what an effect uses of its limits, in the transaction that intends it. Bookings of one limit run one after
 * another, so two turns that both saw room cannot both take it. False when there is no room: nothing is booked.
 */
export async function reserve(
  transaction: Transaction,
  effectKey: string,
  reservations: readonly Reservation[],
  now: Date,
): Promise<boolean> {
  await lockLimits(transaction, reservations);
  for (const wanted of reservations) {
    const since = new Date(wanted.since);
    const used = await limitUsage(transaction, [
      { limit: wanted.limit, subject: wanted.subject, since },
    ]);
    const { count, minor } = used[wanted.limit] ?? { count: 0, minor: 0 };
    if (wanted.countMax !== null && count + 1 > wanted.countMax) return false;
    if (wanted.minorMax !== null && minor + wanted.minor > wanted.minorMax) return false;
  }
  if (reservations.length > 0)
    await transaction
      .insert(reservation)
      .values(
        reservations.map((wanted) => ({
          effectKey,
          limitName: wanted.limit,
          subject: wanted.subject,
          minor: wanted.minor,
          at: now,
        })),
      )
      .onConflictDoNothing();
  return true;
}

/** Releases the bookings of effects that will not happen. */
export async function releaseReservations(
  transaction: Transaction,
  effectKeys: readonly string[],
): Promise<void> {
  if (effectKeys.length === 0) return;
  await transaction.delete(reservation).where(inArray(reservation.effectKey, [...effectKeys]));
}
