/**
 * Sign-in codes and sessions of the console; and sessions beside a ticket of a helpdesk. Each of these begins with an
 * opening that the helpdesk signed, which counts once, and is bound to the agent, to the helpdesk's origin and, from its
 * first use on, to one ticket.
 */
import { createHash, randomBytes } from "node:crypto";
import { and, eq, gt, inArray, isNull, like, lte, or } from "#store/db/drizzle.ts";
import type { Transaction } from "#store/db/database.ts";
import { consolePass, ticketSession } from "#store/db/schema.ts";
import { HOUR_MS, MINUTE_MS } from "#core/values/moment.ts";

/** No session lives longer: one working day. */
export const SESSION_LIVES_MS = 8 * HOUR_MS;

const LIVES_MS = {
  /** Long enough to switch windows and open a link, short enough to be worthless in a shell history. */
  code: 10 * MINUTE_MS,
  session: SESSION_LIVES_MS,
} as const;

/** A teammate a link was made for. The role is not stored: the policy is asked again at every click. */
export interface PassHolder {
  readonly email: string;
  readonly name: string;
  /** True where a lead made the link, who could have opened it as well. */
  readonly isInvited?: boolean;
}

/** Before the hash of a pass by a lead's link: a version that does not know of them finds none. */
const INVITED = "invited:";

const HELD = { email: consolePass.email, name: consolePass.name, hash: consolePass.hash } as const;

function heldBy({ hash, ...holder }: Omit<PassHolder, "isInvited"> & { readonly hash: string }) {
  return { ...holder, isInvited: hash.startsWith(INVITED) };
}

/** Exchanges a code for a session; null when it is unknown, used or expired. Two browsers cannot both use it. */
export async function redeemCode(
  transaction: Transaction,
  code: string,
  now: Date,
): Promise<{ readonly holder: PassHolder; readonly session: string } | null> {
  const [pass] = await transaction
    .delete(consolePass)
    .where(valid(code, "code", now))
    .returning(HELD);
  if (pass === undefined) return null;
  const holder = heldBy(pass);
  return { holder, session: await issuePass(transaction, "session", holder, now) };
}

/** Whom a code would sign in, or whose session this is; null when it is unknown, used, ended or expired. */
export async function passHolder(
  transaction: Transaction,
  kind: keyof typeof LIVES_MS,
  secret: string,
  now: Date,
): Promise<PassHolder | null> {
  const [pass] = await transaction
    .select(HELD)
    .from(consolePass)
    .where(valid(secret, kind, now));
  return pass === undefined ? null : heldBy(pass);
}

export async function endSession(transaction: Transaction, session: string): Promise<void> {
  await transaction.delete(consolePass).where(isPass(session));
}

/**
 * Makes a code that signs this teammate in once, or a session for a person who has just proven who they are. Only its
 * hash is stored.
 */
export async function issuePass(
  transaction: Transaction,
  kind: keyof typeof LIVES_MS,
  holder: PassHolder,
  now: Date,
): Promise<string> {
  // Retention does so as well, where no teammate signs in any more.
  await transaction.delete(consolePass).where(lte(consolePass.expiresAt, now));
  const email = holder.email.toLowerCase();
  // A new link ends what the last one opened.
  if (kind === "code" && holder.isInvited === true)
    await transaction
      .delete(consolePass)
      .where(and(eq(consolePass.email, email), like(consolePass.hash, `${INVITED}%`)));
  const secret = randomBytes(32).toString("base64url");
  await transaction.insert(consolePass).values({
    hash: `${holder.isInvited === true ? INVITED : ""}${secretHash(secret)}`,
    kind,
    // Roles are looked up by address, and one person is one voter however the address was typed.
    email,
    name: holder.name,
    expiresAt: new Date(now.getTime() + LIVES_MS[kind]),
  });
  return secret;
}

/** The secrets are 256 random bits, so a plain hash is as good as a slow one. */
export function secretHash(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

function isPass(secret: string) {
  const hash = secretHash(secret);
  return inArray(consolePass.hash, [hash, `${INVITED}${hash}`]);
}

function valid(secret: string, kind: keyof typeof LIVES_MS, now: Date) {
  return and(isPass(secret), eq(consolePass.kind, kind), gt(consolePass.expiresAt, now));
}

// Sessions beside a ticket.

/** A page that is not looked at for so long is over. */
const IDLE_MS = 15 * MINUTE_MS;

/** An agent beside a ticket. The role is not stored: the policy is asked again at every click. */
interface TicketAgent extends PassHolder {
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
      endsAt: new Date(now.getTime() + SESSION_LIVES_MS),
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
