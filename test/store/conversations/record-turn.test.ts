/** A turn's record hangs on its lease and on who owned the conversation: all of it is written, or nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { addMessages, takeEdits, setOutcome } from "#store/conversations/messages.ts";
import {
  claimLease,
  type Lease,
  extendLease,
  releaseWhenDone,
} from "#store/conversations/lease.ts";
import {
  intendTurn,
  recordTurn,
  type IntendedBundle,
  type TurnRecord,
} from "#store/conversations/record-turn.ts";
import { sql } from "#store/db/drizzle.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { insertApproval } from "#store/approvals/approvals.ts";
import { recordRefusedWake } from "#store/conversations/due-work.ts";
import { intend } from "#store/effects/intend.ts";
import {
  messageOf,
  NOW,
  onEveryDatabase,
  plannedRefund,
  acceptOne,
  hintOf,
  intakeOptions,
  intentionIn,
} from "#test/store/bench.ts";
import { rowFor } from "#test/store/approvals/rows.ts";

const NOTHING: TurnRecord = {
  owner: "bot",
  hints: [],
  messages: [],
  change: {},
  outcomes: new Map(),
  holdsPause: false,
  chat: null,
  caseEntry: null,
  leavesCase: false,
};

onEveryDatabase("a turn's record", (bench) => {
  const claimed = async (): Promise<Lease> => {
    const conversationId = await bench.conversation();
    const lease = await bench.run(claimLease, { conversationId, owner: "worker", leaseMs: 60_000 });
    return lease ?? assert.fail("it was not claimed");
  };
  const record = (lease: Lease, given: Partial<TurnRecord>) =>
    bench.run(recordTurn, lease, { ...NOTHING, ...given }, NOW);
  const messagesOf = ({ conversationId }: Lease) =>
    bench.rows(
      z.object({ key: z.string(), outcome: z.string().nullable() }),
      sql`select key, outcome from message where conversation_id = ${conversationId} order by id`,
    );

  test("gives back a message whose key belongs to another conversation, and leaves that one alone", async () => {
    const [lease, other] = [await claimed(), await claimed()];
    const taken = messageOf(bench.id("m"));
    const fresh = messageOf(bench.id("m"));
    await bench.run(addMessages, other.conversationId, [taken], NOW);
    assert.deepEqual((await record(lease, { messages: [taken, fresh] }))?.known, [taken]);
    assert.deepEqual(await messagesOf(lease), [{ key: fresh.key, outcome: null }]);
    assert.deepEqual(await messagesOf(other), [{ key: taken.key, outcome: null }]);
  });

  test("an answer that is internal at its source now is internal here, with its text", async () => {
    const lease = await claimed();
    const answer = messageOf(bench.id("m"), { text: "We refund it." });
    const before = await bench.run(addMessages, lease.conversationId, [answer], NOW);
    assert.equal(before.length, 1);
    const now = { ...answer, visibility: "internal" as const };
    await bench.run(takeEdits, lease.conversationId, { known: [], edited: [now] }, NOW);
    const rows = await bench.rows(
      z.object({ visibility: z.string(), content: z.unknown() }),
      sql`select m.visibility, c.content from message m join message_content c on c.message_id = m.id where m.key = ${answer.key}`,
    );
    assert.deepEqual(rows, [{ visibility: "internal", content: now }]);
  });

  test("is nothing when the conversation changed hands, and an error without the lease", async () => {
    const lease = await claimed();
    const messages = [messageOf(bench.id("m"))];
    assert.equal(await record(lease, { owner: "human", messages }), null);
    await assert.rejects(
      record({ ...lease, fence: lease.fence - 1 }, { messages }),
      (error) => error instanceof DeskhandError && error.code === "store.fenced",
    );
    assert.deepEqual(await messagesOf(lease), []);
  });

  test("intends an action once, however often it is planned, and audits only what is new", async () => {
    const lease = await claimed();
    const { conversationId } = lease;
    const key = bench.id("refund");
    const bundle = (actions: IntendedBundle["actions"]): IntendedBundle => ({
      conversationId,
      approvalId: null,
      turnId: null,
      bundle: bench.id("b"),
      revision: null,
      approvedBy: "policy",
      notBefore: NOW,
      actions,
      first: "intended",
    });
    const intend = (...bundles: readonly IntendedBundle[]) =>
      bench.run(
        intendTurn,
        lease,
        {
          revision: "r",
          trace: null,
          recording: null,
          bundles,
          line: null,
          entries: [{ kind: "intended", data: { key }, about: key }],
        },
        NOW,
      );
    const entries = () =>
      bench.count(sql`select count(*) from audit_pending where data ->> 'key' = ${key}`);
    const made = await intend(
      bundle([plannedRefund(key), plannedRefund(key)]),
      bundle([plannedRefund(key)]),
    );
    assert.deepEqual(
      made.map((effect) => [effect.key, effect.position, effect.state, effect.attempts]),
      [[key, 0, "intended", 0]],
    );
    assert.deepEqual(await intend(bundle([plannedRefund(key)])), []);
    assert.equal(await entries(), 1);
    await bench.execute(
      sql`update effect set state = 'withdrawn', error = 'late' where key = ${key}`,
    );
    const [again] = await intend(bundle([plannedRefund(key)]));
    assert.deepEqual([again?.state, again?.error], ["intended", null]);
    assert.equal(await entries(), 2);
  });
});

onEveryDatabase("a lease", (bench) => {
  const claimed = async (): Promise<Lease> => {
    const { conversationId } = await bench.run(
      acceptOne,
      hintOf(bench.id("event"), [bench.id("key")]),
      intakeOptions(bench),
    );
    await bench.execute(
      sql`update hint set state = 'read' where conversation_id = ${conversationId}`,
    );
    const lease = await bench.run(claimLease, { conversationId, owner: "worker", leaseMs: 60_000 });
    return lease ?? assert.fail("it was not claimed");
  };
  const release = (lease: Lease) => bench.run(releaseWhenDone, lease, new Date());
  const ownerOf = (lease: Lease) =>
    bench.count(
      sql`select count(*) from conversation where id = ${lease.conversationId} and lease_owner is not null`,
    );

  test("is released when all is done, and tells whether a wake came meanwhile", async () => {
    const quiet = await claimed();
    assert.deepEqual(await release(quiet), { wokenMeanwhile: false });
    assert.equal(await ownerOf(quiet), 0);
    const woken = await claimed();
    await bench.run(recordRefusedWake, woken.conversationId, NOW);
    assert.deepEqual(await release(woken), { wokenMeanwhile: true });
  });

  test("goes with the hints that brought nothing, unless another one came, which leaves them unread", async () => {
    const lease = await claimed();
    const { conversationId: id } = lease;
    const unread = () =>
      bench.count(
        sql`select count(*) from hint where conversation_id = ${id} and state = 'unread'`,
      );
    await bench.execute(sql`update hint set state = 'unread' where conversation_id = ${id}`);
    assert.equal(await bench.run(releaseWhenDone, lease, NOW, []), null);
    const looked = await bench.count(sql`select max(id) from hint where conversation_id = ${id}`);
    assert.equal(await bench.run(releaseWhenDone, lease, NOW, [looked + 1]), null);
    assert.equal(await unread(), 1);
    assert.deepEqual(await bench.run(releaseWhenDone, lease, NOW, [looked]), {
      wokenMeanwhile: false,
    });
    assert.equal(await unread(), 0);
  });

  test("is not taken back by a renewal that comes after its release", async () => {
    const lease = await claimed();
    await release(lease);
    await bench.run(extendLease, lease, 60_000);
    assert.equal(await ownerOf(lease), 0);
  });

  test("goes although an effect waits for its turn, which wakes the conversation then", async () => {
    const lease = await claimed();
    await bench.run(
      intend,
      [plannedRefund(bench.id("refund"))],
      intentionIn(bench, lease.conversationId, { notBefore: new Date(Date.now() + 60_000) }),
    );
    assert.deepEqual(await release(lease), { wokenMeanwhile: false });
  });

  const left: Readonly<Record<string, (lease: Lease) => Promise<unknown>>> = {
    "an unread hint": ({ conversationId: id }) =>
      bench.execute(sql`update hint set state = 'unread' where conversation_id = ${id}`),
    "a message without an outcome": ({ conversationId: id }) =>
      bench.run(addMessages, id, [messageOf(bench.id("m"))], NOW),
    "an effect that is not settled": ({ conversationId }) =>
      bench.run(intend, [plannedRefund(bench.id("refund"))], intentionIn(bench, conversationId)),
    "an approval that nobody decided yet": ({ conversationId }) =>
      bench.run(insertApproval, rowFor(bench, conversationId), NOW),
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
