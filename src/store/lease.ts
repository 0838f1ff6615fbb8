import { sql } from "drizzle-orm";
import { z } from "zod";
import { DeskhandError } from "#core/errors.ts";
import { rowsOf, type Transaction } from "./driver.ts";

/** The right to work on one conversation. Whoever takes it after us has a larger fence, and our writes are refused. */
export interface Lease {
  readonly conversationId: string;
  readonly owner: string;
  readonly fence: number;
}

const FenceRow = z.object({ fence: z.coerce.number() });

/** Takes the lease when it is free or has run out by the database's clock; null when somebody else works on it. */
export async function claimLease(
  transaction: Transaction,
  options: { readonly conversationId: string; readonly owner: string; readonly leaseMs: number },
): Promise<Lease | null> {
  const { conversationId, owner, leaseMs } = options;
  const [row] = await rowsOf(
    transaction,
    FenceRow,
    sql`update conversation
        set lease_owner = ${owner}, lease_until = now() + ${leaseMs} * interval '1 millisecond', fence = fence + 1
        where id = ${conversationId} and (lease_owner is null or lease_until < now())
        returning fence`,
  );
  return row === undefined ? null : { conversationId, owner, fence: row.fence };
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
    sql`update conversation set lease_until = now() + ${leaseMs} * interval '1 millisecond' where id = ${lease.conversationId}`,
  );
}

/** Gives the lease back, unless somebody else has it by now. */
export async function releaseLease(transaction: Transaction, lease: Lease): Promise<void> {
  await transaction.execute(
    sql`update conversation set lease_owner = null, lease_until = null
        where id = ${lease.conversationId} and fence = ${lease.fence}`,
  );
}

/** Gives back every lease of a process that is gone or going, so that its conversations need not wait for the time-out. */
export async function releaseAllLeases(transaction: Transaction, owner: string): Promise<void> {
  await transaction.execute(
    sql`update conversation set lease_owner = null, lease_until = null where lease_owner = ${owner}`,
  );
}

/**
 * Gives back the leases of a process that is about to end, and says whose conversations are free now. Where a call that
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
    sql`update conversation set lease_owner = null, lease_until = null
        where lease_owner = ${owner} and not exists (
          select 1 from effect where effect.conversation_id = conversation.id and effect.state = 'executing')
        returning id`,
  );
  return rows.map(({ id }) => id);
}
