/** What a chat visitor is told: the state of the message that was asked about, and of no other. */
import { toldReason } from "#core/cases/ownership.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { replyKey, type PlannedAction } from "#core/values/action.ts";
import type { PassedOver } from "#core/values/message.ts";
import type { Outcome } from "#core/values/vocabulary.ts";
import { chatMarks, storedChatState, latestChat, writeLine } from "#store/chat/chat-state.ts";
import { updateConversation } from "#store/conversations/conversations.ts";
import { addMessages, setOutcome } from "#store/conversations/messages.ts";
import { failHints } from "#store/effects/dead-letters.ts";
import { intend } from "#store/effects/intend.ts";
import { beginEffect, moveEffect } from "#store/effects/ledger.ts";
import {
  acceptOne,
  hintOf,
  later,
  messageOf,
  NOW,
  onEveryDatabase,
  type StoreBench,
  intakeOptions,
  intentionIn,
} from "#test/store/bench.ts";
import { markRead, unreadHints } from "#test/support/stored-rows.ts";

onEveryDatabase("what a chat visitor is told", (bench) => {
  test("the state goes with the message: working, waiting for a person, answered", async () => {
    const { chat, conversation } = await openChat(bench);
    const question = await ask(bench, chat, conversation);
    const state = () => bench.run(storedChatState, chat, question);
    assert.equal((await state())?.status, "working");
    await waitForPerson(bench, conversation, [question], "pending");
    assert.equal((await state())?.status, "pending");
    const reply = await answer(bench, { chat, conversation, question }, "It is on its way.");
    assert.equal((await state())?.status, "working", "what is about to be written is waited for");
    await reply.arrive();
    await end(bench, conversation, [question], "answered");
    const told = await state();
    assert.deepEqual([told?.status, told?.answer], ["answered", "It is on its way."]);
    assert.equal(told?.asked, messageOf(question).text);
  });

  test("a card of an earlier question does not make the next one wait", async () => {
    const { chat, conversation } = await openChat(bench);
    const first = await ask(bench, chat, conversation);
    await waitForPerson(bench, conversation, [first], "approved");
    await end(bench, conversation, [first], "answered");
    const second = await ask(bench, chat, conversation);
    const state = await bench.run(storedChatState, chat, second);
    assert.equal(state?.status, "working");
  });

  test("a message that was given up before a worker could read it is reported as failed", async () => {
    const { chat, conversation } = await openChat(bench);
    const event = bench.id("event");
    await bench.run(acceptOne, hintOf(event, [chat]), intakeOptions(bench));
    await bench.run(async (transaction) => {
      const unread = await unreadHints(transaction, conversation, 10);
      await failHints(
        transaction,
        unread.map(({ id }) => id),
        "no worker survives it",
      );
    });
    for (const asked of [event, null]) {
      const state = await bench.run(storedChatState, chat, asked);
      assert.equal(state?.status, "failed");
    }
  });

  test("an earlier answer is not told as the answer to what was asked since", async () => {
    const { chat, conversation } = await openChat(bench);
    const first = await ask(bench, chat, conversation);
    const reply = await answer(bench, { chat, conversation, question: first }, "The first.");
    await reply.arrive();
    await end(bench, conversation, [first], "answered");
    const next = await bench.run(
      acceptOne,
      hintOf(bench.id("event"), [chat]),
      intakeOptions(bench),
    );
    assert.equal(next.conversationId, conversation);
    const newest = () => bench.run(storedChatState, chat, null);
    assert.equal((await newest())?.status, "working", "no worker has read the new message yet");
    await readAll(bench, conversation);
    const state = await newest();
    assert.deepEqual([state?.status, state?.answer], ["answered", "The first."]);
  });

  for (const [outcome, status] of [
    ["answered", "answered"],
    ["ignored", "answered"],
    ["rejected", "answered"],
    ["escalated", "escalated"],
    ["expired", "escalated"],
    ["failed", "failed"],
  ] as const)
    test(`a question that ended as ${outcome} is told as ${status}`, async () => {
      const { chat, conversation } = await openChat(bench);
      const question = await ask(bench, chat, conversation);
      await end(bench, conversation, [question], outcome);
      const state = await bench.run(storedChatState, chat, null);
      assert.equal(state?.status, status);
    });

  test("thanks do not hide that an earlier question still waits, nor what becomes of it", async () => {
    const { chat, conversation } = await openChat(bench);
    const question = await ask(bench, chat, conversation);
    await waitForPerson(bench, conversation, [question], "pending");
    const thanks = await ask(bench, chat, conversation);
    await end(bench, conversation, [thanks], "ignored", "thanks");
    const told = async () => (await bench.run(storedChatState, chat, null))?.status;
    const mark = async () => (await bench.run(chatMarks, [chat])).get(chat)?.mark;
    assert.equal((await bench.run(storedChatState, chat, thanks))?.status, "answered");
    assert.equal(await told(), "pending");
    const before = await mark();
    await end(bench, conversation, [question], "escalated");
    assert.equal(await told(), "escalated");
    assert.notEqual(await mark(), before);
  });

  test("a visitor goes on in the newest chat of their own that people have not taken over", async () => {
    const user = bench.id("u%_");
    const prefix = `chat:${user}:`;
    const older = await openChat(bench, prefix);
    const newer = await openChat(bench, prefix);
    // Neither what `like` takes for any character nor a name that goes on behind a colon is this user.
    await openChat(bench, prefix.replace("%", "x"));
    await openChat(bench, `${prefix}x:`);
    const touch = (id: string, at: Date, owner: "bot" | "human" = "bot") =>
      bench.run(updateConversation, id, { owner, ownerReason: toldReason("") }, at);
    await touch(older.conversation, later(1_000));
    await touch(newer.conversation, later(2_000));
    const latest = (since: Date, messageId: string | null = null) =>
      bench.run(latestChat, user, { since, messageId });
    assert.equal(await latest(NOW), newer.chat);
    assert.equal(await latest(later(2_001)), null);
    await touch(newer.conversation, later(2_000), "human");
    assert.equal(await latest(NOW), older.chat);
    const sent = { ...hintOf(`${newer.chat}:m1`, [newer.chat]), channel: "chat" } as const;
    await bench.run(acceptOne, sent, intakeOptions(bench));
    assert.equal(await latest(NOW, "m2"), older.chat);
    assert.equal(await latest(NOW, "m1"), newer.chat, "what is sent again goes where it was");
  });
});

async function openChat(bench: StoreBench, prefix = "chat:"): Promise<Chat> {
  const chat = bench.id(prefix);
  const { conversationId } = await bench.run(
    acceptOne,
    hintOf(bench.id("event"), [chat]),
    intakeOptions(bench),
  );
  await readAll(bench, conversationId);
  return { chat, conversation: conversationId };
}

interface Chat {
  readonly chat: string;
  readonly conversation: string;
}

function end(
  bench: StoreBench,
  decidedIn: string,
  keys: readonly string[],
  outcome: Outcome,
  passedOver: PassedOver | null = null,
): Promise<void> {
  return bench.run(
    setOutcome,
    keys,
    { outcome, reason: "because", passedOver, turnId: "turn_1", decidedIn },
    NOW,
  );
}

function readAll(bench: StoreBench, conversation: string): Promise<void> {
  return bench.run(async (transaction) => {
    const unread = await unreadHints(transaction, conversation, 50);
    await markRead(
      transaction,
      unread.map(({ id }) => id),
    );
  });
}

async function ask(bench: StoreBench, chat: string, conversation: string): Promise<string> {
  const key = `${chat}:${bench.id("m")}`;
  await bench.run(addMessages, conversation, [messageOf(key)], NOW);
  return key;
}

function waitForPerson(
  bench: StoreBench,
  conversation: string,
  answers: readonly string[],
  state: "pending" | "approved",
): Promise<void> {
  return bench.execute(
    sql`insert into approval (id, conversation_id, turn_id, kind, state, seal, revision, rules, needs, expires_at, card, answers, created_at, updated_at, asked_at)
        values (${bench.id("a")}, ${conversation}, 't', 'proposal', ${state}, '', '', '[]', '{}', now(), '{}', ${JSON.stringify(answers)}::jsonb, now(), now(), now())`,
  );
}

/** A reply that is intended; `arrive` is what the channel does later. */
async function answer(
  bench: StoreBench,
  { chat, conversation, question }: Chat & { readonly question: string },
  text: string,
): Promise<{ arrive(): Promise<void> }> {
  const planned: PlannedAction = {
    key: replyKey(conversation, [question]),
    label: "Reply",
    facts: [],
    action: {
      target: "chat",
      operation: "reply",
      arguments: {
        conversationId: conversation,
        to: { label: "you", audience: "private", address: {} },
        subject: "",
        text,
        answers: [question],
        automatic: true,
      },
    },
  };
  await bench.run(intend, [planned], intentionIn(bench, conversation));
  return {
    arrive: () =>
      bench.run(async (transaction) => {
        await beginEffect(transaction, planned.key, { fence: 1, now: NOW });
        await writeLine(transaction, { key: planned.key, conversationId: chat, text, at: NOW });
        await moveEffect(transaction, planned.key, { state: "done", ref: "x", now: NOW });
      }),
  };
}
