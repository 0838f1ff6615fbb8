/** Leases: the exclusive right of one worker to work on one conversation. */
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { ask, firstRow, type Reader, type Transaction, valuesOf } from "#store/db/database.ts";
import { ADVISORY_LOCKS } from "#store/db/advisory-locks.ts";
import type { StatementValue } from "#gate/kernel/statement.ts";

/** The right to work on one conversation. The next holder has a larger fence, and our writes are then refused. */
export interface Lease {
  readonly conversationId: string;
  readonly owner: string;
  readonly fence: number;
}

/** A lease just taken, with the record of the wakes before it. */
export interface ClaimedLease extends Lease {
  /** Wakes in a row that took the lease and never released it: their process ended, or lost the database. */
  readonly unfinished: number;
  /**
   * Wakes since the last good one that ended with an error which is a bug; below zero, how many in a row ended with one
   * that passes by itself, while none was a bug.
   */
  readonly failed: number;
}

/** The state in which a wake leaves a conversation. */
export interface WakeEnd {
  /** When the next wake comes without new input, as far as the holder knows; null when none does. */
  readonly nextWakeAt: Date | null;
  /** Set after an error: until then no worker takes the conversation. */
  readonly holdUntil: Date | null;
  /** What the next lease says of failures; null when the wake says nothing, and both counts stay as they were before it. */
  readonly failed: number | null;
}

const FINISHED: WakeEnd = { nextWakeAt: null, holdUntil: null, failed: 0 };

/**
 * A process that ends leaves several conversations unfinished. One that is unfinished twice in a row may be the cause:
 * it is quarantined, and its next worker works on no other quarantined conversation at the same time.
 */
export const QUARANTINED_FROM = 2;

/** What of a claimed row becomes the lease. */
export const ClaimedRow = z.object({
  fence: z.coerce.number(),
  unfinished: z.int(),
  failed: z.int(),
});

/** How a lease is claimed. */
export interface ClaimOptions {
  readonly conversationId: string;
  readonly owner: string;
  readonly leaseMs: number;
  /** The business time. With it, a conversation on hold until later is refused too. */
  readonly now?: Date;
  /** True refuses a quarantined one. */
  readonly cleanOnly?: boolean;
}

/**
 * Takes the lease when it is free or has expired by the database's clock; `$1` to `$5` are `claimValues`. The same
 * commit counts the wake as unfinished until the lease is released.
 */
export const CLAIM = `
update conversation
set lease_owner = $2, lease_until = now() + $3 * interval '1 millisecond', fence = fence + 1,
    unfinished_wakes = unfinished_wakes + 1, rung_at = null
where id = $1 and (lease_owner is null or lease_until < now())
  and ($4::timestamptz is null or hold_until is null or hold_until <= $4)
  and (not $5::boolean or unfinished_wakes < ${QUARANTINED_FROM})`;

const CLAIM_ALONE = {
  name: "claim",
  text: `${CLAIM} returning fence, unfinished_wakes - 1 as unfinished, failed_wakes as failed`,
  row: ClaimedRow,
} as const;

/** The values of `CLAIM`, in order. */
export function claimValues(options: ClaimOptions): readonly StatementValue[] {
  const { conversationId, owner, leaseMs, now = null, cleanOnly = false } = options;
  return [conversationId, owner, leaseMs, now, cleanOnly];
}

/** Takes the lease; null when another worker holds it, or when the options refuse this conversation. */
export async function claimLease(
  reader: Reader,
  options: ClaimOptions,
): Promise<ClaimedLease | null> {
  const [row] = await ask(reader, CLAIM_ALONE, claimValues(options));
  const { conversationId, owner } = options;
  return row === undefined ? null : { conversationId, owner, ...row };
}

const FENCE = {
  name: "fence",
  // "No key": intake, which only references the conversation, does not have to wait for this commit.
  text: "select fence from conversation where id = $1 for no key update",
  row: ClaimedRow.pick({ fence: true }),
} as const;

/** Locks the conversation's row and checks that the lease is still ours; throws `store.fenced` when it is not. */
export async function requireLease(transaction: Transaction, lease: Lease): Promise<void> {
  checkFence(lease, await ask(transaction, FENCE, [lease.conversationId]));
}

const FENCE_AND_PAUSE = {
  name: "fence_and_pause",
  // The row's lock comes before the pause's: the order of all transactions.
  text: `
with ours as materialized (select fence from conversation where id = $1 for no key update)
select fence, pg_advisory_xact_lock_shared(${ADVISORY_LOCKS.pause})::text as locked from ours`,
  row: FENCE.row,
} as const;

/** The same, with the pause held as `holdPause` does, in one statement. */
export async function requireLeaseAndPause(transaction: Transaction, lease: Lease): Promise<void> {
  checkFence(lease, await ask(transaction, FENCE_AND_PAUSE, [lease.conversationId]));
}

function checkFence(lease: Lease, [row]: readonly z.infer<typeof FENCE.row>[]): void {
  if (row?.fence !== lease.fence)
    throw new DeskhandError("store.fenced", "another worker took over this conversation");
}

/** Extends the lease; throws `store.fenced` when it is no longer ours. */
export async function extendLease(
  transaction: Transaction,
  lease: Lease,
  leaseMs: number,
): Promise<void> {
  await requireLease(transaction, lease);
  await transaction.execute(
    sql`update conversation set lease_until = now() + ${leaseMs} * interval '1 millisecond'
        where id = ${lease.conversationId} and lease_owner = ${lease.owner}`,
  );
}

const RELEASE = {
  name: "release",
  text: `
update conversation
set lease_owner = null, lease_until = null,
    unfinished_wakes = case when $5::int is null then greatest(unfinished_wakes - 1, 0) else 0 end,
    failed_wakes = coalesce($5::int, failed_wakes),
    hold_until = $3, rung_at = coalesce(rung_at, $4::timestamptz)
where id = $1 and fence = $2
returning rung_at is not null and rung_at is distinct from $4 as "wokenMeanwhile"`,
  row: z.object({ wokenMeanwhile: z.boolean() }),
} as const;

/**
 * Releases the lease, unless another worker has it by now. True when a wake arrived meanwhile: the holder may have
 * checked for work just before, so the conversation has to be woken again.
 */
export async function releaseLease(
  reader: Reader,
  lease: Lease,
  end: WakeEnd = FINISHED,
): Promise<boolean> {
  const values = [lease.conversationId, lease.fence, end.holdUntil, end.nextWakeAt, end.failed];
  const [row] = await ask(reader, RELEASE, values);
  return row?.wokenMeanwhile ?? false;
}

const RELEASE_WHEN_DONE = {
  name: "release_when_done",
  text: `
with looked as materialized (select e::bigint as id from jsonb_array_elements_text($4::jsonb) e),
ours as (
update conversation c
set lease_owner = null, lease_until = null, unfinished_wakes = 0, failed_wakes = 0, hold_until = null
where c.id = $1 and c.fence = $2 and c.wake_at is null and c.linked_id is null
  and not exists (select 1 from hint h where h.conversation_id = c.id and h.state = 'unread'
                    and h.id not in (select id from looked))
  and not exists (select 1 from effect e where e.conversation_id = c.id and e.state in ('intended', 'executing')
                    and (e.state = 'executing' or e.not_before <= $3::timestamptz))
  and not exists (select 1 from approval a where a.conversation_id = c.id and a.state = 'pending')
  and not exists (select 1 from message m where m.conversation_id = c.id and m.outcome is null
                    and m.author_kind = 'requester' and m.visibility = 'public')
returning c.rung_at is not null as "wokenMeanwhile"),
read as (update hint h set state = 'read' from ours where h.id in (select id from looked))
select "wokenMeanwhile" from ours`,
  row: z.object({ wokenMeanwhile: z.boolean() }),
} as const;

/** A lease that was released with the work's own commit; after a wake meanwhile, the conversation has to be woken again. */
export type Released = z.infer<typeof RELEASE_WHEN_DONE.row>;

/**
 * Releases the lease within the commit that ends the work, when nothing is left to do now: null when anything may be left,
 * so that its holder has to look, and when another worker has the lease by now. `looked` are the ids of hints that brought
 * nothing: they are read with it, or stay unread with null.
 */
export function releaseWhenDone(
  reader: Reader,
  lease: Lease,
  now: Date,
  looked: readonly number[] = [],
): Promise<Released | null> {
  const values = [lease.conversationId, lease.fence, now.toISOString(), JSON.stringify(looked)];
  return firstRow(ask(reader, RELEASE_WHEN_DONE, values));
}

/**
 * The conversations of a process whose work has ended. A lease with an effect under way is left to expire: its call may
 * still arrive, and a look-up too early would find nothing and repeat it.
 */
function freeableOf(owner: string) {
  return sql`lease_owner = ${owner} and not exists (
    select 1 from effect where effect.conversation_id = conversation.id and effect.state = 'executing')`;
}

/**
 * Releases the leases of a process that crashed, so that its conversations need not wait for the time-out. They keep
 * their unfinished count, since any of them may have caused the crash.
 */
export async function releaseAllLeases(transaction: Transaction, owner: string): Promise<void> {
  await transaction.execute(
    sql`update conversation set lease_owner = null, lease_until = null where ${freeableOf(owner)}`,
  );
}

/**
 * Releases the leases of a process that stops regularly, takes back the unfinished count, and returns the freed
 * conversations: the process writes nothing to them any more.
 */
export function handBackLeases(
  transaction: Transaction,
  owner: string,
): Promise<readonly string[]> {
  return valuesOf(
    transaction,
    z.string(),
    sql`update conversation
        set lease_owner = null, lease_until = null, fence = fence + 1,
          unfinished_wakes = greatest(unfinished_wakes - 1, 0)
        where ${freeableOf(owner)}
        returning id`,
  );
}
