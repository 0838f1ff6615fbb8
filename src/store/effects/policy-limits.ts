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

/** What one effect uses of its limits. */
export interface Booking {
  readonly key: string;
  readonly reservations: readonly Reservation[];
}

/**
 * Books what effects use of their limits, in the transaction that intends them. All locks are taken at once, and bookings
 * of one limit run one after another, so two turns that both saw room cannot both take it. False when there is no room:
 * the transaction has to be taken back.
 */
export async function reserve(
  transaction: Transaction,
  bookings: readonly Booking[],
  now: Date,
): Promise<boolean> {
  await lockLimits(
    transaction,
    bookings.flatMap(({ reservations }) => reservations),
  );
  for (const { key, reservations } of bookings) {
    for (const { limit, subject, since, minor, countMax, minorMax } of reservations) {
      const needed = { limit, subject, since: new Date(since) };
      const used = (await limitUsage(transaction, [needed]))[limit] ?? { count: 0, minor: 0 };
      if (countMax !== null && used.count + 1 > countMax) return false;
      if (minorMax !== null && used.minor + minor > minorMax) return false;
    }
    const booked = reservations.map(({ limit: limitName, subject, minor }) => {
      return { effectKey: key, limitName, subject, minor, at: now };
    });
    if (booked.length > 0)
      await transaction.insert(reservation).values(booked).onConflictDoNothing();
  }
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
