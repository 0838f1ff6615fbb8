/** A customer's message that no card, answer or undo time stands behind has its conversation woken, and no other has. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { insertApproval } from "#store/approvals/approvals.ts";
import { takeConversationsToWake } from "#store/conversations/due-work.ts";
import { sql } from "#store/db/drizzle.ts";
import { intend } from "#store/effects/intend.ts";
import { effectByKey, moveEffect } from "#store/effects/ledger.ts";
import { toldReason } from "#core/cases/ownership.ts";
import { updateConversation } from "#store/conversations/conversations.ts";
import { addMessages } from "#store/conversations/messages.ts";
import { claimAndRead } from "#store/conversations/read-snapshot.ts";
import { rowFor } from "#test/store/approvals/rows.ts";
import {
  later,
  NOW,
  onEveryDatabase,
  type StoreBench,
  plannedRefund,
  messageOf,
  intentionIn,
} from "#test/store/bench.ts";

const MINUTE_MS = 60_000;

interface Left {
  readonly conversation: string;
  readonly key: string;
}

/** A conversation of the bot's with one open message. */
async function withMessage(bench: StoreBench): Promise<Left> {
  const conversation = await bench.conversation();
  const key = bench.id("message");
  await bench.execute(
    sql`insert into message (key, conversation_id, author_kind, author_id, visibility, text_digest, sent_at, received_at)
        values (${key}, ${conversation}, 'requester', 'email:ann', 'public', 'd', ${NOW.toISOString()}, ${NOW.toISOString()})`,
  );
  return { conversation, key };
}

async function isWoken(bench: StoreBench, { conversation }: Left, now = NOW): Promise<boolean> {
  const woken = await bench.run(takeConversationsToWake, {
    now,
    mailBefore: now,
    dueBefore: now,
    rungBefore: later(60 * MINUTE_MS),
    limit: 1_000,
  });
  return woken.includes(conversation);
}

/** A card of this conversation that answers these messages. */
async function cardOf(
  bench: StoreBench,
  conversation: string,
  answers: readonly string[],
): Promise<string> {
  const row = { ...rowFor(bench, conversation), answers: [...answers] };
  await bench.run(insertApproval, row, NOW);
  return row.id;
}

/** An action that waits for its time, a minute from now. */
async function planned(
  bench: StoreBench,
  conversation: string,
  operation: "reply" | "alert" | "note",
  answers: readonly string[] = [],
): Promise<string> {
  const key = bench.id(operation);
  const action = {
    target: "email" as const,
    operation,
    arguments: { text: "x", answers: [...answers] },
  };
  const how = intentionIn(bench, conversation, { notBefore: later(MINUTE_MS) });
  await bench.run(intend, [{ key, action, label: operation, facts: [] }], how);
  return key;
}

onEveryDatabase("messages that are left", (bench) => {
  test("one that nothing stands behind wakes its conversation, unless people have it or it has ended", async () => {
    const left = await withMessage(bench);
    assert.equal(await isWoken(bench, left), true);
    const ended = await withMessage(bench);
    await bench.execute(sql`update message set outcome = 'answered' where key = ${ended.key}`);
    assert.equal(await isWoken(bench, ended), false);
    const taken = await withMessage(bench);
    await bench.execute(
      sql`update conversation set owner = 'human' where id = ${taken.conversation}`,
    );
    assert.equal(await isWoken(bench, taken), false);
  });

  test("a card of its own conversation or of another one that answers it holds it until the card has ended", async () => {
    const here = await withMessage(bench);
    const own = await cardOf(bench, here.conversation, []);
    const there = await withMessage(bench);
    const other = await cardOf(bench, await bench.conversation(), [there.key]);
    for (const left of [here, there]) assert.equal(await isWoken(bench, left), false);
    for (const card of [own, other])
      await bench.execute(sql`update approval set state = 'void' where id = ${card}`);
    for (const left of [here, there]) assert.equal(await isWoken(bench, left), true);
  });

  test("a hand-over that can still be taken back holds it, here and there", async () => {
    const here = await withMessage(bench);
    const there = await withMessage(bench);
    const cards = [
      await cardOf(bench, here.conversation, [here.key]),
      await cardOf(bench, await bench.conversation(), [there.key]),
    ];
    for (const card of cards)
      await bench.execute(
        sql`update approval set state = 'rejected', undo_until = ${later(5_000).toISOString()} where id = ${card}`,
      );
    for (const left of [here, there]) {
      assert.equal(await isWoken(bench, left), false);
      assert.equal(await isWoken(bench, left, later(6_000)), true);
    }
  });

  test("a reply under way elsewhere and any action here hold it, an alert to the team does not", async () => {
    const there = await withMessage(bench);
    const reply = await planned(bench, await bench.conversation(), "reply", [there.key]);
    assert.equal(await isWoken(bench, there), false);
    await bench.execute(sql`update effect set state = 'failed' where key = ${reply}`);
    assert.equal(await isWoken(bench, there), true);
    const noted = await withMessage(bench);
    await planned(bench, noted.conversation, "note");
    assert.equal(await isWoken(bench, noted), false);
    const alerted = await withMessage(bench);
    await planned(bench, alerted.conversation, "alert");
    assert.equal(await isWoken(bench, alerted), true);
  });
});

onEveryDatabase("effects that wait", (bench) => {
  /** One of a conversation of its own, in this state. */
  async function effectIn(state: string): Promise<string> {
    const key = bench.id("refund");
    const conversationId = await bench.conversation();
    await bench.run(
      intend,
      [plannedRefund(key)],
      intentionIn(bench, conversationId, { approvedBy: "person" }),
    );
    await bench.execute(sql`update effect set state = ${state} where key = ${key}`);
    return key;
  }
  const effect = async (key: string) => {
    const found = await bench.run(effectByKey, key);
    assert.ok(found);
    return found;
  };

  test("an effect whose target is away waits, counts how often and since when, and forgets it once it moves", async () => {
    const key = await effectIn("executing");
    await bench.run(moveEffect, key, {
      state: "executing",
      awayCount: 2,
      awaySince: NOW,
      notBefore: later(1_500),
      error: "away",
      now: later(1_000),
    });
    const waiting = await effect(key);
    assert.deepEqual(
      [waiting.state, waiting.awayCount, waiting.awaySince, waiting.notBefore, waiting.error],
      ["executing", 2, NOW, later(1_500), "away"],
    );
    await bench.run(moveEffect, key, { state: "intended", now: NOW });
    const moved = await effect(key);
    assert.deepEqual([moved.awayCount, moved.awaySince], [0, null]);
    const done = await effectIn("done");
    const before = await effect(done);
    await bench.run(moveEffect, done, { state: "executing", error: "away", now: NOW });
    assert.deepEqual(await effect(done), before);
  });
});

const AS_WORKER = { owner: "worker", leaseMs: 60_000 };

onEveryDatabase("a conversation", (bench) => {
  if (bench.kind === "postgres")
    test("that another commit changes while the claim waits is read as that commit left it", async () => {
      const conversationId = await bench.conversation();
      const key = bench.id("m");
      const changed = Promise.withResolvers<void>();
      const commits = Promise.withResolvers<void>();
      const other = bench.run(async (transaction) => {
        const owned = { owner: "human", ownerReason: toldReason("a click") } as const;
        await updateConversation(transaction, conversationId, owned, NOW);
        await addMessages(transaction, conversationId, [messageOf(key)], NOW);
        changed.resolve();
        await commits.promise;
      });
      await changed.promise;
      const claiming = bench.run(claimAndRead, { conversationId, ...AS_WORKER, now: NOW });
      while (
        (await bench.count(
          sql`select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )) === 0
      )
        await delay(10);
      commits.resolve();
      await other;
      const claimed = await claiming;
      const { state, messageKeys } = claimed?.snapshot() ?? assert.fail("it was not claimed");
      assert.equal(state.owner, "human");
      assert.deepEqual(messageKeys, new Set([key]), "the owner is of now, the messages of before");
    });
});
