/** Cards: one of many decisions at the same moment counts, and a conversation has one that waits. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import {
  changeApproval,
  expiredApprovals,
  insertApproval,
  loadApproval,
  pendingApproval,
  pendingApprovals,
  planReminders,
  type Approval,
} from "#store/approvals/approvals.ts";
import {
  forgetAllPosts,
  recordPosted,
  recordPostFailed,
  APPROVAL_CARDS,
  shownColumns,
  takeStaleCards,
} from "#store/approvals/card-posting.ts";
import { rowFor, type NewApproval } from "./rows.ts";
import { later, NOW, onEveryDatabase, type StoreBench } from "#test/store/bench.ts";
import { type ApprovalVote, plainFlag } from "#core/contracts/approval-desk.ts";

async function posted(
  bench: StoreBench,
  changes: Partial<NewApproval> = {},
  at = NOW,
): Promise<Approval> {
  const row = { ...rowFor(bench, await bench.conversation()), ...changes };
  await bench.run(insertApproval, row, at);
  return stored(bench, row.id);
}

async function stored(bench: StoreBench, id: string): Promise<Approval> {
  const found = await bench.run(loadApproval, id);
  assert.ok(found);
  return found;
}

function change(
  bench: StoreBench,
  expected: Approval,
  to: Parameters<typeof changeApproval>[2],
): Promise<boolean> {
  return bench.run(changeApproval, expected, to, later(1_000));
}

/** Resolves once another session waits for a lock that this one holds. */
async function waitedForALock(bench: StoreBench): Promise<void> {
  const waiting = sql`select count(*) from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await bench.count(waiting)) === 0) await delay(10);
}

function voteOf(voter: string): ApprovalVote {
  return { voter, name: voter, role: "support", at: NOW.toISOString() };
}

onEveryDatabase("approvals", (bench) => {
  for (const [what, expected] of [
    ["version", { version: 2 }],
    ["state", { state: "approved" }],
    ["seal", { seal: "another" }],
    ["votes", { votes: [voteOf("lea")] }],
  ] as const)
    test(`a decision made for another ${what} changes nothing`, async () => {
      const card = await posted(bench);
      const seen: Approval = {
        ...card,
        ...expected,
        votes: [...("votes" in expected ? expected.votes : [])],
      };
      assert.equal(await change(bench, seen, { state: "approved" }), false);
      assert.deepEqual(await stored(bench, card.id), card);
    });

  test("a conversation cannot have two cards that wait, not even when many are posted at once", async () => {
    const conversation = await bench.conversation();
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, () => bench.run(insertApproval, rowFor(bench, conversation), NOW)),
    );
    assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
    const waiting = await bench.run(pendingApproval, conversation);
    assert.ok(waiting);
    await change(bench, waiting, { state: "rejected" });
    await bench.run(insertApproval, rowFor(bench, conversation), NOW);
    const ended = await stored(bench, waiting.id);
    await assert.rejects(change(bench, ended, { state: "pending" }), "a second card came to life");
  });

  test("a card is out of date until the desk shows what it says now", async () => {
    const card = await posted(bench);
    const isStale = async (): Promise<boolean> =>
      (await bench.run(takeStaleCards, later(100_000), 1_000)).some(({ id }) => id === card.id);
    const show = (seen: Approval) =>
      bench.run(
        recordPosted,
        APPROVAL_CARDS,
        { id: seen.id, deskRef: "C1:12.3" },
        shownColumns(seen, ""),
      );
    const flags = [...card.card.flags, plainFlag("Read against its sources: nothing unbacked")];
    const read = { ...card.card, flags };
    assert.equal(await isStale(), true);
    await show(card);
    assert.equal(await isStale(), false);
    for (const to of [
      { votes: [voteOf("lea")] },
      // A reading that ends while the card is being posted changes nothing but the card.
      { card: read },
      { version: 2 },
      { closing: "Being carried out." },
      { state: "approved" },
    ] as const) {
      const before = await stored(bench, card.id);
      assert.equal(
        await change(bench, before, {
          ...to,
          votes: [...("votes" in to ? to.votes : before.votes)],
        }),
        true,
      );
      await show(before);
      assert.equal(await isStale(), true, `an old picture passed for ${Object.keys(to).join()}`);
      await show(await stored(bench, card.id));
      assert.equal(await isStale(), false);
    }
    assert.equal((await stored(bench, card.id)).posting.deskRef, "C1:12.3");
  });

  test("a desk that cannot be reached is tried again later, and at once after the next change", async () => {
    const card = await posted(bench);
    const fail = () =>
      bench.run(recordPostFailed, APPROVAL_CARDS, {
        id: card.id,
        retryAt: later(5_000),
        gone: false,
        tried: true,
      });
    const staleAt = async (at: Date): Promise<boolean> =>
      (await bench.run(takeStaleCards, at, 1_000)).some(({ id }) => id === card.id);
    await fail();
    assert.deepEqual([await staleAt(later(4_999)), await staleAt(later(5_000))], [false, true]);
    const failed = await stored(bench, card.id);
    assert.equal(failed.posting.failures, 1);
    await fail();
    assert.equal(await staleAt(NOW), false);
    await change(bench, failed, { version: 2 });
    assert.equal(await staleAt(NOW), true);
    assert.equal((await stored(bench, card.id)).posting.failures, 0);
  });

  test("a card that several want to post at once is one process's, until it is done or its time is over", async () => {
    const card = await posted(bench);
    const claims = await Promise.all(
      Array.from({ length: 5 }, () => bench.run(takeStaleCards, NOW, 1_000)),
    );
    assert.equal(claims.flat().filter(({ id }) => id === card.id).length, 1);
    const again = (at: Date) => bench.run(takeStaleCards, at, 1_000);
    assert.ok(!(await again(later(29_000))).some(({ id }) => id === card.id));
    assert.ok((await again(later(31_000))).some(({ id }) => id === card.id));
  });

  test("a desk that forgets gets every card again that can still be decided", async () => {
    const [waiting, decided] = [await posted(bench), await posted(bench)];
    await bench.run((transaction) =>
      transaction.execute(
        sql`update approval set desk_ref = 'C1:1', card_stale = false where id in (${waiting.id}, ${decided.id})`,
      ),
    );
    await bench.execute(sql`update approval set state = 'rejected' where id = ${decided.id}`);
    await bench.run(forgetAllPosts, APPROVAL_CARDS);
    const stale = async (): Promise<readonly string[]> =>
      (await bench.run(takeStaleCards, NOW, 1_000))
        .filter(({ id }) => id === waiting.id || id === decided.id)
        .map(({ id, posting }) => `${id} ${posting.deskRef ?? "not posted"}`);
    assert.deepEqual(await stale(), [`${waiting.id} not posted`]);
    assert.equal((await stored(bench, decided.id)).posting.deskRef, "C1:1");
    await bench.run(recordPostFailed, APPROVAL_CARDS, {
      id: decided.id,
      retryAt: NOW,
      gone: true,
      tried: true,
    });
    assert.deepEqual(await stale(), [`${decided.id} not posted`]);
  });

  test("only cards that wait expire, and not before their time", async () => {
    const [waiting, decided] = [await posted(bench), await posted(bench)];
    await change(bench, decided, { state: "approved" });
    const expired = async (at: Date): Promise<readonly string[]> =>
      (await bench.run(expiredApprovals, at)).map(({ id }) => id);
    assert.equal((await expired(later(59_999))).includes(waiting.id), false);
    const due = await expired(later(60_000));
    assert.deepEqual([due.includes(waiting.id), due.includes(decided.id)], [true, false]);
  });

  test("cards that wait are listed oldest first", async () => {
    const younger = await posted(bench, {}, later(-1_000));
    const older = await posted(bench, {}, later(-2_000));
    const [first, second] = await bench.run(pendingApprovals, 100);
    assert.deepEqual([first?.id, second?.id], [older.id, younger.id]);
  });

  if (bench.kind === "postgres")
    test("a reminder's time that was set while times are planned stays", async () => {
      const card = await posted(bench);
      const early = later(1_000);
      let planned: Promise<void> = Promise.resolve();
      await bench.run(async (transaction) => {
        await transaction.execute(
          sql`update approval set remind_at = ${early.toISOString()} where id = ${card.id}`,
        );
        // Reads the row as it was, and then waits for this transaction before it writes.
        planned = bench.run(planReminders, () => later(60_000));
        await waitedForALock(bench);
      });
      await planned;
      const [row] = await bench.rows(
        z.object({ at: z.coerce.date() }),
        sql`select remind_at as at from approval where id = ${card.id}`,
      );
      assert.deepEqual(row?.at, early);
    });

  test("a statement the database refuses is told without the words that were in it", async () => {
    const card = await posted(bench);
    const secret = "4111 1111 1111 1111";
    const again = { ...rowFor(bench, card.conversationId), revision: secret };
    await assert.rejects(
      bench.run(insertApproval, again, NOW),
      (error: unknown) =>
        error instanceof Error &&
        /approval_one_live/.test(error.message) &&
        !error.message.includes(secret),
    );
  });
});
