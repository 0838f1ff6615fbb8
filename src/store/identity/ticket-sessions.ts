/**
 * Sessions beside a ticket of a helpdesk. Each begins with an opening that the helpdesk signed, which counts once, and is
 * bound to the agent, to the helpdesk's origin and, from its first use on, to one ticket.
 */
import { randomBytes } from "node:crypto";
import { and, eq, gt, isNull, lte, or } from "#store/db/drizzle.ts";
import type { Transaction } from "#store/db/database.ts";
import { MINUTE_MS } from "#core/values/moment.ts";
import { ticketSession } from "#store/db/schema.ts";
import { type PassHolder, secretHash } from "./console-sessions.ts";

/** A page that is not looked at for so long is over. */
const IDLE_MS = 15 * MINUTE_MS;

/** No session lives longer: one working day. */
const LIVES_MS_MAX = 8 * 60 * MINUTE_MS;

/** An agent beside a ticket. The role is not stored: the policy is asked again at every click. */
export interface TicketAgent extends PassHolder {
  /** Their id in the helpdesk. */
  readonly userId: string;
  /** The helpdesk's origin. */
  readonly origin: string;
}

/** A session, as it is now; its ticket is null until the page has said which one it stands beside. */
export type TicketSession = typeof ticketSession.$inferSelect;

/**
 * Begins a session; null when this opening has begun one already. An opening is refused by its own time before its row is
 * forgotten.
 */
export async function openTicketSession(
  transaction: Transaction,
  agent: TicketAgent,
  opening: string,
  now: Date,
): Promise<string | null> {
  // Retention does so as well, where no page is opened any more.
  await transaction.delete(ticketSession).where(lte(ticketSession.expiresAt, now));
  const secret = randomBytes(32).toString("base64url");
  const begun = await transaction
    .insert(ticketSession)
    .values({
      ...agent,
      hash: secretHash(secret),
      opening: secretHash(opening),
      // Roles are looked up by address, and one person is one voter however the address was typed.
      email: agent.email.toLowerCase(),
      expiresAt: new Date(now.getTime() + IDLE_MS),
      endsAt: new Date(now.getTime() + LIVES_MS_MAX),
    })
    .onConflictDoNothing()
    .returning({ hash: ticketSession.hash });
  return begun.length === 0 ? null : secret;
}

/** The session of this secret, which lives on from now; null when it is unknown or over. */
export async function findTicketSession(
  transaction: Transaction,
  secret: string,
  now: Date,
): Promise<TicketSession | null> {
  const [row] = await transaction.select().from(ticketSession).where(live(secret, now));
  if (row === undefined) return null;
  const until = Math.min(now.getTime() + IDLE_MS, row.endsAt.getTime());
  // A page asks every few seconds, and is kept alive once a minute.
  if (until - row.expiresAt.getTime() > MINUTE_MS)
    await transaction
      .update(ticketSession)
      .set({ expiresAt: new Date(until) })
      .where(live(secret, now));
  return row;
}

/** Binds a session to a ticket; false when it is bound to another one, or over. */
export async function bindToTicket(
  transaction: Transaction,
  secret: string,
  ticket: string,
  now: Date,
): Promise<boolean> {
  const own = or(isNull(ticketSession.ticket), eq(ticketSession.ticket, ticket));
  const bound = await transaction
    .update(ticketSession)
    .set({ ticket })
    .where(and(live(secret, now), own))
    .returning({ hash: ticketSession.hash });
  return bound.length > 0;
}

function live(secret: string, now: Date) {
  return and(eq(ticketSession.hash, secretHash(secret)), gt(ticketSession.expiresAt, now));
}
