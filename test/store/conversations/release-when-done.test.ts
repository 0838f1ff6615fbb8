/** A lease goes with the last commit of its work when nothing at all is left to do, and never otherwise. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { insertApproval } from "#store/approvals/approvals.ts";
import { rowFor } from "#test/store/approvals/rows.ts";
import { addMessages, setOutcome } from "#store/conversations/messages.ts";
import { recordRefusedWake } from "#store/conversations/due-work.ts";
import {
  claimLease,
  extendLease,
  releaseWhenDone,
  type Lease,
} from "#store/conversations/lease.ts";
import { sql } from "#store/db/drizzle.ts";
import { intend } from "#store/effects/intend.ts";
import {
  acceptOne,
  hintOf,
  messageOf,
  NOW,
  onEveryDatabase,
  plannedRefund,
} from "#test/store/bench.ts";

onEveryDatabase("a lease", (bench) => {
  const claimed = async (): Promise<Lease> => {
    const { conversationId } = await bench.run((transaction) =>
      acceptOne(transaction, hintOf(bench.id("event"), [bench.id("key")]), {
        bodyRef: null,
        receivedAt: NOW,
        ids: bench.ids,
      }),
    );
    await bench.execute(
      sql`update hint set state = 'read' where conversation_id = ${conversationId}`,
    );
    const lease = await bench.run((transaction) =>
      claimLease(transaction, { conversationId, owner: "worker", leaseMs: 60_000 }),
    );
    return lease ?? assert.fail("it was not claimed");
  };
  const release = (lease: Lease) =>
    bench.run((transaction) => releaseWhenDone(transaction, lease, new Date()));
  const ownerOf = (lease: Lease) =>
    bench.count(
      sql`select count(*) from conversation where id = ${lease.conversationId} and lease_owner is not null`,
    );

  test("is released when all is done, and tells whether a wake came meanwhile", async () => {
    const quiet = await claimed();
    assert.deepEqual(await release(quiet), { wokenMeanwhile: false });
    assert.equal(await ownerOf(quiet), 0);
    const woken = await claimed();
    await bench.run((transaction) => recordRefusedWake(transaction, woken.conversationId, NOW));
    assert.deepEqual(await release(woken), { wokenMeanwhile: true });
  });

  test("is not taken back by a renewal that comes after its release", async () => {
    const lease = await claimed();
    await release(lease);
    await bench.run((transaction) => extendLease(transaction, lease, 60_000));
    assert.equal(await ownerOf(lease), 0);
  });

  test("goes although an effect waits for its turn, which wakes the conversation then", async () => {
    const lease = await claimed();
    await bench.run((transaction) =>
      intend(transaction, [plannedRefund(bench.id("refund"))], {
        conversationId: lease.conversationId,
        approvalId: null,
        turnId: null,
        bundle: bench.id("b"),
        revision: null,
        approvedBy: "policy",
        notBefore: new Date(Date.now() + 60_000),
        now: NOW,
      }),
    );
    assert.deepEqual(await release(lease), { wokenMeanwhile: false });
  });

  const left: Readonly<Record<string, (lease: Lease) => Promise<unknown>>> = {
    "an unread hint": ({ conversationId: id }) =>
      bench.execute(sql`update hint set state = 'unread' where conversation_id = ${id}`),
    "a message without an outcome": ({ conversationId: id }) =>
      bench.run((transaction) => addMessages(transaction, id, [messageOf(bench.id("m"))], NOW)),
    "an effect that is not settled": ({ conversationId }) =>
      bench.run((transaction) =>
        intend(transaction, [plannedRefund(bench.id("refund"))], {
          conversationId,
          approvalId: null,
          turnId: null,
          bundle: bench.id("b"),
          revision: null,
          approvedBy: "policy",
          notBefore: NOW,
          now: NOW,
        }),
      ),
    "an approval that nobody decided yet": ({ conversationId }) =>
      bench.run((transaction) => insertApproval(transaction, rowFor(bench, conversationId), NOW)),
    "a time to wake": ({ conversationId: id }) =>
      bench.execute(sql`update conversation set wake_at = now() where id = ${id}`),
    "a linked conversation": async ({ conversationId: id }) => {
      const linked = await bench.conversation();
      await bench.execute(sql`update conversation set linked_id = ${linked} where id = ${id}`);
    },
  };
  for (const [what, leave] of Object.entries(left))
    test(`stays with its holder, who looks again, while there is ${what}`, async () => {
      const lease = await claimed();
      await leave(lease);
      assert.equal(await release(lease), null);
      assert.equal(await ownerOf(lease), 1);
    });

  test("goes with an answered message, and another worker's lease never", async () => {
    const lease = await claimed();
    const key = bench.id("m");
    await bench.run(async (transaction) => {
      await addMessages(transaction, lease.conversationId, [messageOf(key)], NOW);
      const decidedIn = lease.conversationId;
      const ended = { outcome: "answered", reason: "", turnId: null, decidedIn } as const;
      await setOutcome(transaction, [key], ended, NOW);
    });
    assert.equal(await release({ ...lease, fence: lease.fence - 1 }), null);
    assert.deepEqual(await release(lease), { wokenMeanwhile: false });
  });
});
