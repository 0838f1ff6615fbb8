/** What the tests of lost, failed and dead work share: unread mail, processes that ended, the command. */
import assert from "node:assert/strict";
import { sql, type SQL } from "#store/db/drizzle.ts";
import { z } from "zod";
import { runCommand } from "#cli/program.ts";
import { intake } from "#jobs/intake.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import { waitingDeadLetters, type DeadLetter } from "#store/effects/dead-letters.ts";
import { claimLease } from "#store/conversations/lease.ts";
import { type Transaction } from "#store/db/database.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { letterFrom } from "#test/jobs/memory-ports.ts";

export const MINUTE = 60_000;

const Row = z.record(z.string(), z.unknown());

/** Rows of a hand-written statement. */
export function rows(bench: JobBench, query: SQL) {
  return bench.rows(Row, query);
}

/** A message arrives whose notification is lost: no worker has looked at it yet. */
export async function arrive(
  bench: JobBench,
  text: string,
  { thread = "t1", agoMs = MINUTE }: { thread?: string; agoMs?: number } = {},
): Promise<string> {
  const source = bench.channel("email");
  const receivedAt = new Date(bench.now().getTime() - agoMs);
  const message = letterFrom(`${thread}:${text}`, text, receivedAt);
  const body = new TextEncoder().encode(JSON.stringify({ thread, message }));
  const delivery = { source: "bench", headers: {}, body, receivedAt };
  const { conversationIds } = await intake(bench.parts, source, delivery);
  const [id = ""] = conversationIds;
  return id;
}

/** Lets the time of a process's leases be over. */
export async function expireLeases(transaction: Transaction, owner: string): Promise<void> {
  await transaction.execute(
    sql`update conversation set lease_owner = null, lease_until = null where lease_owner = ${owner}`,
  );
}

/** A wake that took its process with it: the lease was taken and the next process found it. */
export function crash({ parts }: JobBench, conversationId: string, times = 1): Promise<void> {
  return parts.store.run(async (transaction) => {
    for (let count = 0; count < times; count += 1) {
      assert.ok(await claimLease(transaction, { conversationId, owner: "dead", leaseMs: MINUTE }));
      await expireLeases(transaction, "dead");
    }
  });
}

export function letters({ parts }: JobBench): Promise<readonly DeadLetter[]> {
  return parts.store.run(waitingDeadLetters, 100);
}

export async function ownerOf({ parts }: JobBench, id: string): Promise<string | undefined> {
  return (await parts.store.run(loadConversation, id))?.owner;
}

/** What `deskhand dead-letters …` prints. */
export async function command(bench: JobBench, ...argv: readonly string[]): Promise<string> {
  const { store, clock } = bench.parts;
  const result = await runCommand({ store, clock }, ["dead-letters", ...argv]);
  assert.equal(result.exitCode, 0, result.stderr);
  return result.stdout;
}
