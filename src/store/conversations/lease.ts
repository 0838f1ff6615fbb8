import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";

/** The right to work on one conversation. Whoever takes it after us has a larger fence, and our writes are refused. */
export interface Lease {
  readonly conversationId: string;
  readonly owner: string;
  readonly fence: number;
}

/** A lease just taken, with what the wakes before it left behind. */
export interface ClaimedLease extends Lease {
  /** Wakes in a row that took the lease and never gave it back: their process ended, or lost the database. */
  readonly unfinished: number;
  /** Wakes in a row that ended with an error nobody expected. */
  readonly failed: number;
}

/** How a wake leaves a conversation. */
export interface WakeEnd {
  /** When the bell rings for it next without anything new, as far as its holder knows; null when it does not. */
  readonly ringsAt: Date | null;
  /** Set after an error nobody expected: until then nobody works on it. */
  readonly holdUntil: Date | null;
}

const FINISHED: WakeEnd = { ringsAt: null, holdUntil: null };

const FenceRow = z.object({ fence: z.coerce.number() });
/**
 * A conversation that was under way when a process ended is one of several. Where it happened twice in a row it may be
 * why, and whoever takes it next works on no other such conversation beside it.
 */
export const QUARANTINED_FROM = 2;

const ClaimRow = z.object({ fence: z.coerce.number(), unfinished: z.int(), failed: z.int() });

/**
 * Takes the lease when it is free or has run out by the database's clock; null when somebody else works on it. The same
 * commit counts the wake as unfinished until it gives the lease back.
 *
 * With `now`, a conversation on hold until later is refused as well; with `innocent`, a suspect.
 */
export async function claimLease(
  transaction: Transaction,
  options: {
    readonly conversationId: string;
    readonly owner: string;
    readonly leaseMs: number;
    readonly now?: Date;
    readonly innocent?: boolean;
  },
): Promise<ClaimedLease | null> {
  const { conversationId, owner, leaseMs, now, innocent = false } = options;
  const [row] = await rowsOf(
    transaction,
    ClaimRow,
    sql`update conversation
        set lease_owner = ${owner}, lease_until = now() + ${leaseMs} * interval '1 millisecond', fence = fence + 1,
            unfinished_wakes = unfinished_wakes + 1, rung_at = null
        where id = ${conversationId} and (lease_owner is null or lease_until < now())
          ${now === undefined ? sql`` : sql`and (hold_until is null or hold_until <= ${now})`}
          ${innocent ? sql`and unfinished_wakes < ${QUARANTINED_FROM}` : sql``}
        returning fence, unfinished_wakes - 1 as unfinished, failed_wakes as failed`,
  );
  return row === undefined ? null : { conversationId, owner, ...row };
}

/** Locks the conversation's row and checks that the lease is still ours; throws `store.fenced` when it is not. */
export async function requireLease(transaction: Transaction, lease: Lease): Promise<void> {
  const [row] = await rowsOf(
    transaction,
    FenceRow,
    // "No key": intake, which only refers to the conversation, does not have to wait for this commit.
    sql`select fence from conversation where id = ${lease.conversationId} for no key update`,
  );
  if (row?.fence !== lease.fence)
    throw new DeskhandError("store.fenced", "another worker took over this conversation");
}

/** Prolongs the lease; throws `store.fenced` when it is not ours any more. */
export async function extendLease(
  transaction: Transaction,
  lease: Lease,
  leaseMs: number,
): Promise<void> {
  await requireLease(transaction, lease);
  await transaction.execute(
    sql`update conversation set lease_owner = ${lease.owner}, lease_until = now() + ${leaseMs} * interval '1 millisecond'
        where id = ${lease.conversationId}`,
  );
}

/**
 * Gives the lease back, unless somebody else has it by now. True when the bell rang for the conversation meanwhile: its
 * holder may have looked at the mailbox just before that, so it has to be rung for once more.
 */
export async function releaseLease(
  transaction: Transaction,
  lease: Lease,
  end: WakeEnd = FINISHED,
): Promise<boolean> {
  const [row] = await rowsOf(
    transaction,
    z.object({ rung: z.boolean() }),
    sql`update conversation
        set lease_owner = null, lease_until = null, unfinished_wakes = 0,
            failed_wakes = ${end.holdUntil === null ? sql`0` : sql`failed_wakes + 1`},
            hold_until = ${end.holdUntil}, rung_at = coalesce(rung_at, ${end.ringsAt})
        where id = ${lease.conversationId} and fence = ${lease.fence}
        returning rung_at is not null and rung_at is distinct from ${end.ringsAt} as rung`,
  );
  return row?.rung ?? false;
}

/**
 * Gives back every lease of a process that ended in the middle of its work, so that its conversations need not wait for
 * the time-out. Whatever it worked on may be why it ended, so that counts against them.
 */
export async function releaseAllLeases(transaction: Transaction, owner: string): Promise<void> {
  await transaction.execute(
    sql`update conversation set lease_owner = null, lease_until = null where lease_owner = ${owner}`,
  );
}

/**
 * Gives back the leases of a process that stops in good order, and says whose conversations are free now: nothing is held against them. Where a call that
 * changes something outside may still be on its way the lease runs out by itself: whoever looked it up too soon would
 * find nothing and do it once more.
 */
export async function handBackLeases(
  transaction: Transaction,
  owner: string,
): Promise<readonly string[]> {
  const rows = await rowsOf(
    transaction,
    z.object({ id: z.string() }),
    sql`update conversation
        set lease_owner = null, lease_until = null, unfinished_wakes = greatest(unfinished_wakes - 1, 0)
        where lease_owner = ${owner} and not exists (
          select 1 from effect where effect.conversation_id = conversation.id and effect.state = 'executing')
        returning id`,
  );
  return rows.map(({ id }) => id);
}
